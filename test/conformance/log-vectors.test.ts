// Recomputes spec/vectors/log: entries, commitments, hashes, roots, proofs, checkpoint and receipt of one small log.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createNodeCrypto } from '../../src/crypto/node.ts';
import { decodeBundle, encodeBundle } from '../../src/log/bundle.ts';
import { openCheckpoint, signCheckpoint } from '../../src/log/checkpoint.ts';
import { consistencyProof, verifyConsistency } from '../../src/log/consistency.ts';
import { cosign } from '../../src/log/cosignature.ts';
import { commitment, type EntryKind, encodeEntry, makeEntry } from '../../src/log/entry.ts';
import { inclusionProof, verifyInclusion } from '../../src/log/inclusion.ts';
import { emptyRoot, Frontier, leafHash } from '../../src/log/merkle.ts';
import { formatSignatureLine } from '../../src/log/note.ts';
import {
  COSIGNATURE_V1,
  formatVerifierKey,
  NOTE_ED25519,
  noteSigner,
} from '../../src/log/note-key.ts';
import { formatProofFile, verifyProofFile } from '../../src/log/proof-file.ts';
import { parseTilePath, tileHashReader, tilePath } from '../../src/log/tile.ts';
import {
  concatBytes,
  decodeUtf8,
  fromHex,
  toBase64,
  toBase64url,
  toHex,
  utf8,
} from '../../src/protocol/bytes.ts';

const vectors = join(import.meta.dirname, '../../spec/vectors');
const read = (file: string) => JSON.parse(readFileSync(join(vectors, file), 'utf8'));
const crypto = createNodeCrypto();
const objects = read('objects/signing.json').cases as { expected: { canonical: string } }[];

interface Input {
  readonly origin: string;
  readonly logSeed: string;
  readonly witness: { name: string; seed: string; timestamp: number };
  readonly entries: { object: number; salt: string; kind: EntryKind; t: number }[];
  readonly proofIndex: number;
}

async function makeLog(input: Input) {
  const entries = input.entries.map(({ object, salt, kind, t }) => {
    const bytes = utf8(objects[object]!.expected.canonical);
    const entry = makeEntry(commitment(fromHex(salt)!, bytes, crypto), kind, t);
    return { entry, line: encodeEntry(entry) };
  });
  const leaves = entries.map(({ line }) => leafHash(line, crypto));
  const frontier = new Frontier(crypto);
  const roots = [emptyRoot(crypto)];
  for (const leaf of leaves) {
    frontier.append(leaf);
    roots.push(frontier.root());
  }
  const size = leaves.length;
  const tile = concatBytes(...leaves);
  const readHash = tileHashReader(() => tile, size, crypto);
  const key = noteSigner(input.origin, NOTE_ED25519, fromHex(input.logSeed)!, crypto);
  const checkpoint = signCheckpoint(
    { origin: input.origin, size, root: frontier.root() },
    key,
    crypto,
  );
  const { name, seed, timestamp } = input.witness;
  const witness = noteSigner(name, COSIGNATURE_V1, fromHex(seed)!, crypto);
  const text = checkpoint.slice(0, checkpoint.indexOf('\n\n') + 1);
  const signature = cosign(text, timestamp, witness, crypto);
  const cosignature = formatSignatureLine({ name, keyId: witness.keyId, signature });
  const index = input.proofIndex;
  const proof = await inclusionProof(index, size, readHash, crypto);
  const { entry } = entries[index]!;
  return {
    entries: entries.map(({ entry: { c }, line }, i) => ({
      c,
      line: decodeUtf8(line),
      leafHash: toHex(leaves[i]!),
    })),
    roots: roots.map(toBase64),
    tile: toHex(tile),
    bundle: toHex(encodeBundle(entries.map(({ line }) => line))),
    logKey: { keyId: key.keyId, vkey: formatVerifierKey(key) },
    witnessKey: { keyId: witness.keyId, vkey: formatVerifierKey(witness) },
    checkpoint,
    cosignature,
    inclusion: await Promise.all(
      leaves.map(async (_, i) => (await inclusionProof(i, size, readHash, crypto)).map(toBase64)),
    ),
    consistency: await Promise.all(
      leaves.map(async (_, i) =>
        (await consistencyProof(i + 1, size, readHash, crypto)).map(toBase64),
      ),
    ),
    proofFile: formatProofFile({ extra: null, index, hashes: proof, checkpoint }),
    receipt: {
      c: entry.c,
      checkpoint,
      id: `ni:///sha-256;${toBase64url(crypto.sha256(utf8(objects[input.entries[index]!.object]!.expected.canonical)))}`,
      index,
      k: entry.k,
      log: input.origin,
      proof: formatProofFile({ extra: null, index, hashes: proof, checkpoint }),
      salt: toBase64url(fromHex(input.entries[index]!.salt)!),
      t: entry.t,
    },
  };
}

describe('tree.json', () => {
  const { input, expected } = read('log/tree.json');

  test('is what this code makes of its input', async () => {
    expect(await makeLog(input)).toEqual(expected);
  });

  test('holds together: proofs lead to the root, the checkpoint and the proof file verify', async () => {
    const made = await makeLog(input);
    const size = made.entries.length;
    const bytes = (text: string) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
    const root = bytes(made.roots[size]!);
    for (const [i, { line }] of made.entries.entries()) {
      const path = made.inclusion[i]!.map(bytes);
      expect(verifyInclusion(i, size, leafHash(utf8(line), crypto), path, root, crypto)).toBe(true);
      const old = bytes(made.roots[i + 1]!);
      const steps = made.consistency[i]!.map(bytes);
      expect(verifyConsistency(i + 1, size, old, root, steps, crypto)).toBe(true);
    }
    expect(decodeBundle(fromHex(made.bundle)!, size)!.map(decodeUtf8)).toEqual(
      made.entries.map(({ line }) => line),
    );
    const key = noteSigner(input.origin, NOTE_ED25519, fromHex(input.logSeed)!, crypto);
    const witness = noteSigner(
      input.witness.name,
      COSIGNATURE_V1,
      fromHex(input.witness.seed)!,
      crypto,
    );
    const cosigned = `${made.checkpoint}${made.cosignature}\n`;
    expect(await openCheckpoint(cosigned, [key, witness], crypto, input.origin)).toMatchObject({
      ok: true,
      checkpoint: { size },
      signatures: [{ timestamp: null }, { timestamp: input.witness.timestamp }],
    });
    const policy = {
      logs: [{ verifier: key, url: null }],
      witnesses: [],
      groups: new Map(),
      quorum: 'none',
    };
    const line = utf8(made.entries[input.proofIndex]!.line);
    expect(await verifyProofFile(made.proofFile, line, policy, crypto)).toMatchObject({ ok: true });
  });
});

describe('tile-paths.json', () => {
  const { cases } = read('log/tile-paths.json') as {
    cases: { comment: string; path: string; level?: number; index?: number; width?: number }[];
  };
  test.each(cases)('$comment: $path', ({ path, level, index, width }) => {
    const expected = level === undefined ? null : { level, index, width };
    expect(parseTilePath(path)).toEqual(expected);
    if (level !== undefined) expect(tilePath(level, index!, width!)).toBe(path);
  });
});
