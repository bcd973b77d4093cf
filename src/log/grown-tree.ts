// Inclusion proofs for leaves that were appended just now, from memory alone.
import type { Crypto } from '../protocol/crypto.ts';
import { LogError } from './error.ts';
import { type Frontier, foldRoots, type NodeListener } from './merkle.ts';
import { splitPoint } from './subtree.ts';

/**
 * What a tree grew from and what the growth completed. That is all a new leaf's proof has in it: a subtree to its left
 * is either in the old frontier, because the subtree above it holds the new leaf and was not complete, or was completed since.
 */
export class GrownTree {
  readonly #crypto: Crypto;
  /** Roots of complete subtrees by level and index. */
  readonly #levels: Map<number, Uint8Array>[] = [];
  /** Roots over everything from a leaf on, for the tree of `#size` leaves. */
  readonly #edges = new Map<number, Uint8Array>();
  readonly #from: number;
  #size = 0;

  constructor(frontier: Frontier, crypto: Crypto) {
    this.#crypto = crypto;
    this.#from = frontier.size;
    let at = 0;
    for (const { level, hash } of subtreesOf(frontier)) {
      this.add(level, at / 2 ** level, hash);
      at += 2 ** level;
    }
  }

  /** To be told of what appending completes. */
  readonly add: NodeListener = (level, index, hash) => {
    while (this.#levels.length <= level) this.#levels.push(new Map());
    this.#levels[level]?.set(index, hash);
  };

  /**
   * Sibling hashes from the leaf's up to the root's child, as RFC 6962 §2.1.1 has them. Throws `LogError` for a leaf that
   * was there before the growth.
   */
  proof(index: number, size: number): Uint8Array[] {
    if (index < this.#from || index >= size) {
      throw new LogError('out_of_range', `leaf ${index} is not among those that are new`);
    }
    if (size !== this.#size) this.#edges.clear();
    this.#size = size;
    const path: Uint8Array[] = [];
    for (let start = 0, end = size; end - start > 1; ) {
      const half = splitPoint(end - start);
      const middle = start + half;
      if (index < middle) {
        path.push(this.#rootOf(middle, end));
        end = middle;
      } else {
        path.push(this.#at(Math.log2(half), start / half));
        start = middle;
      }
    }
    return path.reverse();
  }

  #rootOf(start: number, end: number): Uint8Array {
    const width = end - start;
    const level = Math.log2(width);
    if (Number.isInteger(level) && start % width === 0) return this.#at(level, start / width);
    // Only the right edge of the whole tree is not complete.
    const known = this.#edges.get(start);
    if (known !== undefined) return known;
    const roots: Uint8Array[] = [];
    for (let at = start; at < end; ) {
      const step = largestPowerIn(end - at);
      roots.push(this.#at(Math.log2(step), at / step));
      at += step;
    }
    const root = foldRoots(roots, this.#crypto);
    this.#edges.set(start, root);
    return root;
  }

  #at(level: number, index: number): Uint8Array {
    const hash = this.#levels[level]?.get(index);
    if (hash === undefined)
      throw new LogError('hash_missing', `no hash ${index} at level ${level}`);
    return hash;
  }
}

function largestPowerIn(width: number): number {
  return 2 ** Math.floor(Math.log2(width));
}

/** The frontier's hashes stand for the ones of its size, the largest first. */
function* subtreesOf({ hashes, size }: Frontier): Generator<{ level: number; hash: Uint8Array }> {
  let rest = size;
  for (const hash of hashes) {
    const width = largestPowerIn(rest);
    yield { level: Math.log2(width), hash };
    rest -= width;
  }
}
