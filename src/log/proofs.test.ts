// Inclusion and consistency proofs: for every small tree, for random larger ones, and refused when bent.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createNodeCrypto } from '../crypto/node.ts';
import { concatBytes, utf8 } from '../protocol/bytes.ts';
import { consistencyProof, verifyConsistency, verifySubtreeConsistency } from './consistency.ts';
import { LogError } from './error.ts';
import { inclusionProof, rootFromInclusion, verifyInclusion } from './inclusion.ts';
import { emptyRoot, Frontier, leafHash } from './merkle.ts';
import { type HashReader, rangeRoot, treeRoot } from './subtree.ts';
import { TILE_WIDTH, tileHashReader, tileWidth } from './tile.ts';

const crypto = createNodeCrypto();

/** A tree that keeps every complete subtree, with the root at every size. */
function makeTree(size: number) {
  const leaves = Array.from({ length: size }, (_, i) => leafHash(utf8(`entry ${i}`), crypto));
  const nodes = new Map<string, Uint8Array>();
  const roots = [emptyRoot(crypto)];
  const frontier = new Frontier(crypto);
  for (const leaf of leaves) {
    frontier.append(leaf, (level, index, hash) => nodes.set(`${level}/${index}`, hash));
    roots.push(frontier.root());
  }
  const read: HashReader = (level, index) => nodes.get(`${level}/${index}`) ?? new Uint8Array(0);
  return { leaves, roots, nodes, read };
}

const hashes = (...proofs: readonly Uint8Array[][]) => proofs.map((proof) => proof.length);

test('inclusion proofs verify for every leaf of every tree up to 70, and for no other leaf', async () => {
  const { leaves, roots, read } = makeTree(70);
  for (let size = 1; size <= 70; size++) {
    const root = roots[size] as Uint8Array;
    for (let index = 0; index < size; index++) {
      const proof = await inclusionProof(index, size, read, crypto);
      const leaf = leaves[index] as Uint8Array;
      expect(verifyInclusion(index, size, leaf, proof, root, crypto)).toBe(true);
      const other = (index + 1) % size;
      expect(other !== index && verifyInclusion(other, size, leaf, proof, root, crypto)).toBe(
        false,
      );
    }
  }
});

test('consistency proofs verify between all trees up to 70, and with no other root', async () => {
  const { roots, read } = makeTree(70);
  for (let size = 1; size <= 70; size++) {
    const root = roots[size] as Uint8Array;
    for (let old = 1; old <= size; old++) {
      const proof = await consistencyProof(old, size, read, crypto);
      const oldRoot = roots[old] as Uint8Array;
      expect(verifyConsistency(old, size, oldRoot, root, proof, crypto)).toBe(true);
      const wrong = roots[old - 1] as Uint8Array;
      expect(verifyConsistency(old, size, wrong, root, proof, crypto)).toBe(false);
      if (old < size)
        expect(verifyConsistency(old, size, oldRoot, wrong, proof, crypto)).toBe(false);
    }
  }
});

test('equal sizes need no hashes', async () => {
  const { read } = makeTree(9);
  expect(hashes(await consistencyProof(9, 9, read, crypto))).toEqual([0]);
});

test('proofs over tiles verify in random larger trees', async () => {
  const size = 3000;
  const { leaves, roots, nodes } = makeTree(size);
  const readTile = (level: number, index: number, width: number) =>
    concatBytes(
      ...Array.from(
        { length: width },
        (_, i) => nodes.get(`${level * 8}/${index * TILE_WIDTH + i}`) as Uint8Array,
      ),
    );
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: size }), fc.nat(), fc.nat(), async (n, a, b) => {
      const read = tileHashReader(readTile, n, crypto);
      const [index, old, root] = [a % n, (b % n) + 1, roots[n] as Uint8Array];
      expect(await treeRoot(n, read, crypto)).toEqual(root);
      const path = await inclusionProof(index, n, read, crypto);
      expect(verifyInclusion(index, n, leaves[index] as Uint8Array, path, root, crypto)).toBe(true);
      const proof = await consistencyProof(old, n, read, crypto);
      expect(verifyConsistency(old, n, roots[old] as Uint8Array, root, proof, crypto)).toBe(true);
    }),
    { numRuns: 150 },
  );
});

test('a bit changed anywhere in a proof refuses it', async () => {
  const { leaves, roots, read } = makeTree(45);
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 2, max: 45 }), fc.nat(), fc.nat(), async (n, a, bit) => {
      const index = a % n;
      const proof = await inclusionProof(index, n, read, crypto);
      const bent = proof.map((hash) => hash.slice());
      const hash = bent[bit % bent.length] as Uint8Array;
      hash[(bit >> 3) % 32] = (hash[(bit >> 3) % 32] as number) ^ (1 << (bit & 7));
      const [leaf, root] = [leaves[index] as Uint8Array, roots[n] as Uint8Array];
      expect(verifyInclusion(index, n, leaf, bent, root, crypto)).toBe(false);
      expect(verifyInclusion(index, n, leaf, proof.slice(1), root, crypto)).toBe(false);
      expect(verifyInclusion(index, n, leaf, [...proof, leaf], root, crypto)).toBe(false);
    }),
    { numRuns: 100 },
  );
});

test('sizes and indices that no tree has are refused, not computed', async () => {
  const { leaves, roots, read } = makeTree(3);
  const [leaf, root] = [leaves[0] as Uint8Array, roots[1] as Uint8Array];
  for (const [index, size] of [
    [0, 0],
    [1, 1],
    [-1, 1],
    [0.5, 1],
    [0, 2 ** 53],
    [Number.NaN, 1],
  ] as const) {
    expect(rootFromInclusion(index, size, leaf, [], crypto)).toBeNull();
    await expect(inclusionProof(index, size, read, crypto)).rejects.toThrow(LogError);
  }
  await expect(consistencyProof(0, 3, read, crypto)).rejects.toThrow(LogError);
  await expect(consistencyProof(4, 3, read, crypto)).rejects.toThrow(LogError);
  expect(verifyConsistency(0, 0, root, root, [], crypto)).toBe(false);
  expect(verifyConsistency(2 ** 53, 2 ** 53, root, root, [], crypto)).toBe(false);
  expect(verifyInclusion(0, 1, leaf.subarray(1), [], leaf.subarray(1), crypto)).toBe(false);
});

test('the roots of ranges inside a tree are consistent with it', async () => {
  const { roots, read } = makeTree(13);
  const subtree = await rangeRoot(8, 12, read, crypto);
  // Leaf 12 to the right, then the first eight to the left.
  const proof = [await rangeRoot(12, 13, read, crypto), await rangeRoot(0, 8, read, crypto)];
  const root = roots[13] as Uint8Array;
  expect(verifySubtreeConsistency(8, 12, 13, subtree, root, proof, crypto)).toBe(true);
  expect(verifySubtreeConsistency(4, 8, 13, subtree, root, proof, crypto)).toBe(false);
  await expect(rangeRoot(1, 3, read, crypto)).rejects.toThrow(LogError);
});

test('a reader without the hash is a torn source', async () => {
  await expect(treeRoot(5, () => new Uint8Array(0), crypto)).rejects.toThrow(LogError);
  const short = tileHashReader(
    (_level, _index, width) => new Uint8Array(32 * width - 1),
    5,
    crypto,
  );
  await expect(treeRoot(5, short, crypto)).rejects.toThrow(LogError);
  expect(tileWidth(0, 0, 5)).toBe(5);
});
