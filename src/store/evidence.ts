// Pairs of signed heads that cannot both be true, and what the operator has decided about them.
import type { Did } from '../protocol/did.ts';
import { nameFromHash, type ObjectName } from '../protocol/object-name.ts';
import { blob, blobOrNull, didOrNull, number, numberOrNull, text, textOrNull } from './cell.ts';
import { integer, type Row, type Statement } from './database.ts';

export type EvidenceDecision = 'keep' | 'drop';

export interface StoredEvidence {
  readonly id: number;
  /** The log that both heads are of. */
  readonly origin: string;
  /** Its home; null for a log of this node. */
  readonly peer: Did | null;
  readonly peerUrl: string | null;
  /** The portable file. */
  readonly file: Uint8Array;
  /** The act that put it into this node's system log; null until it is there. */
  readonly statement: ObjectName | null;
  /** Milliseconds, here and below. */
  readonly foundAt: number;
  /** Null while the operator has not decided. */
  readonly decision: EvidenceDecision | null;
  readonly decidedAt: number | null;
  /** Heads that go on from the other history and were shown after the operator had kept this one. */
  readonly further: number;
  /** A file with the largest of them, and when it came. */
  readonly newest: Uint8Array | null;
  readonly newestAt: number | null;
}

const SELECT = `SELECT e.id, e.origin, a.did, p.url, e.file, e.statement, e.found_at, e.decision, e.decided_at,
  e.further, e.newest, e.newest_at
FROM evidence AS e LEFT JOIN peers AS p ON p.id = e.peer LEFT JOIN agents AS a ON a.id = p.did`;

export function readEvidence(row: Row): StoredEvidence {
  const statement = blobOrNull(row, 5);
  return {
    id: number(row, 0),
    origin: text(row, 1),
    peer: didOrNull(row, 2),
    peerUrl: textOrNull(row, 3),
    file: blob(row, 4),
    statement: statement === null ? null : nameFromHash(statement),
    foundAt: number(row, 6),
    decision: textOrNull(row, 7) as EvidenceDecision | null,
    decidedAt: numberOrNull(row, 8),
    further: number(row, 9),
    newest: blobOrNull(row, 10),
    newestAt: numberOrNull(row, 11),
  };
}

/** The newest first. */
export function selectAllEvidence(limit: number): Statement {
  return { sql: `${SELECT} ORDER BY e.id DESC LIMIT ?`, args: [integer(limit)] };
}

export function selectEvidence(id: number): Statement {
  return { sql: `${SELECT} WHERE e.id = ?`, args: [integer(id)] };
}

export function selectEvidenceOf(origin: string): Statement {
  return { sql: `${SELECT} WHERE e.origin = ? ORDER BY e.id DESC`, args: [origin] };
}

/** Files against logs of one node. */
export function selectEvidenceAgainst(authority: string, limit: number): Statement {
  return {
    sql: 'SELECT file FROM evidence WHERE origin > ? AND origin < ? ORDER BY id DESC LIMIT ?',
    args: [`${authority}/log/`, `${authority}/log/~`, integer(limit)],
  };
}

/** What no act has put into the system log yet. */
export const SELECT_UNSTATED: Statement = {
  sql: `${SELECT} WHERE e.statement IS NULL ORDER BY e.id`,
  args: [],
};

const PEER = '(SELECT p.id FROM peers AS p JOIN agents AS a ON a.id = p.did WHERE a.did = ?)';

/** Does nothing while evidence against that log waits for a decision: one pair convicts as well as many. */
export function insertEvidence(
  evidence: Pick<StoredEvidence, 'origin' | 'peer' | 'file' | 'foundAt'>,
): Statement {
  const { file, foundAt, origin, peer } = evidence;
  return {
    sql: `INSERT INTO evidence (origin, peer, file, found_at) VALUES (?, ${PEER}, ?, ?)
ON CONFLICT (origin) WHERE decision IS NULL DO NOTHING`,
    args: [origin, peer, file, integer(foundAt)],
  };
}

export function stateEvidence(id: number, statement: Uint8Array): Statement {
  return { sql: 'UPDATE evidence SET statement = ? WHERE id = ?', args: [statement, integer(id)] };
}

/** One more head of the other history. */
export function countFurther(id: number, file: Uint8Array, at: number): Statement {
  return {
    sql: 'UPDATE evidence SET further = further + 1, newest = ?, newest_at = ? WHERE id = ?',
    args: [file, integer(at), integer(id)],
  };
}

export function decideEvidence(id: number, decision: EvidenceDecision, at: number): Statement {
  return {
    sql: 'UPDATE evidence SET decision = ?, decided_at = ? WHERE id = ?',
    args: [decision, integer(at), integer(id)],
  };
}
