// Tree hashing against RFC 6962's own definition, and the frontier against the naive root.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createNodeCrypto } from '../crypto/node.ts';
import { toHex, utf8 } from '../protocol/bytes.ts';
import { LogError } from './error.ts';
import { emptyRoot, Frontier, leafHash, nodeHash } from './merkle.ts';
import { splitPoint } from './subtree.ts';

const crypto = createNodeCrypto();

/** MTH of RFC 6962 §2.1, word for word. */
function naiveRoot(leaves: readonly Uint8Array[]): Uint8Array {
  if (leaves.length === 0) return emptyRoot(crypto);
  if (leaves.length === 1) return leaves[0] as Uint8Array;
  const k = splitPoint(leaves.length);
  return nodeHash(naiveRoot(leaves.slice(0, k)), naiveRoot(leaves.slice(k)), crypto);
}

function leaves(count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, i) => leafHash(utf8(`entry ${i}`), crypto));
}

function grown(hashes: readonly Uint8Array[]): Frontier {
  const frontier = new Frontier(crypto);
  for (const hash of hashes) frontier.append(hash);
  return frontier;
}

test('the empty tree has the hash of nothing as its root', () => {
  const root = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
  expect(toHex(new Frontier(crypto).root())).toBe(root);
});

test('a leaf and a node over the same bytes have different hashes', () => {
  const [left, right] = leaves(2) as [Uint8Array, Uint8Array];
  const joined = new Uint8Array([...left, ...right]);
  expect(nodeHash(left, right, crypto)).not.toEqual(leafHash(joined, crypto));
});

test('the frontier has the naive root at every size up to 300', () => {
  const all = leaves(300);
  const frontier = new Frontier(crypto);
  for (let size = 0; size <= all.length; size++) {
    expect(frontier.root()).toEqual(naiveRoot(all.slice(0, size)));
    if (size < all.length) frontier.append(all[size] as Uint8Array);
  }
});

test('a frontier read back from its bytes goes on as if it had never been away', () => {
  fc.assert(
    fc.property(fc.nat(700), fc.nat(100), (before, after) => {
      const all = leaves(before + after);
      const first = grown(all.slice(0, before));
      const second = Frontier.from(first.bytes(), first.size, crypto);
      for (const leaf of all.slice(before)) second.append(leaf);
      expect(second.size).toBe(before + after);
      expect(second.root()).toEqual(naiveRoot(all));
    }),
    { numRuns: 30 },
  );
});

test('a clone grows apart from its original', () => {
  const original = grown(leaves(5));
  const clone = original.clone();
  clone.append(leaves(1)[0] as Uint8Array);
  expect([original.size, clone.size]).toEqual([5, 6]);
  expect(original.root()).toEqual(naiveRoot(leaves(5)));
});

test('every complete subtree is told of once, with its root', () => {
  const all = leaves(37);
  const told = new Map<string, Uint8Array>();
  const frontier = new Frontier(crypto);
  for (const leaf of all) {
    frontier.append(leaf, (level, index, hash) => {
      expect(told.has(`${level}/${index}`)).toBe(false);
      told.set(`${level}/${index}`, hash);
    });
  }
  for (let level = 0, width = 1; width <= 37; level++, width *= 2) {
    for (let index = 0; (index + 1) * width <= 37; index++) {
      const range = all.slice(index * width, (index + 1) * width);
      expect(told.get(`${level}/${index}`)).toEqual(naiveRoot(range));
    }
  }
  expect(told.size).toBe(37 + 18 + 9 + 4 + 2 + 1);
});

test('hashes that do not fit the size are no frontier', () => {
  const frontier = grown(leaves(6));
  expect(() => Frontier.from(frontier.bytes(), 5, crypto)).not.toThrow();
  expect(() => Frontier.from(frontier.bytes(), 7, crypto)).toThrow(LogError);
  expect(() => Frontier.from(frontier.bytes().subarray(1), 6, crypto)).toThrow(LogError);
  expect(() => new Frontier(crypto, 2 ** 53)).toThrow(LogError);
  expect(() => new Frontier(crypto, 0.5)).toThrow(LogError);
  expect(() => frontier.append(new Uint8Array(31))).toThrow(LogError);
});
