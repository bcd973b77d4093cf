// Two complete logs: Tessera's of 15 entries, and one of 300 with witnesses, policy, proof and fork.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { vectorPath } from '../../test/vectors.ts';
import { createNodeCrypto } from '../crypto/node.ts';
import { concatBytes, fromBase64, fromHex, toBase64 } from '../protocol/bytes.ts';
import { decodeBundle, encodeBundle } from './bundle.ts';
import { openCheckpoint, parseCheckpoint, signCheckpoint } from './checkpoint.ts';
import { consistencyProof, verifyConsistency } from './consistency.ts';
import { inclusionProof } from './inclusion.ts';
import { Frontier, leafHash } from './merkle.ts';
import { parseNote } from './note.ts';
import { formatVerifierKey, NOTE_ED25519, noteSigner, parseVerifierKey } from './note-key.ts';
import { evaluateQuorum, type Policy, parsePolicy } from './policy.ts';
import { formatProofFile, parseProofFile, verifyProofFile } from './proof-file.ts';
import { treeRoot } from './subtree.ts';
import { tileHashReader, tilePath, tilesOf } from './tile.ts';

const crypto = createNodeCrypto();
const sample = vectorPath('tlog', 'sample-log');
const tessera = vectorPath('tlog', 'tessera-log', 'testdata', 'log');

const bytesOf = (root: string, path: string) => new Uint8Array(readFileSync(join(root, path)));
const textOf = (root: string, path: string) => readFileSync(join(root, path), 'utf8');
const entriesOf = (root: string, index: number, width: number) =>
  decodeBundle(bytesOf(root, tilePath('entries', index, width)), width) as Uint8Array[];

function keyOf(vkey: string) {
  const parsed = parseVerifierKey(vkey, crypto);
  if (!parsed.ok) throw new Error(parsed.detail);
  return parsed.verifier;
}

function samplePolicy(): Policy {
  const result = parsePolicy(bytesOf(sample, 'policy'), crypto);
  if (!result.ok) throw new Error(result.detail);
  return result.policy;
}

test('Tessera’s entries lead to the root of each of its checkpoints, and to its tiles', async () => {
  const key = keyOf(
    'example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx',
  );
  const frontier = new Frontier(crypto);
  let tile: Uint8Array = new Uint8Array(0);
  for (let size = 0; size <= 15; size++) {
    if (size > 0) {
      const entries = entriesOf(tessera, 0, size);
      expect(encodeBundle(entries)).toEqual(bytesOf(tessera, tilePath('entries', 0, size)));
      const hash = leafHash(entries[size - 1] as Uint8Array, crypto);
      frontier.append(hash);
      tile = concatBytes(tile, hash);
      expect(bytesOf(tessera, tilePath(0, 0, size))).toEqual(tile);
    }
    const opened = await openCheckpoint(textOf(tessera, `checkpoint.${size}`), [key], crypto);
    expect(opened.ok && opened.checkpoint).toMatchObject({ size, root: frontier.root() });
  }
});

test('the sample log’s tiles are those its entries make, and no more', async () => {
  const entries = [...entriesOf(sample, 0, 256), ...entriesOf(sample, 1, 44)];
  const nodes = new Map<string, Uint8Array>();
  const frontier = new Frontier(crypto);
  for (const entry of entries) {
    frontier.append(leafHash(entry, crypto), (level, index, hash) =>
      nodes.set(`${level}/${index}`, hash),
    );
  }
  const paths = [...tilesOf(300)].map(({ level, index, width }) => {
    const hashes = Array.from(
      { length: width },
      (_, i) => nodes.get(`${8 * level}/${256 * index + i}`) as Uint8Array,
    );
    const path = tilePath(level, index, width);
    expect(bytesOf(sample, path)).toEqual(concatBytes(...hashes));
    return path;
  });
  expect(paths).toEqual(['tile/0/000', 'tile/0/001.p/44', 'tile/1/000.p/1']);
  expect(existsSync(join(sample, tilePath(2, 0, 1)))).toBe(false);
});

test('the sample log’s checkpoint has its quorum, and the fork of the same size has none', async () => {
  const policy = samplePolicy();
  const keys = [...policy.logs, ...policy.witnesses].map(({ verifier }) => verifier);
  const opened = await openCheckpoint(textOf(sample, 'checkpoint'), keys, crypto);
  const fork = await openCheckpoint(textOf(sample, 'forked-checkpoint'), keys, crypto);
  if (!opened.ok || !fork.ok) throw new Error('the sample log’s checkpoints do not open');
  expect(evaluateQuorum(policy, opened.signatures)).toEqual({
    met: true,
    quorum: 'peers',
    names: ['b', 'c'],
  });
  expect(evaluateQuorum(policy, fork.signatures)).toEqual({
    met: false,
    quorum: 'peers',
    names: [],
  });
  // Both are signed by the log: together they prove that it showed two histories.
  expect(fork.checkpoint.size).toBe(opened.checkpoint.size);
  expect(fork.checkpoint.root).not.toEqual(opened.checkpoint.root);
  const [from, to] = [opened.checkpoint, fork.checkpoint];
  expect(verifyConsistency(from.size, to.size, from.root, to.root, [], crypto)).toBe(false);
});

test('proofs made from the sample log’s tiles are the recorded ones', async () => {
  const meta = JSON.parse(textOf(sample, 'meta.json')).consistency_100_300;
  const read = tileHashReader(
    (level, index, width) => bytesOf(sample, tilePath(level, index, width)),
    300,
    crypto,
  );
  expect(toBase64(await treeRoot(300, read, crypto))).toBe(meta.root300);
  expect(toBase64(await treeRoot(100, read, crypto))).toBe(meta.root100);
  const proof = await consistencyProof(100, 300, read, crypto);
  expect(proof.map(toBase64)).toEqual(meta.proof);
  const [old, root] = [fromBase64(meta.root100), fromBase64(meta.root300)] as Uint8Array[];
  const verdict = verifyConsistency(100, 300, old as Uint8Array, root as Uint8Array, proof, crypto);
  expect(verdict).toBe(true);

  const source = textOf(sample, 'entry42.tlog-proof');
  const parsed = parseProofFile(source);
  if (!parsed.ok) throw new Error(parsed.detail);
  expect(parsed.proof.hashes).toEqual(await inclusionProof(42, 300, read, crypto));
  expect(formatProofFile(parsed.proof)).toBe(source);
});

test('the sample log’s proof holds for its entry and for no other', async () => {
  const source = textOf(sample, 'entry42.tlog-proof');
  const [entry, other] = entriesOf(sample, 0, 256).slice(42, 44) as [Uint8Array, Uint8Array];
  const policy = samplePolicy();
  expect(await verifyProofFile(source, entry, policy, crypto)).toEqual({
    ok: true,
    origin: 'node-a.example/log/s/6f1c',
    size: 300,
    witnesses: ['b', 'c'],
  });
  const verdict = await verifyProofFile(source, other, policy, crypto);
  expect(verdict).toMatchObject({ ok: false, reason: 'not_included' });
});

test('the sample log’s keys and signature come out of its seeds', () => {
  const { origin, seedsHex, vkeys } = JSON.parse(textOf(sample, 'meta.json'));
  const signer = noteSigner(origin, NOTE_ED25519, fromHex(seedsHex.log) as Uint8Array, crypto);
  expect(formatVerifierKey(signer)).toBe(vkeys.log);
  const forked = textOf(sample, 'forked-checkpoint');
  const note = parseNote(forked);
  const tree = note.ok ? parseCheckpoint(note.note.text) : note;
  if (!tree.ok) throw new Error(tree.detail);
  expect(signCheckpoint(tree.checkpoint, signer, crypto)).toBe(forked);
});
