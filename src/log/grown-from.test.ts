// Consistency proofs that are made while a tree grows, from the few hashes that are kept.
import { expect, test } from 'vitest';
import { createNodeCrypto } from '../crypto/node.ts';
import { utf8 } from '../protocol/bytes.ts';
import { verifyConsistency } from './consistency.ts';
import { GrownFrom } from './grown-from.ts';
import { verifyInclusion } from './inclusion.ts';
import { Frontier, leafHash } from './merkle.ts';

const crypto = createNodeCrypto();
const leaves = Array.from({ length: 1100 }, (_, i) => leafHash(utf8(`entry ${i}`), crypto));

async function prove(before: number, after: number) {
  const frontier = new Frontier(crypto);
  for (const leaf of leaves.slice(0, before)) frontier.append(leaf);
  const root = frontier.root();
  const grown = new GrownFrom(frontier, crypto);
  for (const leaf of leaves.slice(before, after)) frontier.append(leaf, grown.add);
  const proof = await grown.proof(after);
  expect(verifyConsistency(before, after, root, frontier.root(), proof, crypto)).toBe(true);
  return grown.kept;
}

test('every tree up to 40 leaves is proven to have begun as any smaller one', async () => {
  for (let after = 1; after <= 40; after++) {
    for (let before = 1; before <= after; before++) await prove(before, after);
  }
});

test('the hashes that are kept are few, however much is appended', async () => {
  for (const before of [1, 513, 1000]) expect(await prove(before, 1100)).toBeLessThan(30);
});

test('every leaf of a tree up to 40 leaves is proven to lie in it, and few hashes are kept of a large one', async () => {
  const proveLeaf = async (index: number, size: number) => {
    const frontier = new Frontier(crypto);
    for (const leaf of leaves.slice(0, index)) frontier.append(leaf);
    const grown = new GrownFrom(frontier, crypto, 'leaf');
    for (const leaf of leaves.slice(index, size)) frontier.append(leaf, grown.add);
    const proof = await grown.inclusion(size);
    const leaf = leaves[index] as Uint8Array;
    expect(verifyInclusion(index, size, leaf, proof, frontier.root(), crypto)).toBe(true);
    return grown.kept;
  };
  for (let size = 1; size <= 40; size++) {
    for (let index = 0; index < size; index++) await proveLeaf(index, size);
  }
  for (const index of [0, 513, 1000]) expect(await proveLeaf(index, 1100)).toBeLessThan(30);
});
