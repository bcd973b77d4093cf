// Reads for federation: peers, who follows what, where replicas come from, what waits and what never will be taken.
import type { Did } from '../../protocol/did.ts';
import type { CanonicalBytes } from '../../protocol/jcs.ts';
import type { ObjectName } from '../../protocol/object-name.ts';
import { blob, did, name, number, text } from '../cell.ts';
import { type Database, integer, type Row, type Value } from '../database.ts';
import {
  DEAD_LETTER_COLUMNS,
  type DeadLetter,
  FOLLOWER_COLUMNS,
  type Follower,
  PEER_COLUMNS,
  PEER_JOINS,
  type Peer,
  readDeadLetter,
  readFollower,
  readPeer,
  readSource,
  SOURCE_COLUMNS,
  type Source,
} from '../peers.ts';
import { SELECT_UNCOMPARED } from '../seen-heads.ts';

async function read<T>(
  db: Database,
  sql: string,
  args: readonly Value[],
  rowOf: (row: Row) => T,
): Promise<T[]> {
  const [rows = []] = await db.batch('read', [{ sql, args }]);
  return rows.map(rowOf);
}

export function listPeers(db: Database): Promise<Peer[]> {
  return read(
    db,
    `SELECT ${PEER_COLUMNS} FROM peers AS p ${PEER_JOINS} ORDER BY p.id`,
    [],
    readPeer,
  );
}

export async function findPeer(db: Database, peer: Did): Promise<Peer | null> {
  const sql = `SELECT ${PEER_COLUMNS} FROM peers AS p ${PEER_JOINS} WHERE a.did = ?`;
  return (await read(db, sql, [peer], readPeer))[0] ?? null;
}

/** The peer whose origins of logs begin with `<authority>/log/`. */
export async function findPeerByAuthority(db: Database, authority: string): Promise<Peer | null> {
  const sql = `SELECT ${PEER_COLUMNS} FROM peers AS p ${PEER_JOINS} WHERE p.url IN (?, ?)`;
  const urls = [`https://${authority}`, `http://${authority}`];
  return (await read(db, sql, urls, readPeer))[0] ?? null;
}

/** Those of these DIDs that are peers, in the order they became so. */
export function findPeers(db: Database, peers: Iterable<Did>): Promise<Peer[]> {
  const sql = `SELECT ${PEER_COLUMNS} FROM json_each(?) AS k
CROSS JOIN agents AS a ON a.did = k.value CROSS JOIN peers AS p ON p.did = a.id ORDER BY p.id`;
  return read(db, sql, [JSON.stringify([...peers])], readPeer);
}

const FOLLOWERS = `SELECT ${FOLLOWER_COLUMNS} FROM followers AS f
JOIN logs AS l ON l.id = f.log JOIN peers AS p ON p.id = f.peer ${PEER_JOINS}`;

/** Followers of all logs, or of one. */
export function listFollowers(db: Database, origin?: string): Promise<Follower[]> {
  return origin === undefined
    ? read(db, `${FOLLOWERS} ORDER BY f.log, f.peer`, [], readFollower)
    : read(db, `${FOLLOWERS} WHERE l.origin = ? ORDER BY f.peer`, [origin], readFollower);
}

/** Followers that have not acknowledged all there is. */
export function listLaggingFollowers(db: Database): Promise<Follower[]> {
  const sql = `${FOLLOWERS} WHERE f.size < l.signed_size ORDER BY f.log, f.peer`;
  return read(db, sql, [], readFollower);
}

export async function findFollower(
  db: Database,
  origin: string,
  peer: Did,
): Promise<Follower | null> {
  const sql = `${FOLLOWERS} WHERE l.origin = ? AND a.did = ?`;
  return (await read(db, sql, [origin, peer], readFollower))[0] ?? null;
}

const SOURCES = `SELECT ${SOURCE_COLUMNS} FROM sources AS s
JOIN logs AS l ON l.id = s.log JOIN peers AS p ON p.id = s.peer ${PEER_JOINS}
LEFT JOIN objects AS o ON o.id = l.submolt`;

/** Replicas, halted ones included. */
export function listSources(db: Database): Promise<Source[]> {
  return read(db, `${SOURCES} ORDER BY s.log`, [], readSource);
}

export async function findSource(db: Database, origin: string): Promise<Source | null> {
  return (await read(db, `${SOURCES} WHERE l.origin = ?`, [origin], readSource))[0] ?? null;
}

export interface WaitingObject {
  readonly id: number;
  readonly name: ObjectName;
  readonly submolt: ObjectName;
  readonly bytes: CanonicalBytes;
  /** Milliseconds: since when it waits. */
  readonly createdAt: number;
}

/** The oldest objects that wait for this home, with ids above `after`. */
export function listWaiting(
  db: Database,
  home: Did,
  limit: number,
  after = 0,
): Promise<WaitingObject[]> {
  const sql = `SELECT w.id, w.hash, o.hash, w.bytes, w.created_at FROM pending AS w
JOIN objects AS o ON o.id = w.submolt
WHERE w.status = 'pending' AND w.home = (SELECT id FROM agents WHERE did = ?) AND w.id > ?
ORDER BY w.id LIMIT ?`;
  return read(db, sql, [home, integer(after), integer(limit)], (row) => ({
    id: number(row, 0),
    name: name(row, 1),
    submolt: name(row, 2),
    bytes: blob(row, 3) as CanonicalBytes,
    createdAt: number(row, 4),
  }));
}

/** Logs of which heads wait to be compared. */
export async function listUncompared(db: Database): Promise<string[]> {
  const [rows = []] = await db.batch('read', [SELECT_UNCOMPARED]);
  return rows.map((row) => text(row, 0));
}

/** A home that objects wait for, and the id of the newest of them. */
export interface WaitedFor {
  readonly home: Did;
  readonly newest: number;
}

export function listWaitedFor(db: Database): Promise<WaitedFor[]> {
  const sql = `SELECT a.did, (SELECT max(id) FROM pending WHERE status = 'pending' AND home = a.id) FROM agents AS a
WHERE a.id IN (SELECT home FROM pending WHERE status = 'pending') ORDER BY a.id`;
  return read(db, sql, [], (row) => ({ home: did(row, 0), newest: number(row, 1) }));
}

/** The newest dead letters. */
export function listDeadLetters(db: Database, limit: number): Promise<DeadLetter[]> {
  const sql = `SELECT ${DEAD_LETTER_COLUMNS} FROM dead_letters AS d LEFT JOIN peers AS p ON p.id = d.peer
ORDER BY d.id DESC LIMIT ?`;
  return read(db, sql, [integer(limit)], readDeadLetter);
}

/** A peer that follows a log here, or whose log is replicated here. */
export interface Partner {
  readonly peer: Peer;
  /** An operator has chosen to follow it; anybody can follow this node. */
  readonly chosen: boolean;
}

/** Those that were chosen first, and the longest known first among them; none that the operator has dropped. */
export function listPartners(db: Database, limit: number): Promise<Partner[]> {
  const sql = `SELECT ${PEER_COLUMNS}, EXISTS (SELECT 1 FROM sources WHERE peer = p.id) AS chosen
FROM peers AS p ${PEER_JOINS} WHERE p.dropped_at IS NULL AND (chosen OR EXISTS (SELECT 1 FROM followers WHERE peer = p.id))
ORDER BY chosen DESC, p.id LIMIT ?`;
  return read(db, sql, [integer(limit)], (row) => ({
    peer: readPeer(row),
    chosen: row.at(-1) === 1,
  }));
}
