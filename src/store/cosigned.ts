// Notes of logs with the cosignatures that witnesses have put to them: one for each log, the newest.
import type { CosignedView } from '../protocol/views.ts';
import { isoTime, number, text } from './cell.ts';
import { type Database, integer, type Row, type Statement } from './database.ts';
import type { LogHead } from './logs.ts';
import { valuesList } from './values-list.ts';

export interface CosignedNote {
  readonly size: number;
  readonly note: string;
  /** Milliseconds. */
  readonly cosignedAt: number;
}

/** Replaces the note of a smaller size, or of the same. */
export function upsertCosigned(log: number, { cosignedAt, note, size }: CosignedNote): Statement {
  return {
    sql: `INSERT INTO cosigned (log, size, note, cosigned_at) VALUES (?, ?, ?, ?) ON CONFLICT (log) DO UPDATE
SET size = excluded.size, note = excluded.note, cosigned_at = excluded.cosigned_at WHERE cosigned.size <= excluded.size`,
    args: [integer(log), integer(size), note, integer(cosignedAt)],
  };
}

const signedAgain = valuesList(
  'UPDATE cosigned SET note = v.column3 FROM (VALUES',
  3,
  ') AS v WHERE cosigned.log = v.column1 AND cosigned.size = v.column2',
);

/** The same notes with other signatures of their logs; those of other sizes are left alone. */
export function replaceCosigned(
  notes: readonly (readonly [log: number, size: number, note: string])[],
): Statement[] {
  return signedAgain(notes.map(([log, size, note]) => [integer(log), integer(size), note]));
}

export async function findCosigned(db: Database, log: number): Promise<CosignedNote | null> {
  const sql = 'SELECT size, note, cosigned_at FROM cosigned WHERE log = ?';
  const [rows = []] = await db.batch('read', [{ sql, args: [integer(log)] }]);
  return rows[0] === undefined ? null : readCosigned(rows[0]);
}

function readCosigned(row: Row): CosignedNote {
  return { size: number(row, 0), note: text(row, 1), cosignedAt: number(row, 2) };
}

const WITNESS = /^— ([^ ]+\/witness) /gm;

/** Who has cosigned the note, by the names of their keys. */
export function cosignedView({ cosignedAt, note, size }: CosignedNote): CosignedView {
  const witnesses = [...note.matchAll(WITNESS)].map(([, name]) => name as string);
  return { size, at: isoTime(cosignedAt), witnesses };
}

/** What witnesses have cosigned of this node's system log; null if nothing. */
export async function findCosignedSystemLog(db: Database): Promise<CosignedView | null> {
  const sql = `SELECT c.size, c.note, c.cosigned_at FROM cosigned AS c
JOIN logs AS l ON l.id = c.log WHERE l.is_home = 1 AND l.submolt IS NULL`;
  const [rows = []] = await db.batch('read', [{ sql, args: [] }]);
  return rows[0] === undefined ? null : cosignedView(readCosigned(rows[0]));
}

/** The note to prove things under that stand at `index`: the newest cosigned one if it covers them, else the newest. */
export async function findNoteOver(
  db: Database,
  { checkpoint, id, signedSize }: Pick<LogHead, 'checkpoint' | 'id' | 'signedSize'>,
  index: number,
): Promise<{ readonly size: number; readonly note: string }> {
  const cosigned = await findCosigned(db, id);
  return cosigned !== null && index < cosigned.size
    ? cosigned
    : { size: signedSize, note: checkpoint ?? '' };
}

/** Origins of some of this node's own logs that were cosigned last before this time (milliseconds). */
export async function listStale(db: Database, before: number, limit: number): Promise<string[]> {
  const sql = `SELECT l.origin FROM cosigned AS c JOIN logs AS l ON l.id = c.log
WHERE l.is_home = 1 AND c.cosigned_at < ? ORDER BY c.cosigned_at LIMIT ?`;
  const [rows = []] = await db.batch('read', [{ sql, args: [integer(before), integer(limit)] }]);
  return rows.map((row) => text(row, 0));
}

/** Origins of this node's own logs, and whether they have grown since they were cosigned. */
export async function listPublished(
  db: Database,
): Promise<{ readonly origin: string; readonly grown: boolean }[]> {
  const sql = `SELECT l.origin, l.signed_size > coalesce(c.size, -1) FROM logs AS l
LEFT JOIN cosigned AS c ON c.log = l.id WHERE l.is_home = 1 ORDER BY l.id`;
  const [rows = []] = await db.batch('read', [{ sql, args: [] }]);
  return rows.map((row) => ({ origin: text(row, 0), grown: number(row, 1) === 1 }));
}
