// Places in the order of arrival: the newest, and what becomes of one that a reader has kept.
import type { Place } from '../arrivals.ts';
import { blob, number, numberOrNull } from '../cell.ts';
import { type Database, integer, type Statement } from '../database.ts';
import { SELECT_VERSION } from '../write-group.ts';

/** A place with the commitment of the entry that stands there. */
export interface KnownPlace {
  readonly place: Place;
  readonly commitment: Uint8Array;
}

const OLDEST: Statement = { sql: 'SELECT min(version) FROM arrivals', args: [] };

/** The newest; null in a database that has taken nothing yet. */
export async function findNewestPlace(db: Database): Promise<KnownPlace | null> {
  const [rows = []] = await db.batch('read', [
    {
      sql: `SELECT a.version, a.log, e.idx, e.commitment FROM arrivals AS a
CROSS JOIN entries AS e ON e.log = a.log AND e.idx = a.start + a.count - 1
WHERE a.version = (SELECT max(version) FROM arrivals) ORDER BY a.log DESC LIMIT 1`,
      args: [],
    },
  ]);
  const row = rows[0];
  if (row === undefined) return null;
  const place = { version: number(row, 0), log: number(row, 1), index: number(row, 2) };
  return { place, commitment: blob(row, 3) };
}

/** The entry at a place; `old` if what came then is no longer remembered, `unknown` if nothing came then. */
export async function findPlace(
  db: Database,
  place: Place,
): Promise<KnownPlace | 'old' | 'unknown'> {
  const [rows = [], oldest = [], version = []] = await db.batch('read', [
    atPlace(place),
    OLDEST,
    SELECT_VERSION,
  ]);
  const [row] = rows;
  if (row !== undefined) return { place, commitment: blob(row, 0) };
  const first = numberOrNull(oldest[0] ?? [], 0) ?? 0;
  return place.version < first && place.version <= number(version[0] ?? [], 0) ? 'old' : 'unknown';
}

function atPlace({ index, log, version }: Place): Statement {
  return {
    sql: `SELECT e.commitment FROM arrivals AS a CROSS JOIN entries AS e ON e.log = a.log AND e.idx = ?3
WHERE a.version = ?1 AND a.log = ?2 AND ?3 >= a.start AND ?3 < a.start + a.count`,
    args: [version, log, index].map(integer),
  };
}

/** True if entries that came after a place may no longer be listed. */
export async function isForgotten(db: Database, { version }: Place): Promise<boolean> {
  const [rows = []] = await db.batch('read', [OLDEST]);
  return version < (numberOrNull(rows[0] ?? [null], 0) ?? 0);
}
