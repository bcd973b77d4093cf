// Erased bodies by the Delete that is said to have erased them.
import { blob, number, text } from './cell.ts';
import { integer, type Row, type Statement } from './database.ts';

export interface ErasedBody {
  /** Hash of the object. */
  readonly hash: Uint8Array;
  readonly kind: string;
  /** Index of the Delete. */
  readonly by: number;
}

/** The bodies of a log whose Delete is among entries [start, end). */
export function selectErased(log: number, start: number, end: number): Statement {
  return {
    sql: `SELECT o.hash, e.kind, e.erased_by FROM entries AS e INDEXED BY entries_erased
JOIN objects AS o ON o.id = e.object
WHERE e.log = ? AND e.erased_by >= ? AND e.erased_by < ?`,
    args: [integer(log), integer(start), integer(end)],
  };
}

export function readErased(row: Row): ErasedBody {
  return { hash: blob(row, 0), kind: text(row, 1), by: number(row, 2) };
}
