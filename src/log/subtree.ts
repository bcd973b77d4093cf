// Roots of ranges of leaves, put together from the complete subtrees that a store or tiles can serve.
import type { Crypto } from '../protocol/crypto.ts';
import { LogError } from './error.ts';
import { emptyRoot, foldRoots, HASH_SIZE } from './merkle.ts';

/**
 * Gives the root of the complete subtree over leaves [index · 2^level, (index + 1) · 2^level). Never asked
 * for a subtree that reaches beyond the tree.
 */
export type HashReader = (level: number, index: number) => Uint8Array | Promise<Uint8Array>;

/** The largest power of two below `size`, where RFC 6962 §2.1 splits a tree of two or more leaves. */
export function splitPoint(size: number): number {
  let split = 1;
  while (split * 2 < size) split *= 2;
  return split;
}

/**
 * MTH(D[start:end]) of RFC 6962 §2.1. `start` must be one that occurs in a tree: a multiple of every power of
 * two the range is split at.
 */
export async function rangeRoot(
  start: number,
  end: number,
  readHash: HashReader,
  crypto: Crypto,
): Promise<Uint8Array> {
  if (start === end) return emptyRoot(crypto);
  const roots: Uint8Array[] = [];
  for (let at = start; at < end; ) {
    let level = 0;
    while (at + 2 ** (level + 1) <= end) level += 1;
    const width = 2 ** level;
    if (at % width !== 0) {
      throw new LogError('out_of_range', `leaves ${start} to ${end} are not a subtree`);
    }
    const hash = await readHash(level, at / width);
    if (hash.length !== HASH_SIZE) {
      throw new LogError('hash_missing', `no hash at level ${level}, index ${at / width}`);
    }
    roots.push(hash);
    at += width;
  }
  return foldRoots(roots, crypto);
}

/** The root of the tree's first `size` leaves. */
export function treeRoot(size: number, readHash: HashReader, crypto: Crypto): Promise<Uint8Array> {
  return rangeRoot(0, size, readHash, crypto);
}
