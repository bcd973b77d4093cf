// What peers are to be told of by itself: DID logs in this node's own system log that have gone beyond the first version, and delegations taken back.
import { blob, number, numberOrNull } from '../cell.ts';
import { type Database, integer, type Value } from '../database.ts';
import { PEER_COLUMNS, PEER_JOINS, type Peer, readPeer } from '../peers.ts';

const OWN_SYSTEM_LOG = 'l.is_home = 1 AND l.submolt IS NULL';
/** Of each identity only what it has come to: whoever knows the newest statement needs none before it. */
const CHANGED = `CROSS JOIN entries AS e ON e.log = l.id AND (
  EXISTS (SELECT 1 FROM identities AS i WHERE i.statement = e.object AND i.node = l.home AND i.version > 1)
  OR EXISTS (SELECT 1 FROM delegation_states AS s WHERE s.revoked = e.object AND s.node = l.home)
)`;

/** What was found in a part of the system log. */
export interface Changes {
  /** Entries there are. */
  readonly size: number;
  /** Indexes of the first and the last change in the part, or null. */
  readonly first: number | null;
  readonly last: number | null;
}

/** Looks through the system log from `start` on. */
export function findChanges(db: Database, start: number): Promise<Changes> {
  const sql = `SELECT min(e.idx), max(e.idx) FROM logs AS l ${CHANGED} AND e.idx >= ?1
WHERE ${OWN_SYSTEM_LOG}`;
  return readChanges(db, [sql], [integer(start)]);
}

/**
 * What there is to tell the peer that was told least. Goes by what has changed: the log may have grown for years since
 * then.
 */
export function findUntoldChanges(db: Database): Promise<Changes> {
  const among = (changes: string) => `SELECT min(e.idx), max(e.idx) FROM logs AS l ${changes}
  AND e.log = l.id AND e.idx >= coalesce((SELECT min(told) FROM peers), l.size)
WHERE ${OWN_SYSTEM_LOG}`;
  const keys = among(`CROSS JOIN identities AS i ON i.version > 1 AND i.node = l.home
CROSS JOIN entries AS e ON e.object = i.statement`);
  const revocations =
    among(`CROSS JOIN delegation_states AS s ON s.revoked IS NOT NULL AND s.node = l.home
CROSS JOIN entries AS e ON e.object = s.revoked`);
  return readChanges(db, [keys, revocations], []);
}

async function readChanges(
  db: Database,
  parts: readonly string[],
  args: readonly Value[],
): Promise<Changes> {
  const [sizes, ...found] = await db.batch('read', [
    { sql: `SELECT l.size FROM logs AS l WHERE ${OWN_SYSTEM_LOG}`, args: [] },
    ...parts.map((sql) => ({ sql, args })),
  ]);
  const [head] = sizes ?? [];
  const size = head === undefined ? 0 : number(head, 0);
  const indexes = found.flatMap(([row = [null, null]]) =>
    [numberOrNull(row, 0), numberOrNull(row, 1)].filter((index) => index !== null),
  );
  if (indexes.length === 0) return { size, first: null, last: null };
  return { size, first: Math.min(...indexes), last: Math.max(...indexes) };
}

export interface Change {
  /** In the system log. */
  readonly index: number;
  /** The signed statement, or the Undo of one. */
  readonly bytes: Uint8Array;
}

/** The oldest changes that the peer with this number was not told of. */
export async function listChanges(db: Database, peer: number, limit: number): Promise<Change[]> {
  const [rows = []] = await db.batch('read', [
    {
      sql: `SELECT e.idx, o.bytes FROM logs AS l ${CHANGED}
CROSS JOIN objects AS o ON o.id = e.object
WHERE ${OWN_SYSTEM_LOG} AND e.idx >= (SELECT told FROM peers WHERE id = ?1)
ORDER BY e.idx LIMIT ?2`,
      args: [integer(peer), integer(limit)],
    },
  ]);
  return rows.map((row) => ({ index: number(row, 0), bytes: blob(row, 1) }));
}

export interface Patience {
  /** Failures in a row from which on a peer counts as down. */
  readonly failures: number;
  /** A peer that is down and was not in contact since (milliseconds) is left alone until it comes by itself. */
  readonly since: number;
}

/** Peers that were not told of the entry at `index`, those first that may be asked first. */
export async function listUntold(
  db: Database,
  index: number,
  { failures, since }: Patience,
  limit: number,
): Promise<Peer[]> {
  const [rows = []] = await db.batch('read', [
    {
      sql: `SELECT ${PEER_COLUMNS} FROM peers AS p ${PEER_JOINS}
WHERE p.told <= ?1 AND (p.failures < ?2 OR coalesce(p.contacted_at, p.added_at) >= ?3)
ORDER BY p.retry_at, p.id LIMIT ?4`,
      args: [integer(index), integer(failures), integer(since), integer(limit)],
    },
  ]);
  return rows.map((row) => readPeer(row));
}
