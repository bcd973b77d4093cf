// Log entries: each column of a leaf, the salt that opens it, and the object it commits to.
import { type EntryKind, encodeEntry, makeEntry } from '../log/entry.ts';
import type { ObjectName } from '../protocol/object-name.ts';
import { blob, blobOrNull, hexList, name, number, numberOrNull, text } from './cell.ts';
import { type Database, integer, integerOrNull, type Row, type Statement } from './database.ts';
import { valuesList } from './values-list.ts';

export interface StoredEntry {
  /** Number of the log. */
  readonly log: number;
  readonly index: number;
  /** Number of the object. */
  readonly object: number;
  readonly kind: EntryKind;
  readonly t: number;
  /** 32 bytes. */
  readonly commitment: Uint8Array;
  /** Null once the body is erased. */
  readonly salt: Uint8Array | null;
  /** Index of the Delete that erased the body. */
  readonly erasedBy: number | null;
}

/** The leaf's exact bytes, from its columns: the line has one spelling. */
export function lineOf(entry: Pick<StoredEntry, 'commitment' | 'kind' | 't'>): Uint8Array {
  return encodeEntry(makeEntry(entry.commitment, entry.kind, entry.t));
}

const rows = valuesList(
  'INSERT INTO entries (log, idx, object, kind, t, commitment, salt, erased_by) VALUES',
  8,
);

export function insertEntries(entries: readonly StoredEntry[]): Statement[] {
  return rows(
    entries.map((entry) => [
      integer(entry.log),
      integer(entry.index),
      integer(entry.object),
      entry.kind,
      integer(entry.t),
      entry.commitment,
      entry.salt,
      integerOrNull(entry.erasedBy),
    ]),
  );
}

/** Takes the salt away and says which Delete did it; without the salt nobody can test a guess of the body. */
export function eraseEntry(log: number, object: number, by: number): Statement {
  return {
    sql: 'UPDATE entries SET salt = NULL, erased_by = ? WHERE log = ? AND object = ?',
    args: [integer(by), integer(log), integer(object)],
  };
}

/**
 * The same of edits that this node has withdrawn with their item, whose Delete it is: nobody else has said so of them. All
 * withdrawals are looked through, but only if the item is one of them: they are an operator's, and few.
 */
export function eraseWithdrawnEdits(log: number, item: number, by: number): Statement {
  return {
    sql: `UPDATE entries SET erased_by = ?3 WHERE log = ?1 AND kind = 'Update' AND erased_by = idx AND object IN
(SELECT w.object FROM withdrawals AS i CROSS JOIN withdrawals AS w ON w.object > 0 AND w.act = i.act WHERE i.object = ?2)`,
    args: [integer(log), integer(item), integer(by)],
  };
}

/** Entries [start, end) of a log, in order. */
export function selectEntries(log: number, start: number, end: number): Statement {
  return {
    sql: `SELECT log, idx, object, kind, t, commitment, salt, erased_by FROM entries
WHERE log = ? AND idx >= ? AND idx < ? ORDER BY idx`,
    args: [integer(log), integer(start), integer(end)],
  };
}

export function readEntry(row: Row): StoredEntry {
  return {
    log: number(row, 0),
    index: number(row, 1),
    object: number(row, 2),
    kind: text(row, 3) as EntryKind,
    t: number(row, 4),
    commitment: blob(row, 5),
    salt: blobOrNull(row, 6),
    erasedBy: numberOrNull(row, 7),
  };
}

/** Where objects were logged: the entry's columns, then the object's hash. An object may be in several logs. */
export function selectEntriesOf(names: Iterable<ObjectName>): Statement {
  return {
    sql: `SELECT e.log, e.idx, e.object, e.kind, e.t, e.commitment, e.salt, e.erased_by, o.hash
FROM json_each(?1) AS k
CROSS JOIN objects AS o ON o.hash = unhex(k.value)
CROSS JOIN entries AS e ON e.object = o.id`,
    args: [hexList(names)],
  };
}

export function readEntryOf(row: Row): { readonly name: ObjectName; readonly entry: StoredEntry } {
  return { name: name(row, 8), entry: readEntry(row) };
}

/** How many entries of a log are of a time before `t` (milliseconds). */
export async function countEntriesBefore(db: Database, log: number, t: number): Promise<number> {
  const sql = 'SELECT count(*) FROM entries WHERE log = ? AND t < ?';
  const [rows = []] = await db.batch('read', [{ sql, args: [integer(log), integer(t)] }]);
  return number(rows[0] as Row, 0);
}
