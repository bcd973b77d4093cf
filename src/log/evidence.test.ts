// Evidence convicts whoever signed both heads, and nobody who did not.
import { describe, expect, test } from 'vitest';
import { ForgedLog, forgeEntry } from '../../test/forged-log.ts';
import { crypto, identityOf } from '../../test/sandbox.ts';
import type { CommandContext } from '../commands/context.ts';
import { signOwn } from '../commands/sign-own.ts';
import { concatBytes, decodeUtf8, toBase64, utf8 } from '../protocol/bytes.ts';
import { didKeyOf } from '../protocol/did.ts';
import { canonicalize } from '../protocol/jcs.ts';
import type { JsonObject } from '../protocol/json.ts';
import { LOG_KEYS } from '../protocol/labels.ts';
import { nameOf } from '../protocol/object-name.ts';
import { consistencyProof } from './consistency.ts';
import { verifyEvidence } from './evidence.ts';
import { type EvidenceParts, encodeEvidence } from './evidence-file.ts';
import { inclusionProof } from './inclusion.ts';
import { leafHash } from './merkle.ts';
import { COSIGNATURE_V1, formatVerifierKey, NOTE_ED25519, noteVerifier } from './note-key.ts';
import { treeRoot } from './subtree.ts';
import { tileHashReader } from './tile.ts';

const node = identityOf('a');
const origin = `${node.authority}/log/system`;

function log(lines: number, changed = -1): ForgedLog {
  const entries = Array.from({ length: lines }, (_, i) =>
    forgeEntry({ type: 'Like', n: i === changed ? 1000 : i }, 1_000 + i),
  );
  return new ForgedLog(node, origin, entries);
}

function readerOf({ entries }: ForgedLog, size: number) {
  const leaves = entries.slice(0, size).map(({ line }) => leafHash(utf8(line), crypto));
  return tileHashReader(() => concatBytes(...leaves), size, crypto);
}

async function statement(of = node, logSeed = of.logSeed, place = {}): Promise<JsonObject> {
  const context = { crypto, node: of, now: () => Date.UTC(2026, 10, 20) } as CommandContext;
  const key = didKeyOf(crypto.publicKeyOf(logSeed));
  const { bytes } = await signOwn(context, {
    type: 'Add',
    object: key,
    target: LOG_KEYS,
    ...place,
  });
  return JSON.parse(decodeUtf8(bytes));
}

const stated = async () => ({ keyStatement: await statement() });

async function sameSize(): Promise<EvidenceParts> {
  const heads = [log(5).checkpoint(), log(5, 3).checkpoint()] as const;
  return { origin, keys: await stated(), heads };
}

async function otherSize(): Promise<EvidenceParts> {
  const larger = log(9);
  const reader = readerOf(larger, 9);
  const trueRoot = {
    root: await treeRoot(5, reader, crypto),
    proof: await consistencyProof(5, 9, reader, crypto),
  };
  const heads = [log(5, 3).checkpoint(), larger.checkpoint()] as const;
  return { origin, keys: await stated(), heads, trueRoot };
}

/** One entry under a head of five, and another in its place under one of nine. */
async function otherLeaf(index = 3): Promise<EvidenceParts> {
  const logs = [log(5, 3), log(9)] as const;
  const proofs = await Promise.all(
    logs.map((one) => {
      const { length } = one.entries;
      return inclusionProof(index, length, readerOf(one, length), crypto);
    }),
  );
  const hashes = logs.map(({ entries }) => leafHash(utf8(entries[index]?.line ?? ''), crypto));
  const leaves = { index, hashes, proofs } as unknown as EvidenceParts['leaves'];
  const heads = [logs[0].checkpoint(), logs[1].checkpoint()] as const;
  return { origin, keys: await stated(), heads, leaves: leaves ?? null };
}

const verdict = async (parts: EvidenceParts) => verifyEvidence(encodeEvidence(parts), crypto);

describe('evidence', () => {
  test('convicts a log that has signed two roots for one size', async () => {
    expect(await verdict(await sameSize())).toMatchObject({
      ok: true,
      home: node.did,
      origin,
      keyFrom: 'did',
      heads: [{ size: 5 }, { size: 5 }],
    });
  });

  test('convicts a log whose larger head does not go on from the smaller', async () => {
    expect(await verdict(await otherSize())).toMatchObject({
      ok: true,
      heads: [{ size: 5 }, { size: 9 }],
    });
  });

  test('convicts nobody of one history', async () => {
    const parts = await otherSize();
    const [small, large] = [log(5).checkpoint(), log(9).checkpoint()];
    const cases: Partial<EvidenceParts>[] = [
      { heads: [small, small], trueRoot: null },
      { heads: [small, large] },
      { heads: [small, large], trueRoot: null },
      { heads: [large, log(5, 3).checkpoint()] },
      { trueRoot: { root: new Uint8Array(32), proof: parts.trueRoot?.proof ?? [] } },
      { trueRoot: { root: parts.trueRoot?.root ?? new Uint8Array(32), proof: [] } },
    ];
    for (const changed of cases) {
      expect(await verdict({ ...parts, ...changed })).toMatchObject({
        ok: false,
        reason: 'no_contradiction',
      });
    }
  });

  test('convicts a log that has two entries at one place, whichever head is asked', async () => {
    expect(await verdict(await otherLeaf())).toMatchObject({
      ok: true,
      why: 'leaf',
      heads: [{ size: 5 }, { size: 9 }],
    });
    const parts = await otherLeaf();
    const { hashes, index, proofs } = parts.leaves as NonNullable<EvidenceParts['leaves']>;
    for (const leaves of [
      { index: 2, hashes, proofs },
      { index, hashes: [hashes[0], hashes[0]] as const, proofs },
      { index, hashes: [hashes[1], hashes[0]] as const, proofs },
      { index, hashes, proofs: [proofs[0], proofs[1].slice(1)] as const },
      { index: 5, hashes, proofs },
      (await otherLeaf(1)).leaves ?? null,
    ]) {
      expect(await verdict({ ...parts, leaves })).toMatchObject({ reason: 'no_contradiction' });
    }
  });

  test('says under which key each head counts, and whether the home has replaced it', async () => {
    const later = { ...node, logSeed: identityOf('b').logSeed };
    const first = await statement();
    const name = nameOf(canonicalize(first), crypto);
    const chain = (second: JsonObject) => ({ keyStatement: [first, second] });
    const second = await statement(node, later.logSeed, { previous: name, seq: 1 });
    const forged = new ForgedLog(later, origin, log(5).entries);
    const heads = [log(5, 3).checkpoint(), forged.checkpoint()] as const;
    const vkeys = [node, later].map(({ logSeed }) =>
      formatVerifierKey(noteVerifier(origin, NOTE_ED25519, crypto.publicKeyOf(logSeed), crypto)),
    );
    const parts = { origin, keys: chain(second), heads };
    const both = { ok: true, why: 'roots', home: node.did, signers: vkeys };
    expect(await verdict(parts)).toMatchObject({ ...both, replacedKey: true });
    // Two heads under the newest key are nobody's but the home's.
    const now = new ForgedLog(later, origin, log(5, 3).entries).checkpoint();
    expect(await verdict({ ...parts, heads: [now, heads[1]] })).toMatchObject({
      ok: true,
      replacedKey: false,
    });
    expect(await verdict({ ...parts, keys: { keyStatement: first } })).toMatchObject({
      reason: 'head_refused',
    });
    // Somebody else may state a key of its own after it; that makes it no key of this log.
    const stranger = identityOf('c');
    const theirs = await statement(stranger, later.logSeed, { previous: name, seq: 1 });
    for (const keys of [chain(theirs), { keyStatement: [second, first] }, { keyStatement: [] }]) {
      expect(await verdict({ ...parts, keys })).toMatchObject({ reason: 'key_statement_refused' });
    }
  });

  test('may name keys that nobody has stated, and then says no more than that', async () => {
    const publicKey = crypto.publicKeyOf(node.logSeed);
    const vkey = (name: string) =>
      formatVerifierKey(noteVerifier(name, NOTE_ED25519, publicKey, crypto));
    const parts = await sameSize();
    const keys = (...vkeys: string[]) => verdict({ ...parts, keys: { vkeys } });
    const named = { ok: true, home: null, keyFrom: 'reader', replacedKey: false };
    expect(await keys(vkey(origin))).toMatchObject(named);
    expect(await keys(vkey(origin), vkey(origin))).toMatchObject(named);
    const other = crypto.publicKeyOf(identityOf('b').logSeed);
    const wrong = formatVerifierKey(noteVerifier(origin, NOTE_ED25519, other, crypto));
    expect(await keys(vkey(origin), wrong)).toMatchObject({ reason: 'head_refused' });
    for (const key of [
      vkey('other.example/log/system'),
      'nonsense',
      formatVerifierKey(noteVerifier(origin, COSIGNATURE_V1, publicKey, crypto)),
    ]) {
      expect(await keys(key)).toMatchObject({ reason: 'key_statement_refused' });
    }
  });

  test('takes no head of another key or another log', async () => {
    const parts = await sameSize();
    const [first] = parts.heads;
    const stranger = new ForgedLog(identityOf('b'), origin, log(5, 3).entries).checkpoint();
    const elsewhere = new ForgedLog(node, `${node.authority}/log/other`, log(5, 3).entries);
    for (const second of [stranger, elsewhere.checkpoint(), 'no note']) {
      const refused = await verdict({ ...parts, heads: [first, second] });
      expect(refused).toMatchObject({ ok: false, reason: 'head_refused' });
    }
  });

  test('takes no statement but the home’s own of its log key', async () => {
    const parts = await sameSize();
    const good = await statement();
    const statements: [JsonObject, string][] = [
      [
        { ...good, object: didKeyOf(crypto.publicKeyOf(identityOf('b').logSeed)) },
        'key_statement_refused',
      ],
      [{ ...good, target: 'https://w3id.org/exuvia/label#witness-keys' }, 'key_statement_refused'],
      [{}, 'key_statement_refused'],
      [await statement(node, identityOf('b').logSeed), 'head_refused'],
    ];
    for (const [keyStatement, reason] of statements) {
      expect(await verdict({ ...parts, keys: { keyStatement } })).toMatchObject({
        ok: false,
        reason,
      });
    }
  });

  test('refuses what is no evidence file', async () => {
    const good = JSON.parse(decodeUtf8(encodeEvidence(await otherSize()))) as JsonObject;
    const hash = toBase64(new Uint8Array(32));
    for (const changed of [
      { format: 'other' },
      { log: 1 },
      { heads: [] },
      { heads: ['a', 'b', 'c'] },
      { heads: [1, 2] },
      { consistency: { root: 'AAAA', proof: [1] } },
      { consistency: 'x' },
      { consistency: { root: toBase64(new Uint8Array(32)), proof: Array(65).fill(hash) } },
      { documents: 'x' },
      { documents: Array(9).fill({}) },
      { keyStatement: null },
      { vkeys: ['a'] },
      { keyStatement: 'a' },
      { leaf: 'x' },
      { leaf: { index: -1, hashes: [hash, hash], proofs: [[], []] } },
      { leaf: { index: 0, hashes: [hash], proofs: [[], []] } },
      { leaf: { index: 0, hashes: [hash, hash], proofs: [[]] } },
      { leaf: { index: 0, hashes: [hash, hash], proofs: [[], []] } },
      { surplus: 1 },
    ]) {
      const bytes = canonicalize({ ...good, ...changed } as JsonObject);
      expect(await verifyEvidence(bytes, crypto)).toMatchObject({ ok: false, reason: 'malformed' });
    }
    expect(await verifyEvidence(utf8('{'), crypto)).toMatchObject({ reason: 'malformed' });
    const { keyStatement: _, ...unsigned } = good;
    for (const vkeys of [[], ['a', 'b', 'c'], [1], 'a']) {
      const bytes = canonicalize({ ...unsigned, vkeys } as JsonObject);
      expect(await verifyEvidence(bytes, crypto)).toMatchObject({ reason: 'malformed' });
    }
    const padded = utf8(`${' '.repeat(131_072)}${decodeUtf8(canonicalize(good))}`);
    expect(await verifyEvidence(padded, crypto)).toMatchObject({ reason: 'malformed' });
    const named = canonicalize({ ...good, log: 'no name' });
    expect((await verifyEvidence(named, crypto)).ok).toBe(false);
  });
});
