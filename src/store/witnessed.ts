// Checkpoints that this node has cosigned: whose logs it cosigns, the newest of each, and the one statement that replaces it.
import { blob, number, numberOrNull, text } from './cell.ts';
import { integer, type Row, type Statement } from './database.ts';

/** A log that this node may cosign, by the key its node has stated. */
export interface WitnessedLog {
  /** Number of the peer whose log it is. */
  readonly peer: number;
  readonly logKey: Uint8Array;
}

/** The replica with this origin; no peer for a log of this node's own, or of a node that the operator has dropped. */
export function selectReplicaKey(origin: string): Statement {
  return {
    sql: `SELECT p.id, l.log_key FROM logs AS l LEFT JOIN sources AS s ON s.log = l.id
LEFT JOIN peers AS p ON p.id = s.peer AND p.dropped_at IS NULL WHERE l.origin = ?`,
    args: [origin],
  };
}

/** The peer at one of two URLs, unless it was dropped. */
export function selectPeerKey(urls: readonly [string, string]): Statement {
  return {
    sql: 'SELECT id, log_key FROM peers WHERE url IN (?, ?) AND dropped_at IS NULL',
    args: urls,
  };
}

/** Null without a peer: nobody witnesses for himself. */
export function readWitnessedLog(row: Row): WitnessedLog | null {
  const peer = numberOrNull(row, 0);
  return peer === null ? null : { peer, logKey: blob(row, 1) };
}

export interface Witnessed {
  readonly size: number;
  readonly root: Uint8Array;
  /** With the signature of the log, and this node's cosignature. */
  readonly note: string;
  /** Milliseconds. */
  readonly cosignedAt: number;
}

/** `hash`: SHA-256 of the origin. */
export function selectWitnessed(hash: Uint8Array): Statement {
  return {
    sql: 'SELECT size, root, note, cosigned_at FROM witnessed WHERE hash = ?',
    args: [hash],
  };
}

export function readWitnessed(row: Row): Witnessed {
  return {
    size: number(row, 0),
    root: blob(row, 1),
    note: text(row, 2),
    cosignedAt: number(row, 3),
  };
}

export function countWitnessedOf(peer: number): Statement {
  return { sql: 'SELECT count(*) FROM witnessed WHERE peer = ?', args: [integer(peer)] };
}

export interface NewWitnessed extends Witnessed {
  readonly hash: Uint8Array;
  readonly origin: string;
  readonly peer: number;
}

/**
 * Puts `next` in the place of `known`, or of nothing, and gives a row. It changes nothing and gives none if another
 * checkpoint has come in between: check and write are one step, or a slower request would roll a log back.
 */
export function replaceWitnessed(next: NewWitnessed, known: Witnessed | null): Statement {
  return {
    sql: `INSERT INTO witnessed (hash, origin, peer, size, root, note, cosigned_at) VALUES (?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (hash) DO UPDATE SET size = excluded.size, root = excluded.root, note = excluded.note,
  cosigned_at = excluded.cosigned_at WHERE witnessed.size = ? AND witnessed.root = ?
RETURNING size`,
    args: [
      next.hash,
      next.origin,
      integer(next.peer),
      integer(next.size),
      next.root,
      next.note,
      integer(next.cosignedAt),
      known === null ? null : integer(known.size),
      known === null ? null : known.root,
    ],
  };
}
