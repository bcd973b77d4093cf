// What a home says of a log in its system log, as an archive brings it: it holds, or the archive does not.
import { expect, test } from 'vitest';
import { agents, policy, sample, verdict, verify } from '../../test/archive-verdict.ts';
import {
  type Agent,
  agent,
  cosign,
  crypto,
  edit,
  packAgain,
  SampleLog,
  START,
  unpack,
} from '../../test/sample-log.ts';
import { headOf, placeFounding, stateHead } from '../../test/system-proofs.ts';
import { utf8 } from '../protocol/bytes.ts';
import type { Checkpoint } from './checkpoint.ts';
import type { StatedHead } from './head-proof.ts';
import { COSIGNATURE_V1, formatVerifierKey, noteSigner } from './note-key.ts';
import type { SystemEntry } from './system-entry.ts';

const { alice, bob } = agents;
const witness = noteSigner('w.example', COSIGNATURE_V1, crypto.sha256(utf8('w')), crypto);

const state = (head: Checkpoint, home?: Agent) => stateHead(head, witness, home);

test('a head that the home has stated is compared and reported, with who saw the system log', async () => {
  const { log } = sample();
  const systemHead = await state(headOf(log, 6));
  const archive = await log.archive({ systemHead });
  expect([...(await unpack(archive)).keys()]).toContain('system/head.json');
  const system = { size: 6, statedAt: (START + 1) * 1000, witnessed: false };
  expect(await verify(archive)).toMatchObject({ code: 0, system });
  // The log's own checkpoint is not cosigned; the system log, which has the statement, is.
  const asked = policy(`witness w ${formatVerifierKey(witness)}`, 'quorum w');
  const report = await verify(archive, { policy: asked });
  expect(report).toMatchObject({ code: 12, system: { ...system, witnessed: true } });
});

test('a head of another history, and one of a longer log than the archive has', async () => {
  const { log } = sample();
  const fork = SampleLog.founded(alice);
  fork.post(bob, 'Another history');
  expect(await verdict(await log.archive({ systemHead: await state(headOf(fork, 2)) }))).toEqual([
    14,
    undefined,
  ]);
  const systemHead = await state(headOf(log, 10));
  expect(await verdict(await SampleLog.founded(alice).archive({ systemHead }))).toEqual([
    15,
    undefined,
  ]);
});

test('a proof that does not hold, or not for this log', async () => {
  const { log } = sample();
  const good = await state(headOf(log, 6));
  const told = async (change: Partial<StatedHead>) =>
    (await verdict(await log.archive({ systemHead: { ...good, ...change } })))[0];
  expect(await told({})).toBe(0);
  expect(await told({ index: 1 - good.index })).toBe(22);
  expect(await told({ salt: 'A'.repeat(22) })).toBe(21);
  expect(await told({ proof: good.proof.replace('index 1', 'index 0') })).toBe(13);
  expect(await told({ proof: 'x' })).toBe(10);
  // One spelling only.
  const spaced = await edit(await log.archive({ systemHead: good }), 'system/head.json', (text) =>
    text.replace(':', ': '),
  );
  expect(await verdict(await packAgain(await unpack(spaced)))).toEqual([10, undefined]);
  // A witness's signature of something else, under a known key.
  const last = /— w.example .*\n$/;
  const [stolen = ''] = last.exec((await state(headOf(log, 5))).proof) ?? [];
  const systemHead = { ...good, proof: good.proof.replace(last, stolen) };
  const checkpoint = cosign(log.checkpoint(), witness, START + 20);
  const asked = policy(`witness w ${formatVerifierKey(witness)}`, 'quorum w');
  const archive = await log.archive({ checkpoint, systemHead });
  expect(await verdict(archive, { policy: asked })).toEqual([12, undefined]);
  // By another node of the same name, whose key is not the home's.
  expect(await told(await state(headOf(log, 6), agent('mallory')))).toBe(22);
});

const place = (log: SampleLog, act?: number, authority?: string) =>
  placeFounding(log, witness, act, authority);

test('the founding that the home has stated is reported, with who saw the system log', async () => {
  const { log } = sample();
  const archive = await log.archive({ systemFounding: await place(log) });
  expect([...(await unpack(archive)).keys()]).toContain('system/founding.json');
  const founding = { statedAt: (START + 1) * 1000, witnessed: false };
  expect(await verify(archive)).toMatchObject({ code: 0, founding, system: null });
  const asked = policy(`witness w ${formatVerifierKey(witness)}`, 'quorum w');
  const report = await verify(archive, { policy: asked, allowUnwitnessed: true });
  expect(report).toMatchObject({ code: 0, founding: { ...founding, witnessed: true } });
});

test('a founding that does not hold, or is not of this submolt or by this home', async () => {
  const { log } = sample();
  const good = await place(log);
  const told = async (systemFounding: SystemEntry) =>
    (await verdict(await log.archive({ systemFounding })))[0];
  expect(await told(good)).toBe(0);
  expect(await told({ ...good, salt: 'A'.repeat(22) })).toBe(21);
  expect(await told({ ...good, proof: good.proof.replace('index 1', 'index 0') })).toBe(13);
  expect(await told({ ...good, proof: '' })).toBe(10);
  expect(await told(await place(log, 5))).toBe(22);
  expect(await told(await place(log, 0, 'other.example'))).toBe(22);
  const forged = good.proof.replace(/— node\.example\/log\/system \S+/, (line) =>
    line.replace(/[A-Za-z0-9]/g, (c, at: number) => (at > 60 && at < 70 ? 'A' : c)),
  );
  expect(await told({ ...good, proof: forged })).toBe(11);
});

test('a system log says of its own submolts that they came and went, and of no others', async () => {
  const log = SampleLog.ofSystem();
  const group = { type: 'Group', preferredUsername: 'tea', name: 'Tea' };
  const founded = log.add(alice, { type: 'Create', target: log.node.did, object: group });
  const there = { audience: founded.name, object: founded.name };
  log.add(alice, { type: 'Move', ...there, origin: log.node.did, target: bob.did });
  expect(await verify(await log.archive())).toMatchObject({ code: 0, objects: 3 });
  const strangers = SampleLog.ofSystem();
  strangers.add(alice, { type: 'Create', target: bob.did, object: group });
  strangers.add(alice, { type: 'Move', ...there, origin: bob.did, target: log.node.did });
  expect(await verdict(strangers)).toEqual([22, 1, 2]);
  const { log: submolt } = sample();
  const another = { type: 'Create', target: submolt.node.did, object: group };
  submolt.push(submolt.sign(alice, another).bytes, 'Create');
  expect(await verdict(submolt)).toEqual([22, 10]);
});
