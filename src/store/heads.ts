// Heads of this node's submolt logs: as they are, and as the newest statement in the system log has them.
import type { Checkpoint } from '../log/checkpoint.ts';
import { blob, number, text } from './cell.ts';
import { type Database, integer, type Row, type Statement } from './database.ts';
import { valuesList } from './values-list.ts';

// Of a log that is held a larger head was signed, and may have been stated, than the one it has.
const HELD = 'EXISTS (SELECT 1 FROM holds WHERE origin = l.origin)';
const SIGNED = `FROM logs AS l WHERE l.is_home = 1 AND l.submolt IS NOT NULL AND NOT ${HELD}`;
const STATED = `FROM heads AS h CROSS JOIN logs AS l ON l.id = h.log WHERE NOT ${HELD}`;

/** Both as of one moment, each with the number of its log; without logs that are held. */
export async function readHeads(db: Database) {
  const [signed = [], stated = []] = await db.batch('read', [
    { sql: `SELECT l.origin, l.size, l.root, l.id ${SIGNED}`, args: [] },
    { sql: `SELECT l.origin, h.size, h.root, l.id ${STATED}`, args: [] },
  ]);
  return { signed: signed.map(readHead), stated: stated.map(readHead) };
}

export interface NumberedHead extends Checkpoint {
  readonly log: number;
}

function readHead(row: Row): NumberedHead {
  return { origin: text(row, 0), size: number(row, 1), root: blob(row, 2), log: number(row, 3) };
}

const rows = valuesList(
  'INSERT INTO heads (log, size, root) VALUES',
  3,
  'ON CONFLICT (log) DO UPDATE SET size = excluded.size, root = excluded.root',
);

export function upsertHeads(heads: readonly NumberedHead[]): Statement[] {
  return rows(heads.map(({ log, root, size }) => [integer(log), integer(size), root]));
}
