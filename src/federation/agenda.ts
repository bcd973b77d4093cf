// When each piece of work is next due, as far as it is not written in the database: forgotten at a restart, when all is due.

/**
 * Times by key, in milliseconds. What is not on the agenda is due now. A wish that comes while its work is under way
 * outlives it: the work has not seen what the wish is about.
 */
export class Agenda {
  readonly #at = new Map<string, number>();
  readonly #wished = new Set<string>();
  readonly #newest = new Map<string, number>();

  /** When the work with this key may begin. */
  due(key: string): number {
    return this.#wished.has(key) ? 0 : (this.#at.get(key) ?? 0);
  }

  /** To be done as soon as possible. */
  wish(key: string): void {
    this.#wished.add(key);
  }

  /** The same, once for each number that is above all before it: what has come since does not wait for what was there. */
  wishFor(key: string, newest: number): void {
    if (newest <= (this.#newest.get(key) ?? 0)) return;
    this.#newest.set(key, newest);
    this.wish(key);
  }

  /** The work begins: wishes up to now are being fulfilled. */
  begin(key: string): void {
    this.#wished.delete(key);
  }

  /** Not again before `at`, unless somebody wishes it. */
  postpone(key: string, at: number): void {
    this.#at.set(key, at);
  }

  /** Forgets the keys that `keep` does not name, so that what is gone does not pile up. */
  keepOnly(keep: ReadonlySet<string>): void {
    for (const key of this.#at.keys()) if (!keep.has(key)) this.#at.delete(key);
    for (const key of this.#newest.keys()) if (!keep.has(key)) this.#newest.delete(key);
    for (const key of this.#wished) if (!keep.has(key)) this.#wished.delete(key);
  }
}
