// Rows of one kind in memory: what was asked for, what was there, and what has been put since.
import { DomainError } from '../domain/error.ts';

/** One key of several parts: DIDs, names and label IRIs hold no spaces. */
export function keyOf(...parts: readonly string[]): string {
  return parts.join(' ');
}

export class Table<Row> {
  readonly #kind: string;
  /** Undefined: asked for, and not there. */
  readonly #loaded = new Map<string, Row | undefined>();
  /** Null: was there or was put, and is gone. */
  readonly #put = new Map<string, Row | null>();

  /** `kind` is how error messages call a row. */
  constructor(kind: string) {
    this.#kind = kind;
  }

  /** Notes that this key is asked for; `fill` may follow. */
  expect(key: string): void {
    if (!this.#loaded.has(key)) this.#loaded.set(key, undefined);
  }

  fill(key: string, row: Row): void {
    this.#loaded.set(key, row);
  }

  /** The row as it stands in this group. Throws DomainError `row_not_loaded` for a key nobody asked for. */
  get(key: string): Row | undefined {
    const put = this.#put.get(key);
    if (put !== undefined) return put ?? undefined;
    const row = this.#loaded.get(key);
    // A missing row must never pass for one that does not exist: a vote would count twice, a ban not at all.
    if (row === undefined && !this.#loaded.has(key)) {
      throw new DomainError('row_not_loaded', `the ${this.#kind} ${key} was not asked for`);
    }
    return row;
  }

  /** As `get`, for a key that need not have been asked for. */
  peek(key: string): Row | undefined {
    return this.#put.get(key) ?? this.#loaded.get(key);
  }

  loaded(key: string): Row | undefined {
    return this.#loaded.get(key);
  }

  put(key: string, row: Row): void {
    this.#put.set(key, row);
  }

  drop(key: string): void {
    this.#put.set(key, null);
  }

  /** Keys of the rows that are gone. */
  *dropped(): Generator<string> {
    for (const [key, row] of this.#put) if (row === null) yield key;
  }

  *changed(): Generator<Row> {
    for (const row of this.#put.values()) if (row !== null) yield row;
  }
}
