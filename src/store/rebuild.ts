// Rebuilds everything derived from the logs, by the same rules that made it.
import { apply, applyErased, keysOfErased } from '../domain/apply.ts';
import { emptyKeys, keysOf, mergeKeys } from '../domain/keys.ts';
import type { Activity } from '../protocol/activity.ts';
import type { ObjectName } from '../protocol/object-name.ts';
import { actOf } from '../protocol/remains.ts';
import { readActivity } from './activity-bytes.ts';
import { blobOrNull, name, number } from './cell.ts';
import { type Database, integer, type Row } from './database.ts';
import { emptySearch } from './fill-search.ts';
import { loadRows } from './load-rows.ts';
import { type LogHead, readLog, selectAllLogs } from './logs.ts';
import { insertAgents, insertObjects } from './objects.ts';
import { readSkeleton, type Skeleton, selectSkeletons } from './skeletons.ts';
import { writeGuarded } from './write-group.ts';
import { writeRows } from './write-rows.ts';

/** Every table whose rows follow from the logs. */
export const DERIVED_TABLES = [
  'submolts',
  'items',
  'acts',
  'votes',
  'memberships',
  'profiles',
  'follows',
  'labels',
  'node_bans',
  'reports',
  'identities',
  'identity_places',
  'owners',
  'delegations',
  'delegation_states',
  'delegation_places',
  'mentions',
  'notices',
] as const;

/** Entries replayed in one batch. */
const STEP = 256;

/**
 * Drops all derived rows and replays all logs. No other writer may run meanwhile. A rebuild that was cut
 * short leaves a mark, and `finishRebuild` starts it again.
 */
export async function rebuildDerived(db: Database): Promise<void> {
  await db.batch('write', [
    { sql: 'UPDATE node SET version = version + 1, rebuilding = 1', args: [] },
    ...DERIVED_TABLES.map((table) => ({ sql: `DELETE FROM ${table}`, args: [] })),
    ...emptySearch(),
  ]);
  const [rows = []] = await db.batch('read', [selectAllLogs()]);
  for (const row of rows) {
    const head = readLog(row);
    for (let start = 0; start < head.size; start += STEP) await replay(db, head, start);
  }
  await db.batch('write', [
    { sql: 'UPDATE node SET version = version + 1, rebuilding = 0', args: [] },
  ]);
}

/** Completes a rebuild that a crash cut short. */
export async function finishRebuild(db: Database): Promise<void> {
  const [rows] = await db.batch('read', [{ sql: 'SELECT rebuilding FROM node', args: [] }]);
  if (rows?.[0]?.[0] === 1) await rebuildDerived(db);
}

interface Replayed {
  readonly index: number;
  readonly t: number;
  readonly name: ObjectName;
  /** Null when the body is erased. */
  readonly activity: Activity | null;
}

async function replay(db: Database, head: LogHead, start: number): Promise<void> {
  const replayed = await readReplayed(db, head, start);
  const erased = await readErased(db, replayed);
  const entries = replayed.map((entry) => withoutWords(entry, erased.get(entry.name)));
  const log = head.submolt ?? 'system';
  const keys = emptyKeys();
  for (const entry of entries) {
    const skeleton = erased.get(entry.name);
    if (entry.activity !== null) mergeKeys(keys, keysOf(entry.activity, entry.name, log));
    else if (skeleton !== undefined && log !== 'system')
      mergeKeys(keys, keysOfErased(skeleton, log));
  }
  const names = entries.map((entry) => entry.name);
  const { rows, version } = await loadRows(db, { node: head.home, keys, names });
  for (const { activity, index, name, t } of entries) {
    const skeleton = erased.get(name);
    rows.at(head.id, index, skeleton === undefined ? (activity?.actor ?? null) : null);
    if (activity !== null) apply(rows, { activity, name }, { log, node: head.home, t });
    else if (skeleton !== undefined && log !== 'system') applyErased(rows, skeleton, log, t);
  }
  const derived = writeRows(rows);
  await writeGuarded(db, version, [
    ...insertAgents(rows.numbering.newAgents),
    ...insertObjects(rows.numbering.newObjects),
    ...derived,
  ]);
}

/** An act that its words have gone from is replayed as what is left of it. */
function withoutWords(entry: Replayed, skeleton: Skeleton | undefined): Replayed {
  const left = skeleton?.remains ?? null;
  return entry.activity === null && left !== null ? { ...entry, activity: actOf(left) } : entry;
}

async function readReplayed(db: Database, head: LogHead, start: number): Promise<Replayed[]> {
  const [rows = []] = await db.batch('read', [
    {
      sql: `SELECT e.idx, e.t, o.hash, o.bytes, e.salt FROM entries AS e JOIN objects AS o ON o.id = e.object
WHERE e.log = ? AND e.idx >= ? AND e.idx < ? ORDER BY e.idx`,
      args: [integer(head.id), integer(start), integer(Math.min(start + STEP, head.size))],
    },
  ]);
  return rows.map((row) => {
    const bytes = blobOrNull(row, 4) === null ? null : blobOrNull(row, 3);
    const objectName = name(row, 2);
    return {
      index: number(row, 0),
      t: number(row, 1),
      name: objectName,
      activity: bytes === null ? null : readActivity(bytes, objectName),
    };
  });
}

async function readErased(
  db: Database,
  entries: readonly Replayed[],
): Promise<Map<ObjectName, Skeleton>> {
  const names = entries.filter((entry) => entry.activity === null).map((entry) => entry.name);
  if (names.length === 0) return new Map();
  const [rows = []] = await db.batch('read', [selectSkeletons(names)]);
  return new Map(rows.map((row: Row) => readSkeleton(row)).map((one) => [one.name, one]));
}
