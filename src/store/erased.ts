// Erased bodies by the Delete that is said to have erased them.
import type { Did } from '../protocol/did.ts';
import { blob, didOrNull, number, text } from './cell.ts';
import { integer, type Row, type Statement } from './database.ts';

export interface ErasedBody {
  /** Hash of the object. */
  readonly hash: Uint8Array;
  readonly kind: string;
  /** Index of the Delete. */
  readonly by: number;
  /** Null for an Update. */
  readonly author: Did | null;
}

/** The bodies of a log whose Delete is among entries [start, end). */
export function selectErased(log: number, start: number, end: number): Statement {
  return {
    sql: `SELECT o.hash, e.kind, e.erased_by, a.did FROM entries AS e INDEXED BY entries_erased
JOIN objects AS o ON o.id = e.object
LEFT JOIN skeletons AS k ON k.object = e.object
LEFT JOIN agents AS a ON a.id = k.author
WHERE e.log = ? AND e.erased_by >= ? AND e.erased_by < ?`,
    args: [integer(log), integer(start), integer(end)],
  };
}

export function readErased(row: Row): ErasedBody {
  return { hash: blob(row, 0), kind: text(row, 1), by: number(row, 2), author: didOrNull(row, 3) };
}
