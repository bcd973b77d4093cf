// In what order entries came to this node, over all of its logs: one row for each log that a batch appends to.
import { number } from './cell.ts';
import { integer, type Row, type Statement } from './database.ts';
import type { StoredEntry } from './entries.ts';
import { valuesList } from './values-list.ts';

/** Batches that are remembered: minutes of a node that is written to without a pause, days of any other. */
const KEPT = 262_144;
const CLEAN_UP_EVERY = 1024;

/** Where an entry stands in the order in which this node took entries: by batch, in a batch by log. */
export interface Place {
  /** Version of the node with the batch. */
  readonly version: number;
  /** Number of the log. */
  readonly log: number;
  readonly index: number;
}

/** Below 0 if `a` came before `b`. */
export function comparePlaces(a: Place, b: Place): number {
  return a.version - b.version || a.log - b.log || a.index - b.index;
}

/** After all entries of that batch. */
export function endOf(version: number): Place {
  return { version, log: Number.MAX_SAFE_INTEGER, index: Number.MAX_SAFE_INTEGER };
}

const rows = valuesList('INSERT INTO arrivals (version, log, start, count) VALUES', 4);

/** `version` is the node's with the batch; entries of one log follow one another. */
export function noteArrivals(version: number, entries: readonly StoredEntry[]): Statement[] {
  const logs = new Map<number, { readonly start: number; count: number }>();
  for (const { index, log } of entries) {
    const arrival = logs.get(log) ?? { start: index, count: 0 };
    arrival.count += 1;
    logs.set(log, arrival);
  }
  const noted = rows(
    Array.from(logs, ([log, { count, start }]) => [version, log, start, count].map(integer)),
  );
  return version % CLEAN_UP_EVERY === 0 ? [...noted, deleteOld(version)] : noted;
}

function deleteOld(version: number): Statement {
  return { sql: 'DELETE FROM arrivals WHERE version <= ?', args: [integer(version - KEPT)] };
}

/** The entries that came after a place, in order: their columns are those of `page`. */
export const ARRIVED_AFTER = `SELECT a.version, e.log, e.idx, e.object, e.kind, e.t, e.commitment
  FROM arrivals AS a CROSS JOIN entries AS e ON e.log = a.log AND e.idx >= a.start AND e.idx < a.start + a.count
  WHERE (a.version, a.log) >= (?1, ?2) AND (a.version, a.log, e.idx) > (?1, ?2, ?3)
  ORDER BY a.version, a.log, e.idx LIMIT ?4`;

export function readPlace(row: Row): Place {
  return { version: number(row, 0), log: number(row, 1), index: number(row, 2) };
}
