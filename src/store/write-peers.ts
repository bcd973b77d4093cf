// Statements that write down what a node learns of its peers. Numbers are found in SQL: nothing here is hot.
import type { Did } from '../protocol/did.ts';
import { hashOf, type ObjectName } from '../protocol/object-name.ts';
import { integer, integerOrNull, type Statement } from './database.ts';
import type { Peer } from './peers.ts';

const AGENT = '(SELECT id FROM agents WHERE did = ?)';
const PEER = `(SELECT id FROM peers WHERE did = ${AGENT})`;
const LOG = '(SELECT id FROM logs WHERE origin = ?)';
const SYSTEM_SIZE = 'coalesce((SELECT size FROM logs WHERE is_home = 1 AND submolt IS NULL), 0)';

/** What discovery says of a node. */
export type PeerDescription = Pick<Peer, 'did' | 'url' | 'name' | 'logKey' | 'keyStatement'> &
  Partial<Pick<Peer, 'witnessKey'>>;

/** Adds a peer, or brings what it calls itself, its keys and their statements up to date. `at` in milliseconds. */
export function upsertPeer(peer: PeerDescription, at: number): Statement[] {
  return [
    { sql: 'INSERT INTO agents (did) VALUES (?) ON CONFLICT (did) DO NOTHING', args: [peer.did] },
    {
      sql: `INSERT INTO peers (did, url, name, log_key, key_statement, added_at, failures, retry_at, told,
  witness_key)
VALUES (${AGENT}, ?, ?, ?, ?, ?, 0, 0, ${SYSTEM_SIZE}, ?)
ON CONFLICT (did) DO UPDATE SET name = excluded.name, log_key = excluded.log_key, key_statement = excluded.key_statement,
  witness_key = coalesce(excluded.witness_key, witness_key)`,
      args: [
        peer.did,
        peer.url,
        peer.name,
        peer.logKey,
        peer.keyStatement,
        integer(at),
        peer.witnessKey ?? null,
      ],
    },
  ];
}

/** The peer answered, or came by itself. */
export function peerAnswered(peer: Did, at: number): Statement {
  return {
    sql: `UPDATE peers SET contacted_at = ?, failures = 0, retry_at = 0, error = NULL WHERE did = ${AGENT}`,
    args: [integer(at), peer],
  };
}

export function peerFailed(peer: Did, error: string, retryAt: number): Statement {
  return {
    sql: `UPDATE peers SET failures = failures + 1, retry_at = ?, error = ? WHERE did = ${AGENT}`,
    args: [integer(retryAt), error, peer],
  };
}

/** The peer has been told what it needs of the first `told` entries of this node's system log. */
export function updateTold(peer: Did, told: number): Statement {
  return {
    sql: `UPDATE peers SET told = max(told, ?) WHERE did = ${AGENT}`,
    args: [integer(told), peer],
  };
}

/** Peers that have been told of the entry at `last` have nothing to hear before the one at `next`. */
export function skipToNext(last: number, next: number): Statement {
  return {
    sql: 'UPDATE peers SET told = ? WHERE told > ? AND told < ?',
    args: [integer(next), integer(last), integer(next)],
  };
}

export interface NewReplica {
  readonly origin: string;
  readonly peer: Did;
  /** Null for a system log. */
  readonly submolt: ObjectName | null;
  readonly emptyRoot: Uint8Array;
}

/** An empty replica, and where it is filled from. The log key is the one the peer has stated. */
export function insertReplica(replica: NewReplica, at: number): Statement[] {
  const { emptyRoot, origin, peer, submolt } = replica;
  const hash = submolt === null ? null : hashOf(submolt);
  const numbered: Statement[] =
    hash === null
      ? []
      : [
          {
            sql: 'INSERT INTO objects (hash) VALUES (?) ON CONFLICT (hash) DO NOTHING',
            args: [hash],
          },
        ];
  return [
    ...numbered,
    {
      sql: `INSERT INTO logs (origin, home, submolt, is_home, log_key, size, root, frontier, last_t, signed_size)
SELECT ?, p.did, (SELECT id FROM objects WHERE hash = ?), 0, p.log_key, 0, ?, x'', 0, 0
FROM peers AS p WHERE p.did = ${AGENT}`,
      args: [origin, hash, emptyRoot, peer],
    },
    {
      sql: `INSERT INTO sources (log, peer, known_size, added_at) VALUES (${LOG}, ${PEER}, 0, ?)`,
      args: [origin, peer, integer(at)],
    },
  ];
}

export interface SourceState {
  /** What the home says it has. */
  readonly knownSize: number;
  /** Why nothing more is taken, or null. */
  readonly halted: string | null;
}

/** What has been halted in the meantime stays so, for the reason it was: only the operator resumes it. */
export function updateSource(origin: string, state: SourceState, at: number): Statement {
  return {
    sql: `UPDATE sources SET known_size = ?, halted = coalesce(halted, ?), checked_at = ? WHERE log = ${LOG}`,
    args: [integer(state.knownSize), state.halted, integer(at), origin],
  };
}

export function haltSource(origin: string, reason: string): Statement {
  return {
    sql: `UPDATE sources SET halted = coalesce(halted, ?) WHERE log = ${LOG}`,
    args: [reason, origin],
  };
}

export function insertFollower(origin: string, peer: Did, at: number): Statement {
  return {
    sql: `INSERT INTO followers (log, peer, size, added_at) VALUES (${LOG}, ${PEER}, 0, ?)
ON CONFLICT (log, peer) DO NOTHING`,
    args: [origin, peer, integer(at)],
  };
}

export function deleteFollower(origin: string, peer: Did): Statement {
  return {
    sql: `DELETE FROM followers WHERE log = ${LOG} AND peer = ${PEER}`,
    args: [origin, peer],
  };
}

export function updateFollower(origin: string, peer: Did, size: number): Statement {
  return {
    sql: `UPDATE followers SET size = ? WHERE log = ${LOG} AND peer = ${PEER}`,
    args: [integer(size), origin, peer],
  };
}

export interface NewDeadLetter {
  readonly peer: Did | null;
  /** Of the log it belongs to. */
  readonly origin: string;
  readonly index: number | null;
  readonly code: string;
  readonly detail: string;
  readonly bytes: Uint8Array | null;
}

export function insertDeadLetter(letter: NewDeadLetter, at: number): Statement {
  return {
    sql: `INSERT INTO dead_letters (peer, origin, idx, code, detail, bytes, created_at)
VALUES (${PEER}, ?, ?, ?, ?, ?, ?)`,
    args: [
      letter.peer,
      letter.origin,
      integerOrNull(letter.index),
      letter.code,
      letter.detail,
      letter.bytes,
      integer(at),
    ],
  };
}

/** Of letters without evidence, those beyond the newest thousand: a stranger may cause as many as it likes. */
export function deleteOldDeadLetters(): Statement {
  return {
    sql: 'DELETE FROM dead_letters WHERE bytes IS NULL AND id <= (SELECT max(id) FROM dead_letters) - 1000',
    args: [],
  };
}

const DROPPED = 'dropped: ';

/** Nothing more is exchanged with the peer: it follows nothing here, and replicas of its logs stay as they are. */
export function dropPeer(peer: Did, reason: string, at: number): Statement[] {
  return [
    { sql: `UPDATE peers SET dropped_at = ? WHERE did = ${AGENT}`, args: [integer(at), peer] },
    { sql: `UPDATE sources SET halted = ? WHERE peer = ${PEER}`, args: [reason, peer] },
    { sql: `DELETE FROM followers WHERE peer = ${PEER}`, args: [peer] },
  ];
}

/** Takes `dropPeer` back; replicas that had stopped for another reason stay so. */
export function restorePeer(peer: Did): Statement[] {
  return [
    { sql: `UPDATE peers SET dropped_at = NULL WHERE did = ${AGENT}`, args: [peer] },
    {
      sql: `UPDATE sources SET halted = NULL WHERE peer = ${PEER} AND substr(halted, 1, ${DROPPED.length}) = '${DROPPED}'`,
      args: [peer],
    },
  ];
}

/** As `restorePeer`, unless it was dropped because a log of its has shown two histories: that has its own decision. */
export function takePeerBack(peer: Did): Statement[] {
  const convicted = `EXISTS (SELECT 1 FROM evidence WHERE peer = ${PEER} AND decision = 'drop')`;
  return [
    {
      sql: `UPDATE sources SET halted = NULL WHERE peer = ${PEER} AND substr(halted, 1, ${DROPPED.length}) = '${DROPPED}' AND NOT ${convicted}`,
      args: [peer, peer],
    },
    {
      sql: `UPDATE peers SET dropped_at = NULL WHERE did = ${AGENT} AND NOT ${convicted}`,
      args: [peer, peer],
    },
  ];
}

export function resumeSource(origin: string): Statement {
  return { sql: `UPDATE sources SET halted = NULL WHERE log = ${LOG}`, args: [origin] };
}

/** Objects that wait for a home which gets nothing any more. */
export function refuseWaitingFor(peer: Did, at: number): Statement {
  return {
    sql: `UPDATE pending SET status = 'refused', code = 'peer_dropped', detail = ?, updated_at = ?
WHERE status = 'pending' AND home = ${AGENT}`,
    args: ['the operator of this node has ended the exchange with the home', integer(at), peer],
  };
}
