// Logs of this node that nothing is appended to: it has signed more of them than it has.
import { number, text, textOrNull } from './cell.ts';
import { type Database, integer, type Row, type Statement } from './database.ts';

export interface Hold {
  /** Of one log, or `EVERY_LOG`. */
  readonly origin: string;
  /** Of the largest head that is known; 0 with `EVERY_LOG`. */
  readonly size: number;
  /** That head, signed by this node; null where nobody could say how long the log was. */
  readonly note: string | null;
  /** Who has shown it: URL of a node, or the name of a file. */
  readonly source: string;
  /** Milliseconds. */
  readonly heldAt: number;
}

/** Stands for all logs of this node, those that it does not know of included. */
export const EVERY_LOG = '*';

export const SELECT_HOLDS: Statement = {
  sql: 'SELECT origin, size, note, source, held_at FROM holds ORDER BY origin',
  args: [],
};

export function readHold(row: Row): Hold {
  return {
    origin: text(row, 0),
    size: number(row, 1),
    note: textOrNull(row, 2),
    source: text(row, 3),
    heldAt: number(row, 4),
  };
}

export async function listHolds(db: Database): Promise<Hold[]> {
  const [rows = []] = await db.batch('read', [SELECT_HOLDS]);
  return rows.map(readHold);
}

/** True if nothing may be appended to the log of this node with this origin. */
export function isHeld(holds: readonly Pick<Hold, 'origin'>[], log: string): boolean {
  return holds.some(({ origin }) => origin === EVERY_LOG || origin === log);
}

/** Holds all logs, unless this one is held by itself: then it is known to be too short, and what that says of the others was judged. */
export function insertHoldOfAll({
  heldAt,
  origin,
  source,
}: Omit<Hold, 'note' | 'size'>): Statement {
  return {
    sql: `INSERT INTO holds (origin, size, note, source, held_at) SELECT '${EVERY_LOG}', 0, NULL, ?, ?
WHERE NOT EXISTS (SELECT 1 FROM holds WHERE origin = ?) ON CONFLICT DO NOTHING`,
    args: [source, integer(heldAt), origin],
  };
}

/** Of two heads of one log the larger is kept. */
export function insertHold({ heldAt, note, origin, size, source }: Hold): Statement {
  return {
    sql: `INSERT INTO holds (origin, size, note, source, held_at) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (origin) DO UPDATE SET size = excluded.size, note = excluded.note, source = excluded.source
WHERE holds.size < excluded.size`,
    args: [origin, integer(size), note, source, integer(heldAt)],
  };
}

/** These and no others. */
export function replaceHolds(holds: readonly Hold[]): Statement[] {
  return [{ sql: 'DELETE FROM holds', args: [] }, ...holds.map(insertHold)];
}
