// The one way to the database, for files and servers alike: a batch of statements that succeeds or fails whole.

/** What a statement may bind. Numbers are left out: libSQL binds them as REAL, and a boolean aborts the process. */
export type Value = bigint | string | Uint8Array | null;

export interface Statement {
  readonly sql: string;
  /** Exactly as many as the statement has parameters. */
  readonly args: readonly Value[];
}

/** What a column gives. Integers are safe: no column holds one above 2^53 − 1. */
export type Cell = number | string | Uint8Array | null;

/** The columns of one row, by position. */
export type Row = readonly Cell[];

export interface Database {
  /**
   * Runs the statements in order as one transaction and gives each statement's rows. `read` sees one state
   * throughout and must not write; `write` is on disk when the promise fulfils, and leaves nothing when it
   * rejects with `StoreError`. There is no interactive transaction: what is written depends on what
   * an earlier read saw only through the node's version (`write-group.ts`).
   */
  batch(mode: 'read' | 'write', statements: readonly Statement[]): Promise<Row[][]>;
  close(): Promise<void>;
  /**
   * Asks that what a batch has erased goes for good. From a file: from the write-ahead log as well, within about a second, or
   * once nobody reads what was before. On a server: from the pages of the database; its logs are its own.
   */
  scrub?(): void;
  /** `fsync`: a written batch survives a power cut. `server`: as durable as the server's own setting. */
  readonly durable: 'fsync' | 'server';
}

/** A whole number as SQLite's INTEGER. */
export function integer(value: number): bigint {
  return BigInt(value);
}

export function integerOrNull(value: number | null): bigint | null {
  return value === null ? null : BigInt(value);
}

export function flag(value: boolean): bigint {
  return value ? 1n : 0n;
}
