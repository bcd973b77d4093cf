// Evidence in archives: checked by itself, held against the entries, and made where the archive contradicts what was signed.
import { describe, expect, test } from 'vitest';
import { agents, policy, sample, verdict, verify } from '../../test/archive-verdict.ts';
import {
  type Agent,
  crypto,
  pack,
  packAgain,
  SampleLog,
  unpack,
  webAgent,
} from '../../test/sample-log.ts';
import { concatBytes, decodeUtf8, toBase64url, toHex, utf8 } from '../protocol/bytes.ts';
import { canonicalize } from '../protocol/jcs.ts';
import type { JsonObject } from '../protocol/json.ts';
import { LOG_KEYS } from '../protocol/labels.ts';
import type { Receipt } from '../protocol/views.ts';
import type { HonouredReceipt } from './archive-receipts.ts';
import { verifyEvidence } from './evidence.ts';
import { type EvidenceKeys, encodeEvidence } from './evidence-file.ts';
import { inclusionProof } from './inclusion.ts';
import { leafHash } from './merkle.ts';
import { formatVerifierKey, NOTE_ED25519, noteSigner } from './note-key.ts';
import { formatProofFile } from './proof-file.ts';
import { formatReceiptFile } from './receipt-file.ts';
import { tileHashReader } from './tile.ts';

const { alice, bob, mallory } = agents;

/** Another history of the same submolt. */
function otherHistory(posts: number, node?: Agent): SampleLog {
  const log = SampleLog.founded(alice, node);
  for (let i = 0; i < posts; i++) log.post(bob, `Another history ${i}`);
  return log;
}

const statementOf = ({ keyStatement }: SampleLog) => JSON.parse(decodeUtf8(keyStatement));

/** Two roots for as many entries as the other history has. */
function evidenceOf(
  log: SampleLog,
  other: SampleLog,
  keys: EvidenceKeys = { keyStatement: statementOf(log) },
): Uint8Array {
  const size = other.entries.length;
  const heads = [log.checkpoint(size), other.checkpoint()] as const;
  return encodeEvidence({ origin: log.origin, keys, heads });
}

async function receiptOf(log: SampleLog, index: number, size = log.entries.length) {
  const leaves = log.entries.slice(0, size).map(({ line }) => leafHash(line, crypto));
  const reader = tileHashReader(() => concatBytes(...leaves), size, crypto);
  const hashes = await inclusionProof(index, size, reader, crypto);
  const checkpoint = log.checkpoint(size);
  const { bytes, line, salt } = log.entries[index] as (typeof log.entries)[0];
  const { c, k, t } = JSON.parse(decodeUtf8(line));
  const object = JSON.parse(decodeUtf8(bytes ?? utf8('null')));
  const name = `ni:///sha-256;${toBase64url(crypto.sha256(bytes ?? new Uint8Array()))}`;
  const proof = formatProofFile({ extra: null, index, hashes, checkpoint });
  const given = { id: name, log: log.origin, index, t, k, c, checkpoint, proof };
  const receipt = { ...given, salt: toBase64url(salt ?? new Uint8Array(16)) } as Receipt;
  const founding = JSON.parse(decodeUtf8(log.entries[0]?.bytes ?? utf8('null')));
  const file = { receipt, object, keyStatement: statementOf(log), founding, documents: [] };
  return { receipt, file: utf8(formatReceiptFile(file)) };
}

/** The archive with these bytes put in as somebody who packs it again would. */
async function withPiece(archive: Uint8Array, ...pieces: Uint8Array[]): Promise<Uint8Array> {
  const members = [...(await unpack(archive))];
  const at = members.findIndex(([name]) => name.startsWith('entries/'));
  const named = pieces.map(
    (bytes) => [`evidence/${toHex(crypto.sha256(bytes))}.json`, bytes] as const,
  );
  return packAgain(new Map([...members.slice(0, at), ...named, ...members.slice(at)]));
}

describe('evidence/', () => {
  test('holds what was brought against the home; the verdict on the entries stays what it is', async () => {
    const { log } = sample();
    const evidence = [evidenceOf(log, otherHistory(4)), evidenceOf(log, otherHistory(2))];
    const archive = await log.archive({ evidence });
    expect(await log.archive({ evidence: evidence.toReversed() })).toEqual(archive);
    expect(await log.archive({ evidence: [...evidence, ...evidence] })).toEqual(archive);
    const report = await verify(archive);
    expect(report).toMatchObject({ code: 0, fork: null });
    expect(report.evidence.map((piece) => ('sizes' in piece ? piece.sizes : null)).sort()).toEqual([
      [3, 3],
      [5, 5],
    ]);
    expect(report.evidence[0]).toMatchObject({
      kind: 'histories',
      log: log.origin,
      continues: [0],
    });
    expect(report.findings.map(({ message }) => message).join()).toContain(
      'these entries are of the first',
    );
    // The other history with the same pieces, and a third that is neither.
    const other = otherHistory(4);
    const [piece] = (await verify(await other.archive({ evidence }))).evidence;
    expect(piece).toMatchObject({ kind: 'histories' });
    const third = SampleLog.founded(alice);
    for (let i = 0; i < 9; i++) third.post(bob, `A third history ${i}`);
    const [neither] = (await verify(await third.archive({ evidence }))).evidence;
    expect(neither).toMatchObject({ continues: [] });
  });

  test('never makes a failed verdict better', async () => {
    const { log } = sample();
    const evidence = [evidenceOf(log, otherHistory(4))];
    const checkpoint = otherHistory(9).checkpoint();
    expect(await verdict(await log.archive({ evidence, checkpoint }))).toEqual([13, undefined]);
  });

  test('of another log of the same home is kept, and compared with nothing', async () => {
    const { log } = sample();
    const system = SampleLog.ofSystem();
    const other = SampleLog.ofSystem();
    system.add(system.node, { type: 'Add', object: bob.did, target: LOG_KEYS });
    other.add(other.node, { type: 'Add', object: mallory.did, target: LOG_KEYS });
    const report = await verify(await log.archive({ evidence: [evidenceOf(system, other)] }));
    expect(report.code).toBe(0);
    expect(report.evidence).toMatchObject([{ log: system.origin, continues: null }]);
  });

  test('that proves nothing, or something about another home, is a finding', async () => {
    const { log } = sample();
    const fork = otherHistory(4);
    const good = JSON.parse(decodeUtf8(evidenceOf(log, fork))) as JsonObject;
    const of = async (...pieces: (JsonObject | Uint8Array)[]) => {
      const evidence = pieces.map((one) => (one instanceof Uint8Array ? one : canonicalize(one)));
      const { code, evidence: held } = await verify(await log.archive({ evidence }));
      return [code, held.length];
    };
    const stranger = agents.carol;
    const elsewhere = otherHistory(4, stranger);
    const fake = noteSigner(log.origin, NOTE_ED25519, mallory.seed, crypto);
    const [first] = good.heads as string[];
    expect(await of(good)).toEqual([0, 1]);
    expect(await of({ ...good, heads: [first!, first!] })).toEqual([22, 0]);
    expect(await of({ ...good, heads: [first!, fork.checkpoint(5, fake)] })).toEqual([22, 0]);
    expect(await of(good, { ...good, heads: [first!, first!] })).toEqual([22, 1]);
    // A true contradiction, of a node that has nothing to do with this log but its name.
    expect(await of(evidenceOf(elsewhere, otherHistory(3, stranger)))).toEqual([22, 0]);
    expect(await of({ ...good, surplus: 1 })).toEqual([10, 0]);
    expect(await of(utf8('nothing'))).toEqual([10, 0]);
    // Keys that nobody states count if they are those of this log.
    const key = (signer = log.signer) =>
      evidenceOf(log, fork, { vkeys: [formatVerifierKey(signer)] });
    expect(await of(key())).toEqual([0, 1]);
    expect(await of(key(fake))).toEqual([22, 0]);
  });

  test('under another hash, too large, too often or twice is malformed', async () => {
    const { log } = sample();
    const piece = evidenceOf(log, otherHistory(4));
    const members = await unpack(await log.archive());
    const put = async (name: string, bytes = piece) =>
      (await verify(await packAgain(new Map([...members, [name, bytes]])))).code;
    expect(await put(`evidence/${'0'.repeat(64)}.json`)).toBe(10);
    expect(await put(`evidence/${toHex(crypto.sha256(piece)).toUpperCase()}.json`)).toBe(10);
    expect(await put('evidence/../x.json')).toBe(10);
    expect(await put(`evidence/${'0'.repeat(64)}.json`, new Uint8Array(1024 * 1024 + 1))).toBe(10);
    const many = Array.from({ length: 65 }, (_, i) => utf8(`${i}`));
    expect((await verify(await withPiece(await log.archive(), ...many))).code).toBe(10);
    const name = `evidence/${toHex(crypto.sha256(piece))}.json`;
    expect((await verify(await pack([...members, [name, piece], [name, piece]]))).code).toBe(10);
    // A writer takes no more than may be there.
    const archive = await log.archive({ evidence: many });
    const folder = [...(await unpack(archive)).keys()].filter((one) => one.startsWith('evidence/'));
    expect(folder).toHaveLength(64);
    expect(folder).toEqual([...folder].sort());
  });

  test('that comes after the entries is checked by itself and not compared with them', async () => {
    const { log } = sample();
    const members = [...(await unpack(await log.archive()))];
    const piece = evidenceOf(log, otherHistory(4));
    const { file } = await receiptOf(log, 5);
    for (const bytes of [piece, file]) {
      members.push([`evidence/${toHex(crypto.sha256(bytes))}.json`, bytes]);
    }
    const report = await verify(await packAgain(new Map(members)));
    expect(report).toMatchObject({ code: 0, evidence: [{ kind: 'histories', continues: null }] });
    const messages = report.findings.map(({ message }) => message);
    expect(messages.filter((one) => one.includes('comes after the entries'))).toHaveLength(2);
  });
});

describe('receipts in evidence/', () => {
  test('are held against the archive like those that the verifier brings', async () => {
    const { log } = sample();
    const { file } = await receiptOf(log, 5, 7);
    const kept = await verify(await withPiece(await log.archive(), file));
    expect(kept.code).toBe(0);
    expect(kept.evidence).toMatchObject([{ kind: 'receipt', index: 5, honoured: true }]);
    const broken = await verify(await withPiece(await otherHistory(9).archive(), file));
    expect(broken.code).toBe(31);
    expect(broken.evidence).toMatchObject([{ kind: 'receipt', index: 5, honoured: false }]);
  });

  test('that do not hold by themselves are a finding, and break nothing', async () => {
    const { log } = sample();
    const { file } = await receiptOf(log, 5);
    const bent = utf8(decodeUtf8(file).replace('"index": 5', '"index": 4'));
    const report = await verify(await withPiece(await log.archive(), bent));
    expect([report.code, report.evidence]).toEqual([22, []]);
    expect(report.counts['31']).toBeUndefined();
  });
});

describe('a broken receipt', () => {
  const convict = async (log: SampleLog, receipts: HonouredReceipt[]) => {
    const report = await verify(await log.archive(), { receipts });
    const found = report.fork && (await verifyEvidence(canonicalize(report.fork), crypto));
    return [report.code, found?.ok === true ? found : null] as const;
  };

  test('is evidence against whoever has signed it, whichever head is larger', async () => {
    const { log } = sample();
    for (const [size, others] of [
      [7, 9],
      [10, 6],
      [10, 9],
    ] as const) {
      const { receipt } = await receiptOf(log, 5, size);
      const [code, found] = await convict(otherHistory(others), [receipt]);
      expect(code).toBe(31);
      const why = size === others + 1 ? 'roots' : 'leaf';
      expect(found).toMatchObject({ why, home: log.node.did, origin: log.origin });
      expect(found?.heads.map((head) => head.size)).toEqual(
        [size, others + 1].sort((a, b) => a - b),
      );
    }
  });

  test('is none where the archive ends before it, or the receipt has no proof', async () => {
    const { log } = sample();
    const { receipt } = await receiptOf(log, 5);
    expect(await convict(otherHistory(3), [receipt])).toEqual([31, null]);
    const { proof: _, ...bare } = receipt;
    expect(await convict(otherHistory(9), [bare])).toEqual([31, null]);
  });
});

describe('a fork', () => {
  test('cannot be hidden behind unsigned notes that the archive brings', async () => {
    const { log } = sample();
    const fork = otherHistory(8);
    const forger = noteSigner(log.origin, NOTE_ED25519, mallory.seed, crypto);
    const history = [2, 3, 4, 5, 6].map((size, i) => ({
      day: `2026-09-0${i + 1}`,
      note: fork.checkpoint(size, forger),
    }));
    const since = fork.checkpoint(8);
    const report = await verify(await log.archive({ history }), { since });
    const found = report.fork && (await verifyEvidence(canonicalize(report.fork), crypto));
    expect(found).toMatchObject({ ok: true, heads: [{ size: 8 }, { size: 10 }] });
  });

  test('of a did:web brings the document that lists its key', async () => {
    const node = webAgent('node.example');
    const log = SampleLog.founded(alice, node);
    for (let i = 0; i < 5; i++) log.post(bob, `Post ${i}`);
    const since = otherHistory(3, node).checkpoint();
    const report = await verify(await log.archive(), { since });
    const found = report.fork && (await verifyEvidence(canonicalize(report.fork), crypto));
    expect([report.code, found]).toMatchObject([
      14,
      { ok: true, home: node.did, keyFrom: 'document', heads: [{ size: 4 }, { size: 6 }] },
    ]);
  });

  test('under a key that only the verifier’s policy knows says whose it is to nobody', async () => {
    const { log } = sample();
    const own = noteSigner(log.origin, NOTE_ED25519, mallory.seed, crypto);
    const archive = await log.archive({ checkpoint: log.checkpoint(10, own) });
    const since = otherHistory(3).checkpoint(4, own);
    const report = await verify(archive, {
      since,
      policy: policy(`log ${formatVerifierKey(own)}`, 'quorum none'),
    });
    const found = report.fork && (await verifyEvidence(canonicalize(report.fork), crypto));
    expect([report.code, found]).toMatchObject([14, { ok: true, home: null, keyFrom: 'reader' }]);
  });
});
