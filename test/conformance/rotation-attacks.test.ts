// Log keys that were replaced: what goes on, and what somebody who has stolen a key, or made one up, does not get through.
import { describe, expect, test } from 'vitest';
import type { ArchiveReport } from '../../src/log/archive-verify.ts';
import { verifyEvidence } from '../../src/log/evidence.ts';
import { encodeKeyChain } from '../../src/log/key-chain.ts';
import { formatNote, makeSignature, parseNote } from '../../src/log/note.ts';
import { formatVerifierKey, NOTE_ED25519, noteSigner } from '../../src/log/note-key.ts';
import { utf8 } from '../../src/protocol/bytes.ts';
import { didKeyOf } from '../../src/protocol/did.ts';
import { canonicalize } from '../../src/protocol/jcs.ts';
import type { JsonObject } from '../../src/protocol/json.ts';
import { LOG_KEYS, WITNESS_KEYS } from '../../src/protocol/labels.ts';
import { nameOf } from '../../src/protocol/object-name.ts';
import { agents, policy, verdict, verify } from '../archive-verdict.ts';
import { type Agent, agent, crypto, SampleLog } from '../sample-log.ts';

const { alice, bob, mallory } = agents;

/** A log that has grown under two keys: `before` is its signer of then, with a checkpoint of that time. */
function rotated(log = SampleLog.founded(alice)) {
  if (log.submolt !== null) log.post(bob, 'Under the first key');
  const before = log.signer;
  const older = log.checkpoint();
  log.rotate('second');
  if (log.submolt !== null) log.post(bob, 'Under the second key');
  return { log, before, older };
}

/** A statement like that of `log`'s newest key, changed. */
function statement(log: SampleLog, by: Agent, change: object) {
  const object = didKeyOf(crypto.publicKeyOf(crypto.sha256(utf8('key of mallory'))));
  const previous = nameOf(log.statements.at(-1)!, crypto);
  const place = { seq: log.statements.length, previous };
  return log.sign(by, { type: 'Add', object, target: LOG_KEYS, ...place, ...change }).bytes;
}

const message = ({ findings }: ArchiveReport) => findings.find(({ code }) => code === 11)?.message;
const vkey = (log: SampleLog) => `log ${formatVerifierKey(log.signer)}`;

describe('a log whose key was replaced', () => {
  test('verifies from its first entry to its last, under what the home has stated', async () => {
    const { log, older } = rotated();
    const history = [{ day: '2026-09-21', note: older }];
    const report = await verify(await log.archive({ history }), { since: older });
    expect(report).toMatchObject({ code: 0, signer: formatVerifierKey(log.signer) });
    expect(report.history.checkpoints).toBe(1);
    log.rotate('third');
    log.post(bob, 'Under the third key');
    expect(await verdict(await log.archive({ history }), { since: older })).toEqual([0]);
  });

  test('verifies as it was before, with the statements there were then', async () => {
    const { log, older } = rotated();
    const keyStatement = encodeKeyChain(log.statements.slice(0, 1));
    expect(await verdict(await log.archive({ checkpoint: older, size: 2, keyStatement }))).toEqual([
      0,
    ]);
  });

  test('a system log states each key once, in their order, and node.json says the same', async () => {
    const { log } = rotated(SampleLog.ofSystem());
    log.rotate('third');
    expect(await verdict(log)).toEqual([0]);
    const keyStatement = encodeKeyChain(log.statements.slice(0, 2));
    const signer = noteSigner(
      log.origin,
      NOTE_ED25519,
      crypto.sha256(utf8('log key second')),
      crypto,
    );
    const cut = { keyStatement, checkpoint: log.checkpoint(3, signer) };
    expect(await verdict(await log.archive(cut))).toEqual([22, 2]);
    const short = { checkpoint: log.checkpoint(2), size: 2 };
    expect(await verdict(await log.archive(short))).toEqual([22, undefined]);
  });

  test('has forked where a head under the first key is no part of it, and that stands by itself', async () => {
    const { log, before } = rotated();
    const other = SampleLog.founded(alice);
    other.post(bob, 'Another history');
    const report = await verify(await log.archive(), { since: other.checkpoint(2, before) });
    expect(report.code).toBe(14);
    const bend = (change: object) =>
      verifyEvidence(canonicalize({ ...report.fork, ...change } as JsonObject), crypto);
    expect(await bend({})).toMatchObject({
      ok: true,
      home: log.node.did,
      heads: [{ size: 2 }, { size: 3 }],
      signers: [before, log.signer].map(formatVerifierKey),
      replacedKey: true,
    });
    const [first, second] = (report.fork?.keyStatement ?? []) as JsonObject[];
    expect(await bend({ keyStatement: first! })).toMatchObject({ reason: 'head_refused' });
    expect(await bend({ keyStatement: second! })).toMatchObject({
      reason: 'key_statement_refused',
    });
  });
});

describe('attacks', () => {
  test('a head of today signed with the key that was replaced', async () => {
    const { log, before } = rotated();
    const checkpoint = log.checkpoint(3, before);
    const report = await verify(await log.archive({ checkpoint }));
    expect(report.code).toBe(11);
    expect(message(report)).toContain(formatVerifierKey(before));
  });

  test('the same, and the statement left out: who knows of it is not taken in', async () => {
    const { log, before } = rotated();
    const keyStatement = encodeKeyChain(log.statements.slice(0, 1));
    const archive = await log.archive({ checkpoint: log.checkpoint(3, before), keyStatement });
    // By itself it is what the log would be if nothing had happened to its key.
    expect(await verdict(archive)).toEqual([0]);
    expect(await verdict(archive, { knownStatement: log.keyStatement })).toEqual([11, undefined]);
    expect(await verdict(archive, { policy: policy(vkey(log), 'quorum none') })).toEqual([
      11,
      undefined,
    ]);
  });

  test('a statement that somebody else has signed', async () => {
    const { log } = rotated();
    const forged = statement(log, mallory, {});
    const keyStatement = encodeKeyChain([...log.statements, forged]);
    log.logSeed = crypto.sha256(utf8('key of mallory'));
    expect(await verdict(await log.archive({ keyStatement }))).toEqual([11, undefined]);
  });

  test('statements out of order, twice, without what they continue, or of another thing', async () => {
    const { log } = rotated();
    log.rotate('third');
    const [first, second, third] = log.statements.map((bytes) => bytes as Uint8Array) as [
      Uint8Array,
      Uint8Array,
      Uint8Array,
    ];
    const again = didKeyOf(crypto.publicKeyOf(crypto.sha256(utf8('log key'))));
    const rival = statement(log, log.node, {
      seq: 1,
      previous: nameOf(log.statements[0]!, crypto),
    });
    const chains = [
      [second, first, third],
      [first, third],
      [second, third],
      [first, second, second],
      [first, second, rival],
      [first, second, third, statement(log, log.node, { seq: 4 })],
      [first, second, third, statement(log, log.node, { previous: undefined })],
      [first, second, third, statement(log, log.node, { object: again })],
      [first, second, third, statement(log, log.node, { target: WITNESS_KEYS })],
    ];
    for (const chain of chains) {
      const keyStatement = encodeKeyChain(chain);
      expect(await verdict(await log.archive({ keyStatement }))).toEqual([11, undefined]);
    }
    expect(await verdict(log)).toEqual([0]);
  });

  test('the keys of another node', async () => {
    const { log } = rotated();
    const other = rotated(SampleLog.founded(alice, agent('another node'))).log;
    expect((await verify(await log.archive({ keyStatement: other.keyStatement }))).code).toBe(11);
    const mixed = encodeKeyChain([log.statements[0]!, other.statements[1]!]);
    expect(await verdict(await log.archive({ keyStatement: mixed }))).toEqual([11, undefined]);
  });

  test('more statements than anybody reads', async () => {
    const log = SampleLog.founded(alice);
    for (let i = 0; i < 64; i++) log.rotate(`${i}`);
    expect(await verdict(log)).toEqual([11, undefined]);
  });
});

describe('a policy that names log keys', () => {
  const named = (...lines: string[]) => ({ policy: policy(...lines, 'quorum none') });

  test('decides alone: the newest head has to be signed with one of them', async () => {
    const { log, before, older } = rotated();
    const [first, second] = [`log ${formatVerifierKey(before)}`, vkey(log)];
    const history = [{ day: '2026-09-21', note: older }];
    const archive = await log.archive({ history });
    expect(await verdict(archive, named(second))).toEqual([0]);
    expect(await verdict(archive, named(first, second))).toEqual([0]);
    const report = await verify(archive, named(first));
    expect(report.code).toBe(11);
    expect(message(report)).toContain(formatVerifierKey(log.signer));
  });

  test('both keys sign the heads there are when one replaces the other: either will do', async () => {
    const { log, before } = rotated();
    const parsed = parseNote(log.checkpoint());
    if (!parsed.ok) throw new Error(parsed.detail);
    const { signatures, text } = parsed.note;
    const old = makeSignature(text, before, crypto);
    const checkpoint = formatNote({ text, signatures: [old, ...signatures] });
    const archive = await log.archive({ checkpoint });
    expect(await verdict(archive)).toEqual([0]);
    expect((await verify(archive)).signer).toBe(formatVerifierKey(log.signer));
    expect(await verdict(archive, named(`log ${formatVerifierKey(before)}`))).toEqual([0]);
    expect(await verdict(archive, named(vkey(log)))).toEqual([0]);
  });
});
