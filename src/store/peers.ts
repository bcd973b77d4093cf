// Rows of other nodes: who they are, how reachable, which logs they follow and which of theirs are replicated here.
import type { Did } from '../protocol/did.ts';
import type { ObjectName } from '../protocol/object-name.ts';
import {
  blob,
  blobOrNull,
  did,
  nameOrNull,
  number,
  numberOrNull,
  text,
  textOrNull,
} from './cell.ts';
import type { Row, Statement } from './database.ts';

export interface Peer {
  readonly id: number;
  readonly did: Did;
  /** URL origin. */
  readonly url: string;
  readonly name: string;
  /** Key that signs its logs now, 32 bytes. */
  readonly logKey: Uint8Array;
  /** Its signed statements of that key, and of those before (`encodeKeyChain`). */
  readonly keyStatement: Uint8Array;
  /** Milliseconds, here and below. */
  readonly addedAt: number;
  /** When it last answered, or came by itself. */
  readonly contactedAt: number | null;
  /** Attempts in a row that failed. */
  readonly failures: number;
  /** Nothing is sent before this. */
  readonly retryAt: number;
  /** What went wrong last. */
  readonly error: string | null;
  /** Key with which it cosigns, 32 bytes; null until it was seen to state one. */
  readonly witnessKey: Uint8Array | null;
  /** When the operator ended the exchange with it; null while it goes on. */
  readonly droppedAt: number | null;
}

export const PEER_COLUMNS = `p.id, a.did, p.url, p.name, p.log_key, p.key_statement, p.added_at, p.contacted_at,
  p.failures, p.retry_at, p.error, p.witness_key, p.dropped_at`;
export const PEER_JOINS = 'JOIN agents AS a ON a.id = p.did';

export function readPeer(row: Row): Peer {
  return {
    id: number(row, 0),
    did: did(row, 1),
    url: text(row, 2),
    name: text(row, 3),
    logKey: blob(row, 4),
    keyStatement: blob(row, 5),
    addedAt: number(row, 6),
    contactedAt: numberOrNull(row, 7),
    failures: number(row, 8),
    retryAt: number(row, 9),
    error: textOrNull(row, 10),
    witnessKey: blobOrNull(row, 11),
    droppedAt: numberOrNull(row, 12),
  };
}

export function selectPeer(peer: Did): Statement {
  return {
    sql: `SELECT ${PEER_COLUMNS} FROM peers AS p ${PEER_JOINS} WHERE a.did = ?`,
    args: [peer],
  };
}

/** DID, URL and key statements of the peers that have one of the two. */
export function selectPeerIdentities(peer: Did, url: string): Statement {
  return {
    sql: `SELECT a.did, p.url, p.key_statement FROM peers AS p ${PEER_JOINS}
WHERE p.did = (SELECT id FROM agents WHERE did = ?) OR p.url = ?`,
    args: [peer, url],
  };
}

/** A peer that follows a log this node has. */
export interface Follower {
  readonly origin: string;
  readonly peer: number;
  readonly peerUrl: string;
  readonly peerDid: Did;
  /** Entries it has acknowledged. */
  readonly size: number;
  /** Entries there are under the newest checkpoint. */
  readonly signedSize: number;
}

export const FOLLOWER_COLUMNS = 'l.origin, p.id, p.url, a.did, f.size, l.signed_size';

export function readFollower(row: Row): Follower {
  return {
    origin: text(row, 0),
    peer: number(row, 1),
    peerUrl: text(row, 2),
    peerDid: did(row, 3),
    size: number(row, 4),
    signedSize: number(row, 5),
  };
}

/** Where a replica comes from. */
export interface Source {
  readonly origin: string;
  /** Null for a system log. */
  readonly submolt: ObjectName | null;
  readonly peer: number;
  readonly peerUrl: string;
  readonly peerDid: Did;
  readonly size: number;
  readonly signedSize: number;
  /** What the home last said it has. */
  readonly knownSize: number;
  readonly checkedAt: number | null;
  /** Why nothing more is taken from it, or null. */
  readonly halted: string | null;
  readonly addedAt: number;
}

export const SOURCE_COLUMNS = `l.origin, o.hash, p.id, p.url, a.did, l.size, l.signed_size, s.known_size, s.checked_at,
  s.halted, s.added_at`;

export function readSource(row: Row): Source {
  return {
    origin: text(row, 0),
    submolt: nameOrNull(row, 1),
    peer: number(row, 2),
    peerUrl: text(row, 3),
    peerDid: did(row, 4),
    size: number(row, 5),
    signedSize: number(row, 6),
    knownSize: number(row, 7),
    checkedAt: numberOrNull(row, 8),
    halted: textOrNull(row, 9),
    addedAt: number(row, 10),
  };
}

/** Something a peer sent, or was sent, that will never be accepted. */
export interface DeadLetter {
  readonly id: number;
  readonly peerUrl: string | null;
  readonly origin: string;
  readonly index: number | null;
  readonly code: string;
  readonly detail: string;
  readonly bytes: Uint8Array | null;
  readonly createdAt: number;
}

export const DEAD_LETTER_COLUMNS =
  'd.id, p.url, d.origin, d.idx, d.code, d.detail, d.bytes, d.created_at';

export function readDeadLetter(row: Row): DeadLetter {
  return {
    id: number(row, 0),
    peerUrl: textOrNull(row, 1),
    origin: text(row, 2),
    index: numberOrNull(row, 3),
    code: text(row, 4),
    detail: text(row, 5),
    bytes: row[6] === null ? null : blob(row, 6),
    createdAt: number(row, 7),
  };
}
