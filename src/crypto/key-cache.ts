// Keys a platform has already worked on, by their 32 bytes: the costly check of a key is made once.
import { toBase64url } from '../protocol/bytes.ts';

/** The least recently used entry leaves first, so a flood of new keys costs time but never memory. */
export class KeyCache<T> {
  readonly #entries = new Map<string, T>();
  readonly #capacity: number;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /**
   * The value of a key, made on first sight. Null is passed on and not kept: refused keys must not push
   * out accepted ones.
   */
  get(key: Uint8Array, make: (key: Uint8Array) => T | null): T | null {
    const id = toBase64url(key);
    const known = this.#entries.get(id);
    const value = known ?? make(key);
    if (value === null) return null;
    if (known === undefined && this.#entries.size >= this.#capacity) {
      this.#entries.delete(this.#entries.keys().next().value as string);
    }
    this.#entries.delete(id);
    this.#entries.set(id, value);
    return value;
  }
}
