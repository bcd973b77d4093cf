// Objects for submolts with another home: waiting for their log entry to come back, or refused by that home.
import type { Did } from '../protocol/did.ts';
import { hashOf, type ObjectName } from '../protocol/object-name.ts';
import { hexList, name, text, textOrNull } from './cell.ts';
import { integer, type Row, type Statement } from './database.ts';
import type { Numbering } from './numbering.ts';
import { valuesList } from './values-list.ts';

/** How long a refusal is kept for its author to read. */
const REFUSED_KEPT_MS = 7 * 24 * 3600 * 1000;

export interface PendingState {
  readonly name: ObjectName;
  readonly status: 'pending' | 'refused';
  readonly code: string | null;
  readonly detail: string | null;
}

export interface NewPending {
  readonly name: ObjectName;
  readonly bytes: Uint8Array;
  readonly submolt: ObjectName;
  readonly home: Did;
  /** Milliseconds. */
  readonly at: number;
}

export function selectPendingStates(names: Iterable<ObjectName>): Statement {
  return {
    sql: `SELECT p.hash, p.status, p.code, p.detail FROM json_each(?1) AS k
CROSS JOIN pending AS p ON p.hash = unhex(k.value)`,
    args: [hexList(names)],
  };
}

/** Those of the objects that wait, each with its submolt. */
export function selectWaiting(names: Iterable<ObjectName>): Statement {
  return {
    sql: `SELECT p.hash, s.hash FROM json_each(?1) AS k
CROSS JOIN pending AS p ON p.hash = unhex(k.value) AND p.status = 'pending'
JOIN objects AS s ON s.id = p.submolt`,
    args: [hexList(names)],
  };
}

export function readPendingState(row: Row): PendingState {
  return {
    name: name(row, 0),
    status: text(row, 1) as PendingState['status'],
    code: textOrNull(row, 2),
    detail: textOrNull(row, 3),
  };
}

// What was refused once and is sent again waits anew, behind all others.
const rows = valuesList(
  'REPLACE INTO pending (hash, bytes, submolt, home, status, created_at, updated_at) VALUES',
  7,
);

export function insertPending(added: readonly NewPending[], numbering: Numbering): Statement[] {
  return rows(
    added.map(({ name, bytes, submolt, home, at }) => [
      hashOf(name),
      bytes,
      integer(numbering.object(submolt)),
      integer(numbering.agent(home)),
      'pending',
      integer(at),
      integer(at),
    ]),
  );
}

/** Forgets what has come back through a log. */
export function deletePending(names: readonly ObjectName[]): Statement {
  return {
    sql: 'DELETE FROM pending WHERE hash IN (SELECT unhex(value) FROM json_each(?))',
    args: [hexList(names)],
  };
}

/** Writes down the home's refusal; what was refused goes, its author has it. `at` in milliseconds. */
export function refusePending(
  objectName: ObjectName,
  code: string,
  detail: string,
  at: number,
): Statement {
  return {
    sql: `UPDATE pending SET status = 'refused', bytes = x'', code = ?, detail = ?, updated_at = ?
WHERE hash = ? AND status = 'pending'`,
    args: [code, detail, integer(at), hashOf(objectName)],
  };
}

/** Forgets refusals nobody came back for. `now` in milliseconds. */
export function deleteOldRefusals(now: number): Statement {
  return {
    sql: "DELETE FROM pending WHERE status = 'refused' AND updated_at < ?",
    args: [integer(now - REFUSED_KEPT_MS)],
  };
}
