// RFC 6962 §2.1 tree hashing: leaves, nodes, and the frontier from which a growing tree's root is known.
import { concatBytes } from '../protocol/bytes.ts';
import type { Crypto } from '../protocol/crypto.ts';
import { Scratch } from '../protocol/scratch.ts';
import { LogError } from './error.ts';

/** Bytes of every hash in a tree: SHA-256. */
export const HASH_SIZE = 32;

const leafPrefix = Uint8Array.of(0);
const nodePrefix = Uint8Array.of(1);
const scratch = new Scratch(256);

/** RFC 6962 §2.1: SHA-256(0x00 ‖ entry). The prefix keeps a node from being passed off as a leaf. */
export function leafHash(entry: Uint8Array, crypto: Crypto): Uint8Array {
  return crypto.sha256(scratch.join(leafPrefix, entry));
}

/** RFC 6962 §2.1: SHA-256(0x01 ‖ left ‖ right). */
export function nodeHash(left: Uint8Array, right: Uint8Array, crypto: Crypto): Uint8Array {
  return crypto.sha256(scratch.join(nodePrefix, left, right));
}

/** The root of the tree without leaves: SHA-256 of nothing. */
export function emptyRoot(crypto: Crypto): Uint8Array {
  return crypto.sha256(new Uint8Array(0));
}

/** Folds the roots of adjoining complete subtrees, largest first, into the root over all of them. */
export function foldRoots(roots: readonly Uint8Array[], crypto: Crypto): Uint8Array {
  let root = roots.at(-1);
  if (root === undefined) return emptyRoot(crypto);
  for (let i = roots.length - 2; i >= 0; i--) root = nodeHash(roots[i] as Uint8Array, root, crypto);
  return root;
}

/** Told of every subtree that an appended leaf completes, the leaf itself (level 0) first. */
export type NodeListener = (level: number, index: number, hash: Uint8Array) => void;

/**
 * The right edge of a tree: the roots of its maximal complete subtrees, largest first, at most 53 of them.
 * Enough to append to the tree and to know its root, without its leaves.
 */
export class Frontier {
  readonly #crypto: Crypto;
  readonly #hashes: Uint8Array[];
  #size: number;

  constructor(crypto: Crypto, size = 0, hashes: readonly Uint8Array[] = []) {
    if (!Number.isSafeInteger(size) || size < 0) {
      throw new LogError('out_of_range', `a tree cannot have ${size} leaves`);
    }
    if (hashes.length !== onesOf(size) || hashes.some((hash) => hash.length !== HASH_SIZE)) {
      throw new LogError('invalid_argument', `these are not the frontier hashes of size ${size}`);
    }
    this.#crypto = crypto;
    this.#size = size;
    this.#hashes = [...hashes];
  }

  /** Reads what `bytes()` wrote. Throws `LogError` when the length does not fit the size. */
  static from(bytes: Uint8Array, size: number, crypto: Crypto): Frontier {
    const hashes: Uint8Array[] = [];
    for (let at = 0; at < bytes.length; at += HASH_SIZE)
      hashes.push(bytes.slice(at, at + HASH_SIZE));
    return new Frontier(crypto, size, hashes);
  }

  /** Number of leaves. */
  get size(): number {
    return this.#size;
  }

  get hashes(): readonly Uint8Array[] {
    return this.#hashes;
  }

  /** Appends one leaf hash (not an entry). */
  append(leaf: Uint8Array, completed?: NodeListener): void {
    if (leaf.length !== HASH_SIZE) {
      throw new LogError('invalid_argument', `a leaf hash has ${HASH_SIZE} bytes`);
    }
    let hash = leaf;
    let level = 0;
    let index = this.#size;
    completed?.(level, index, hash);
    // Each trailing one bit of the old size is a complete subtree that the new leaf pairs up with.
    while (index % 2 === 1) {
      hash = nodeHash(this.#hashes.pop() as Uint8Array, hash, this.#crypto);
      index = (index - 1) / 2;
      level += 1;
      completed?.(level, index, hash);
    }
    this.#hashes.push(hash);
    this.#size += 1;
  }

  root(): Uint8Array {
    return foldRoots(this.#hashes, this.#crypto);
  }

  /** The hashes concatenated; together with the size they are the whole state. */
  bytes(): Uint8Array {
    return concatBytes(...this.#hashes);
  }

  clone(): Frontier {
    return new Frontier(this.#crypto, this.#size, this.#hashes);
  }
}

function onesOf(size: number): number {
  let ones = 0;
  for (let rest = size; rest > 0; rest = Math.floor(rest / 2)) ones += rest % 2;
  return ones;
}
