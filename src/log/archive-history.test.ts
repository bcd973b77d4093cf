// Older checkpoints in an archive and from outside: that the log continues them, when it was what, and evidence where it did not.
import { describe, expect, test } from 'vitest';
import { agents, policy, sample, verdict, verify } from '../../test/archive-verdict.ts';
import { cosign, crypto, edit, pack, SampleLog, START, unpack } from '../../test/sample-log.ts';
import { utf8 } from '../protocol/bytes.ts';
import { canonicalize } from '../protocol/jcs.ts';
import type { JsonObject } from '../protocol/json.ts';
import { verifyEvidence } from './evidence.ts';
import { COSIGNATURE_V1, formatVerifierKey, NOTE_ED25519, noteSigner } from './note-key.ts';

const { alice, bob, mallory } = agents;
const witness = noteSigner('w.example', COSIGNATURE_V1, crypto.sha256(utf8('w')), crypto);
const asked = policy(`witness w ${formatVerifierKey(witness)}`, 'quorum w');
const HOUR = 3600;

/** Archive of the sample, with checkpoints of these sizes, each cosigned at a time (seconds) or not at all. */
async function withHistory(log: SampleLog, ...kept: [size: number, at?: number][]) {
  const history = kept.map(([size, at], i) => ({
    day: `2026-09-0${i + 1}`,
    note: at === undefined ? log.checkpoint(size) : cosign(log.checkpoint(size), witness, at),
  }));
  const checkpoint = cosign(log.checkpoint(), witness, START + 20);
  return log.archive({ checkpoint, history });
}

describe('history/', () => {
  test('is compared with the entries and counted, with and without witnesses', async () => {
    const archive = await withHistory(sample().log, [2], [5, START + 6], [10, START + 12]);
    expect(await verify(archive)).toMatchObject({
      code: 0,
      history: { checkpoints: 3, witnessed: 0 },
      asOf: (START + 9) * 1000,
    });
    expect(await verify(archive, { policy: asked })).toMatchObject({
      code: 0,
      history: { checkpoints: 3, witnessed: 2 },
      asOf: (START + 20) * 1000,
    });
  });

  test('with a signature that a known witness has not made is refused, needed or not', async () => {
    const { log } = sample();
    const note = cosign(log.checkpoint(2), witness, START + 2);
    // The witness has signed another size.
    const stolen = note.slice(note.lastIndexOf('— '));
    const history = [{ day: '2026-09-01', note: log.checkpoint(3) + stolen }];
    const checkpoint = cosign(log.checkpoint(), witness, START + 20);
    const archive = await log.archive({ checkpoint, history });
    expect(await verdict(archive, { policy: asked })).toEqual([12, undefined]);
    expect(await verdict(archive)).toEqual([0]);
  });

  test('of another history is a fork, and the evidence of it stands by itself', async () => {
    const { log } = sample();
    const fork = SampleLog.founded(alice);
    fork.post(bob, 'Another history');
    const history = [{ day: '2026-09-01', note: fork.checkpoint(2) }];
    const report = await verify(await log.archive({ history }));
    expect(report.code).toBe(14);
    const evidence = report.fork as JsonObject;
    const bend = (change: object) =>
      verifyEvidence(canonicalize({ ...evidence, ...change }), crypto);
    expect(await bend({})).toMatchObject({
      ok: true,
      why: 'consistency',
      home: log.node.did,
      origin: log.origin,
      heads: [{ size: 2 }, { size: 10 }],
    });
    const newer = log.checkpoint();
    const { proof, root } = evidence.consistency as { proof: string[]; root: string };
    const heads = (older: string, of = newer) => ({ heads: [older, of] });
    const reasons = {
      no_contradiction: [
        heads(log.checkpoint(2)),
        { consistency: { root, proof: proof.slice(1) } },
        heads(fork.checkpoint(2), fork.checkpoint(2)),
      ],
      head_refused: [
        heads(fork.checkpoint(2, noteSigner(log.origin, NOTE_ED25519, mallory.seed, crypto))),
      ],
      malformed: [{ format: 'x' }, { consistency: { root, proof: ['AAAA'] } }, { log: 1 }],
    };
    for (const [reason, changes] of Object.entries(reasons)) {
      for (const change of changes) expect(await bend(change)).toMatchObject({ reason });
    }
  });

  test('that was signed by another key is refused, and is no evidence', async () => {
    const { log } = sample();
    const forger = noteSigner(log.origin, NOTE_ED25519, mallory.seed, crypto);
    const history = [{ day: '2026-09-01', note: log.checkpoint(4, forger) }];
    expect(await verdict(await log.archive({ history }))).toEqual([11, undefined]);
    const fork = SampleLog.founded(alice);
    fork.post(bob, 'Another history');
    const forged = [{ day: '2026-09-01', note: fork.checkpoint(2, forger) }];
    const report = await verify(await log.archive({ history: forged }));
    expect([report.code, report.fork]).toEqual([11, null]);
  });

  test('that goes further than the archive shows that it was cut short', async () => {
    const { log } = sample();
    const history = [{ day: '2026-09-01', note: log.checkpoint() }];
    const cut = SampleLog.founded(alice);
    expect(await verdict(await cut.archive({ history }))).toEqual([15, undefined]);
  });

  test('in another order, twice of a size, of another log or unreadable is malformed', async () => {
    const { log } = sample();
    const of = async (...notes: string[]) => {
      const history = notes.map((note, i) => ({ day: `2026-09-0${i + 1}`, note }));
      return (await verify(await log.archive({ history }))).code;
    };
    expect(await of(log.checkpoint(5), log.checkpoint(2))).toBe(10);
    expect(await of(log.checkpoint(5), log.checkpoint(5))).toBe(10);
    expect(await of('nothing')).toBe(10);
    expect(await of(SampleLog.founded(bob).checkpoint())).toBe(11);
    const days = ['2026-09-02', '2026-09-01'].map((day, i) => ({
      day,
      note: log.checkpoint(i + 1),
    }));
    expect((await verify(await log.archive({ history: days }))).code).toBe(10);
  });

  test('that was packed after the entries is passed over, and the report says so', async () => {
    const members = await unpack(await withHistory(sample().log, [2], [5]));
    const sorted = [...members].sort(([a], [b]) => (a < b ? -1 : 1));
    const report = await verify(await pack(sorted));
    expect(report).toMatchObject({ code: 0, history: { checkpoints: 0 } });
    const messages = report.findings.map(({ message }) => message).join();
    expect(messages).toContain('2 older checkpoints come after the entries');
  });
});

describe('the home’s clock', () => {
  test('is held to what witnesses of the verifier’s own policy say', async () => {
    const { log } = sample();
    const told = async (size: number, at: number) =>
      verdict(await withHistory(log, [size, at]), { policy: asked });
    expect(await told(5, START + 4)).toEqual([0]);
    expect(await told(5, START + 4 - 300)).toEqual([0]);
    // Entry 4 is dated after the witness had seen it.
    expect(await told(5, START + 4 - 301)).toEqual([13, 4]);
    expect(await told(5, START + 5 + 24 * HOUR)).toEqual([0]);
    // Entry 5 is dated more than a day before the time at which the witness had not seen it.
    const late = await withHistory(log, [5, START + 6 + 24 * HOUR]);
    const now = (START + 48 * HOUR) * 1000;
    expect(await verdict(late, { policy: asked, now })).toEqual([13, 5]);
    // Without a policy nobody has been asked, and nobody is believed.
    expect(await verdict(late, { now })).toEqual([0]);
  });

  test('ahead of the checkpoint’s own witnesses is a fault too', async () => {
    const { log } = sample();
    const checkpoint = cosign(log.checkpoint(), witness, START - 300);
    expect(await verdict(await log.archive({ checkpoint }), { policy: asked })).toEqual([13, 9]);
  });
});

describe('code 15: staleness', () => {
  test('by the last entry, or by the witnesses of a policy', async () => {
    const archive = await withHistory(sample().log);
    const at = (seconds: number) => ({ notBefore: (START + seconds) * 1000 });
    expect(await verdict(archive, at(9))).toEqual([0]);
    expect(await verdict(archive, at(10))).toEqual([15, undefined]);
    expect(await verdict(archive, { ...at(20), policy: asked })).toEqual([0]);
    expect(await verdict(archive, { ...at(21), policy: asked })).toEqual([15, undefined]);
  });
});

describe('policy', () => {
  test('of the archive is mentioned, and decides nothing', async () => {
    const { log } = sample();
    const forger = noteSigner(log.origin, NOTE_ED25519, mallory.seed, crypto);
    const own = `log ${formatVerifierKey(forger)}\nquorum none\n`;
    const checkpoint = log.checkpoint(10, forger);
    expect((await verify(await log.archive({ policy: own, checkpoint }))).code).toBe(11);
    const report = await verify(await log.archive({ policy: own }));
    expect(report.code).toBe(0);
    expect(report.findings[0]?.message).toBe(
      'the archive suggests a policy with 0 witnesses; it was not used',
    );
  });

  test('that cannot be read is malformed', async () => {
    const archive = await sample().log.archive({ policy: 'quorum none\n' });
    expect(await verdict(archive)).toEqual([0]);
    expect(await verdict(await edit(archive, 'policy', () => 'quorum\n'))).toEqual([10, undefined]);
  });
});
