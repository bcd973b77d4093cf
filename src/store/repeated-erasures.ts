// Erasures of the list that the database does not know of, as after a restore: which they are, and doing them again.
import type { ObjectName } from '../protocol/object-name.ts';
import { hashOf } from '../protocol/object-name.ts';
import { encodeRemains, remainsOf } from '../protocol/remains.ts';
import { readActivity } from './activity-bytes.ts';
import { blob, hexList, name } from './cell.ts';
import { type Database, integer, type Statement } from './database.ts';
import type { ListedErasure } from './erasure-list.ts';
import { deleteFollowersOf } from './foreign-followers.ts';
import { type Skeleton, skeletonOf } from './skeletons.ts';

/** Those of the names that are said to be erased in this log, and whose bodies are there; null for all logs. */
export async function findStanding(
  db: Database,
  names: readonly ObjectName[],
  origin: string | null,
): Promise<Set<ObjectName>> {
  const [rows = []] = await db.batch('read', [
    {
      sql: `SELECT DISTINCT o.hash FROM json_each(?1) AS k CROSS JOIN objects AS o ON o.hash = unhex(k.value)
CROSS JOIN entries AS e ON e.object = o.id JOIN logs AS l ON l.id = e.log
WHERE e.salt IS NOT NULL AND (?2 IS NULL OR l.origin = ?2)`,
      args: [hexList(names), origin],
    },
  ]);
  return new Set(rows.map((row) => name(row, 0)));
}

/** Of those of the objects that do more than speak, what remains once their words go. */
export async function readRemainsOf(
  db: Database,
  names: readonly ObjectName[],
): Promise<Skeleton[]> {
  const [rows = []] = await db.batch('read', [
    {
      sql: `SELECT o.hash, o.bytes FROM json_each(?1) AS k CROSS JOIN objects AS o ON o.hash = unhex(k.value)
WHERE o.bytes IS NOT NULL`,
      args: [hexList(names)],
    },
  ]);
  return rows.flatMap((row) => {
    const one = name(row, 0);
    const remains = remainsOf(readActivity(blob(row, 1), one));
    return remains === null ? [] : [skeletonOf(one, remains)];
  });
}

const OBJECT = '(SELECT id FROM objects WHERE hash = ?1)';

/** Takes the bodies away as the Delete at `by` did, though the log does not have it yet. Derived rows have to be made anew. */
export function eraseAgain(
  { by, log, names }: ListedErasure,
  remains: readonly Skeleton[],
): Statement[] {
  return names.flatMap((one): Statement[] => [
    keepSkeleton(one, remains),
    {
      sql: `UPDATE entries SET salt = NULL, erased_by = ?3
WHERE object = ${OBJECT} AND log = (SELECT id FROM logs WHERE origin = ?2) AND salt IS NOT NULL`,
      args: [hashOf(one), log, integer(by)],
    },
    {
      sql: `UPDATE objects SET bytes = NULL WHERE hash = ?1
AND NOT EXISTS (SELECT 1 FROM entries WHERE object = ${OBJECT} AND salt IS NOT NULL)`,
      args: [hashOf(one)],
    },
    ...forget(one),
  ]);
}

/** The same for what this node has withdrawn by the act `act`. */
export function withdrawAgain(
  { names }: ListedErasure,
  tombstone: Uint8Array,
  act: ObjectName,
  remains: readonly Skeleton[],
): Statement[] {
  return [
    {
      sql: `INSERT INTO objects (hash, bytes) VALUES (?1, ?2)
ON CONFLICT (hash) DO UPDATE SET bytes = excluded.bytes`,
      args: [hashOf(act), tombstone],
    },
    ...names.flatMap((one): Statement[] => [
      keepSkeleton(one, remains),
      {
        sql: `INSERT INTO withdrawals (object, act)
SELECT o.id, a.id FROM objects AS o JOIN objects AS a ON a.hash = ?2 WHERE o.hash = ?1
ON CONFLICT (object) DO UPDATE SET act = excluded.act`,
        args: [hashOf(one), hashOf(act)],
      },
      {
        sql: `UPDATE entries SET salt = NULL, erased_by = idx WHERE object = ${OBJECT} AND salt IS NOT NULL`,
        args: [hashOf(one)],
      },
      { sql: 'UPDATE objects SET bytes = NULL WHERE hash = ?1', args: [hashOf(one)] },
      ...deleteFollowersOf(one),
      ...forget(one),
    ]),
  ];
}

function keepSkeleton(one: ObjectName, remains: readonly Skeleton[]): Statement {
  const left = remains.find((skeleton) => skeleton.name === one)?.remains ?? null;
  if (left !== null) {
    return {
      sql: `INSERT INTO skeletons (object, author, remains)
SELECT o.id, a.id, ?3 FROM objects AS o JOIN agents AS a ON a.did = ?2 WHERE o.hash = ?1
ON CONFLICT (object) DO NOTHING`,
      args: [hashOf(one), left.actor, encodeRemains(left)],
    };
  }
  return {
    sql: `INSERT INTO skeletons (object, author, parent) SELECT object, author, parent FROM items WHERE object = ${OBJECT}
ON CONFLICT (object) DO NOTHING`,
    args: [hashOf(one)],
  };
}

function forget(one: ObjectName): Statement[] {
  return [
    { sql: 'DELETE FROM pending WHERE hash = ?1', args: [hashOf(one)] },
    { sql: 'UPDATE node SET version = version + 1, rebuilding = 1', args: [] },
  ];
}

/** True if some other node may have what this one has lost. */
export async function hasPeers(db: Database): Promise<boolean> {
  const [rows = []] = await db.batch('read', [{ sql: 'SELECT 1 FROM peers LIMIT 1', args: [] }]);
  return rows.length > 0;
}
