// Inclusion proofs: made as in RFC 6962 §2.1.1, verified as in RFC 9162 §2.1.3.2.
import { equalBytes } from '../protocol/bytes.ts';
import type { Crypto } from '../protocol/crypto.ts';
import { LogError } from './error.ts';
import { HASH_SIZE, nodeHash } from './merkle.ts';
import { type HashReader, rangeRoot, splitPoint } from './subtree.ts';

/** Sibling hashes from the leaf's up to the root's child. Throws `LogError` unless 0 ≤ index < size. */
export async function inclusionProof(
  index: number,
  size: number,
  readHash: HashReader,
  crypto: Crypto,
): Promise<Uint8Array[]> {
  if (!isCount(size) || !isCount(index) || index >= size) {
    throw new LogError('out_of_range', `no leaf ${index} in a tree of ${size}`);
  }
  const path: Uint8Array[] = [];
  for (let start = 0, end = size; end - start > 1; ) {
    const middle = start + splitPoint(end - start);
    if (index < middle) {
      path.push(await rangeRoot(middle, end, readHash, crypto));
      end = middle;
    } else {
      path.push(await rangeRoot(start, middle, readHash, crypto));
      start = middle;
    }
  }
  return path.reverse();
}

/** The root that `proof` leads to from the leaf hash, or null when index, size and length do not fit. */
export function rootFromInclusion(
  index: number,
  size: number,
  leaf: Uint8Array,
  proof: readonly Uint8Array[],
  crypto: Crypto,
): Uint8Array | null {
  if (!isCount(size) || !isCount(index) || index >= size || leaf.length !== HASH_SIZE) return null;
  let fn = index;
  let sn = size - 1;
  let root = leaf;
  for (const hash of proof) {
    if (sn === 0 || hash.length !== HASH_SIZE) return null;
    if (fn % 2 === 1 || fn === sn) {
      root = nodeHash(hash, root, crypto);
      // A node at the right edge has no sibling on the levels where its index is even: it is moved up as it is.
      while (fn % 2 === 0 && fn !== 0) {
        fn /= 2;
        sn = Math.floor(sn / 2);
      }
    } else {
      root = nodeHash(root, hash, crypto);
    }
    fn = Math.floor(fn / 2);
    sn = Math.floor(sn / 2);
  }
  return sn === 0 ? root : null;
}

/** True if `proof` shows that leaf `index` of the tree of `size` leaves under `root` has this leaf hash. */
export function verifyInclusion(
  index: number,
  size: number,
  leaf: Uint8Array,
  proof: readonly Uint8Array[],
  root: Uint8Array,
  crypto: Crypto,
): boolean {
  const found = rootFromInclusion(index, size, leaf, proof, crypto);
  return found !== null && equalBytes(found, root);
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
