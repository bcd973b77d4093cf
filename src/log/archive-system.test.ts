// What a home says of a log in its system log, as an archive brings it: it holds, or the archive does not.
import { expect, test } from 'vitest';
import { agents, policy, sample, verdict, verify } from '../../test/archive-verdict.ts';
import { agent, cosign, crypto, SampleLog, START, unpack } from '../../test/sample-log.ts';
import { decodeUtf8, toBase64url, utf8 } from '../protocol/bytes.ts';
import { type Checkpoint, parseCheckpoint } from './checkpoint.ts';
import type { StatedHead } from './head-proof.ts';
import { formatHeads, proveHead, sortHeads } from './heads.ts';
import { inclusionProof } from './inclusion.ts';
import { Frontier, leafHash } from './merkle.ts';
import { COSIGNATURE_V1, formatVerifierKey, noteSigner } from './note-key.ts';
import { formatProofFile } from './proof-file.ts';
import type { SystemEntry } from './system-entry.ts';

const { alice, bob } = agents;
const witness = noteSigner('w.example', COSIGNATURE_V1, crypto.sha256(utf8('w')), crypto);

function headOf(log: SampleLog, size: number): Checkpoint {
  const text = log.checkpoint(size).split('\n\n')[0];
  const parsed = parseCheckpoint(`${text}\n`);
  return parsed.ok ? parsed.checkpoint : expect.fail(parsed.detail);
}

/** Heads of two logs in a system log of `home`, and the proof of the first of them. */
async function state(head: Checkpoint, home = agent('node'), authority = 'node.example') {
  const system = new SampleLog(home, authority);
  system.push(system.sign(home, JSON.parse(decodeUtf8(system.keyStatement))).bytes, 'Add');
  const other = { ...head, origin: head.origin.replace(/\/log\/.*/, `/log/${'A'.repeat(43)}`) };
  const sorted = sortHeads([head, other]);
  const content = formatHeads(authority, sorted, crypto);
  const object = { type: 'Document', mediaType: 'text/plain', content };
  const { index } = system.add(home, { type: 'Update', object });
  const nodes = new Map<string, Uint8Array>();
  const frontier = new Frontier(crypto);
  for (const { line } of system.entries) {
    frontier.append(leafHash(line, crypto), (level, i, hash) => nodes.set(`${level}/${i}`, hash));
  }
  const read = (level: number, i: number) => nodes.get(`${level}/${i}`)!;
  const hashes = await inclusionProof(index, system.entries.length, read, crypto);
  const checkpoint = cosign(system.checkpoint(), witness, START + 20);
  const { bytes, line, salt } = system.entries[index]!;
  const proof = await proveHead(sorted, head.origin, crypto);
  return {
    ...proof!,
    head,
    line: decodeUtf8(line),
    object: JSON.parse(decodeUtf8(bytes!)),
    salt: toBase64url(salt!),
    proof: formatProofFile({ extra: null, index, hashes, checkpoint }),
  } satisfies StatedHead;
}

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
  // By another node of the same name, whose key is not the home's.
  expect(await told(await state(headOf(log, 6), agent('mallory')))).toBe(22);
});

/** The entry of a system log of `home` that says what `act` of `log` is. */
async function place(log: SampleLog, act = 0, home = agent('node'), authority = 'node.example') {
  const system = new SampleLog(home, authority);
  system.push(system.sign(home, JSON.parse(decodeUtf8(system.keyStatement))).bytes, 'Add');
  const index = system.push(log.entries[act]!.bytes!, 'Create');
  const { bytes, line, salt } = system.entries[index]!;
  const hashes = [leafHash(system.entries[0]!.line, crypto)];
  const checkpoint = cosign(system.checkpoint(), witness, START + 20);
  return {
    line: decodeUtf8(line),
    object: JSON.parse(decodeUtf8(bytes!)),
    salt: toBase64url(salt!),
    proof: formatProofFile({ extra: null, index, hashes, checkpoint }),
  };
}

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
  expect(await told(await place(log, 0, undefined, 'other.example'))).toBe(22);
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
