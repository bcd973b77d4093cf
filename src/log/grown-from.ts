// Proves, while leaves go by, what a tree was at an earlier size, or its next leaf: keeps no more hashes than such a proof can need.
import type { Crypto } from '../protocol/crypto.ts';
import { consistencyProof } from './consistency.ts';
import { inclusionProof } from './inclusion.ts';
import type { Frontier, NodeListener } from './merkle.ts';

export class GrownFrom {
  readonly #crypto: Crypto;
  readonly #size: number;
  /** Subtrees that begin before this leaf are not kept. */
  readonly #from: number;
  /** Roots of complete subtrees by `level/index`. */
  readonly #nodes = new Map<string, Uint8Array>();

  /** The tree as it is now, for a proof of its size or of the leaf that comes next. */
  constructor(frontier: Frontier, crypto: Crypto, wanted: 'size' | 'leaf' = 'size') {
    this.#crypto = crypto;
    this.#size = frontier.size;
    this.#from = wanted === 'leaf' ? frontier.size + 1 : frontier.size;
    let end = frontier.size;
    for (const hash of frontier.hashes.toReversed()) {
      let level = 0;
      while (end % 2 ** (level + 1) === 0) level += 1;
      end -= 2 ** level;
      this.#nodes.set(`${level}/${end / 2 ** level}`, hash);
    }
  }

  /** To be told of everything that appending completes. */
  readonly add: NodeListener = (level, index, hash) => {
    // A subtree with leaves of both times is never asked for; one with new leaves alone stands for those below it.
    if (index * 2 ** level < this.#from) return;
    this.#nodes.set(`${level}/${index}`, hash);
    this.#nodes.delete(`${level - 1}/${index * 2}`);
    this.#nodes.delete(`${level - 1}/${index * 2 + 1}`);
  };

  /** That the tree, which has `size` leaves by now, began as it was then. Throws `LogError` if it was empty. */
  proof(size: number): Promise<Uint8Array[]> {
    return consistencyProof(this.#size, size, this.#read, this.#crypto);
  }

  /** That the leaf which came next lies in the tree of `size` leaves. */
  inclusion(size: number): Promise<Uint8Array[]> {
    return inclusionProof(this.#size, size, this.#read, this.#crypto);
  }

  readonly #read = (level: number, index: number) =>
    this.#nodes.get(`${level}/${index}`) ?? new Uint8Array(0);

  /** Hashes that are kept. */
  get kept(): number {
    return this.#nodes.size;
  }
}
