// Keys a platform has already worked on, by their 32 bytes: the costly check of a key is made once.
import { toBase64url } from '../protocol/bytes.ts';

/** A flood of new keys costs time but never memory: what has not been used for as many others as half the capacity leaves. */
export class KeyCache<T> {
  /** In use lately, and before: to keep all of them in the order of their use would cost more than to find them. */
  #recent = new Map<string, T>();
  #older = new Map<string, T>();
  readonly #half: number;

  constructor(capacity: number) {
    this.#half = capacity / 2;
  }

  /**
   * The value of a key, made on first sight. Null is passed on and not kept: refused keys must not push
   * out accepted ones.
   */
  get(key: Uint8Array, make: (key: Uint8Array) => T | null): T | null {
    const id = toBase64url(key);
    const known = this.#recent.get(id);
    if (known !== undefined) return known;
    const value = this.#older.get(id) ?? make(key);
    if (value !== null) {
      if (this.#recent.size >= this.#half) {
        this.#older = this.#recent;
        this.#recent = new Map();
      }
      this.#recent.set(id, value);
    }
    return value;
  }
}
