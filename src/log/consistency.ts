// Consistency proofs: made as in RFC 6962 §2.1.2, verified for whole trees and for subtrees.
import { equalBytes } from '../protocol/bytes.ts';
import type { Crypto } from '../protocol/crypto.ts';
import { LogError } from './error.ts';
import { verifyInclusion } from './inclusion.ts';
import { emptyRoot, HASH_SIZE, nodeHash } from './merkle.ts';
import { type HashReader, rangeRoot, splitPoint } from './subtree.ts';

/**
 * The nodes that show the first `oldSize` leaves of a tree of `size` leaves to be what they were. Empty when the sizes
 * are equal. Throws `LogError` unless 0 < oldSize ≤ size.
 */
export async function consistencyProof(
  oldSize: number,
  size: number,
  readHash: HashReader,
  crypto: Crypto,
): Promise<Uint8Array[]> {
  if (!isCount(oldSize) || !isCount(size) || oldSize === 0 || oldSize > size) {
    throw new LogError('out_of_range', `no proof from size ${oldSize} to size ${size}`);
  }
  const path: Uint8Array[] = [];
  let start = 0;
  let end = size;
  while (end !== oldSize) {
    const middle = start + splitPoint(end - start);
    if (oldSize <= middle) {
      path.push(await rangeRoot(middle, end, readHash, crypto));
      end = middle;
    } else {
      path.push(await rangeRoot(start, middle, readHash, crypto));
      start = middle;
    }
  }
  // RFC 6962 §2.1.2: the old root itself is known to whoever asks, a smaller complete subtree of it is not.
  if (start > 0) path.push(await rangeRoot(start, end, readHash, crypto));
  return path.reverse();
}

/**
 * True if `proof` shows that the tree of `size` leaves under `root` begins with the tree of `oldSize` leaves under
 * `oldRoot` (RFC 9162 §2.1.4.2).
 *
 * Size 0 is refused: every tree begins with the empty one, so nothing is shown. c2sp.org/tlog-witness accepts
 * `old 0` with an empty proof; a caller that follows it handles size 0 before asking here.
 */
export function verifyConsistency(
  oldSize: number,
  size: number,
  oldRoot: Uint8Array,
  root: Uint8Array,
  proof: readonly Uint8Array[],
  crypto: Crypto,
): boolean {
  if (oldSize === 0) return false;
  return verifySubtreeConsistency(0, oldSize, size, oldRoot, root, proof, crypto);
}

/**
 * True if `proof` shows that leaves [start, end) of the tree of `size` leaves under `root` have the root `subtreeRoot`
 * (draft-ietf-plants-merkle-tree-certs, Verifying a Subtree Consistency Proof). An empty range has the root of the
 * empty tree, and needs no proof.
 */
export function verifySubtreeConsistency(
  start: number,
  end: number,
  size: number,
  subtreeRoot: Uint8Array,
  root: Uint8Array,
  proof: readonly Uint8Array[],
  crypto: Crypto,
): boolean {
  if (!isCount(start) || !isCount(size) || end > size) return false;
  if (start === end) return proof.length === 0 && equalBytes(subtreeRoot, emptyRoot(crypto));
  if (!isSubtree(start, end)) return false;
  let [fn, sn, tn] = [start, end - 1, size - 1];
  const up = () => {
    fn = Math.floor(fn / 2);
    sn = Math.floor(sn / 2);
    tn = Math.floor(tn / 2);
  };
  while (fn !== sn && (sn === tn || sn % 2 === 1)) up();
  const nodes = proof[Symbol.iterator]();
  let subtree = subtreeRoot;
  let whole = subtreeRoot;
  if (fn !== sn) {
    const seed = nodes.next();
    if (seed.done || seed.value.length !== HASH_SIZE) return false;
    subtree = seed.value;
    whole = seed.value;
  }
  for (const hash of nodes) {
    if (tn === 0 || hash.length !== HASH_SIZE) return false;
    if (sn % 2 === 1 || sn === tn) {
      if (fn < sn) subtree = nodeHash(hash, subtree, crypto);
      whole = nodeHash(hash, whole, crypto);
      while (sn % 2 === 0) up();
    } else {
      whole = nodeHash(whole, hash, crypto);
    }
    up();
  }
  return tn === 0 && equalBytes(subtree, subtreeRoot) && equalBytes(whole, root);
}

/** True if `proof` shows that leaf `index` of the log lies in its subtree [start, end) with this root. */
export function verifySubtreeInclusion(
  index: number,
  start: number,
  end: number,
  leaf: Uint8Array,
  proof: readonly Uint8Array[],
  root: Uint8Array,
  crypto: Crypto,
): boolean {
  if (!isSubtree(start, end) || !isCount(index) || index < start || index >= end) return false;
  return verifyInclusion(index - start, end - start, leaf, proof, root, crypto);
}

/** A subtree starts at a multiple of the smallest power of two that is not below its width. */
function isSubtree(start: number, end: number): boolean {
  if (!isCount(start) || !isCount(end) || start >= end) return false;
  return end - start === 1 || start % (2 * splitPoint(end - start)) === 0;
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
