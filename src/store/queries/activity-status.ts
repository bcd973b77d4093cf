// What has become of an act somebody sent, and the bytes behind a name.

import type { ActivityType } from '../../protocol/activity.ts';
import { toBase64url } from '../../protocol/bytes.ts';
import { hashOf, type ObjectName } from '../../protocol/object-name.ts';
import type { ActivityStatus } from '../../protocol/views.ts';
import {
  blob,
  blobOrNull,
  did,
  name,
  nameOrNull,
  number,
  numberOrNull,
  text,
  textOrNull,
} from '../cell.ts';
import type { Database, Row, Statement } from '../database.ts';
import type { StoredReceipt } from './receipts.ts';

type StoredStatus =
  | Exclude<ActivityStatus, { status: 'accepted' }>
  | { readonly status: 'accepted'; readonly receipt: StoredReceipt };

/** Where the object stands: in a log of this node or a replica, waiting for its home, refused by it, or nowhere. */
export async function getActivityStatus(db: Database, object: ObjectName): Promise<StoredStatus> {
  const [entries = [], waiting = []] = await db.batch('read', [
    entriesStatement(object),
    pendingStatement(object),
  ]);
  // An entry that no checkpoint covers yet is not proven: a replica is catching up.
  const proven = entries.find((row) => number(row, 1) < number(row, 6));
  if (proven !== undefined) return logged(proven, object);
  const [row] = waiting;
  if (row === undefined)
    return entries[0] === undefined ? { status: 'unknown' } : unproven(entries[0]);
  if (text(row, 0) === 'refused') {
    return { status: 'refused', code: text(row, 1), detail: textOrNull(row, 2) ?? '' };
  }
  return { status: 'pending', submolt: name(row, 3), home: did(row, 4) };
}

function logged(row: Row, object: ObjectName): StoredStatus {
  const [log, index] = [text(row, 0), number(row, 1)];
  const salt = blobOrNull(row, 4);
  const act = nameOrNull(row, 11);
  if (act !== null) return { status: 'withdrawn', log, index, act };
  if (salt === null) return { status: 'erased', log, index, by: numberOrNull(row, 5) ?? index };
  return {
    status: 'accepted',
    receipt: {
      id: object,
      log,
      index,
      t: number(row, 2),
      k: text(row, 10) as ActivityType,
      c: toBase64url(blob(row, 3)),
      salt: toBase64url(salt),
      checkpoint: text(row, 7),
      proof: null,
    },
  };
}

function unproven(row: Row): ActivityStatus {
  return row[8] === null
    ? { status: 'unknown' }
    : { status: 'pending', submolt: name(row, 8), home: did(row, 9) };
}

/**
 * Under the newest note that witnesses have cosigned if it covers the entry, else under the newest. This node's own logs first: their receipts are its own word. That a system log has a submolt's
 * founding or move is no answer.
 */
function entriesStatement(object: ObjectName): Statement {
  return {
    sql: `SELECT l.origin, e.idx, e.t, e.commitment, e.salt, e.erased_by, l.signed_size,
  CASE WHEN e.idx < c.size THEN c.note ELSE l.checkpoint END, s.hash, h.did, e.kind,
  d.hash
FROM objects AS o
CROSS JOIN entries AS e ON e.object = o.id
CROSS JOIN logs AS l ON l.id = e.log
JOIN agents AS h ON h.id = l.home
LEFT JOIN objects AS s ON s.id = l.submolt
LEFT JOIN cosigned AS c ON c.log = l.id
LEFT JOIN withdrawals AS w ON w.object = o.id AND e.erased_by = e.idx
LEFT JOIN objects AS d ON d.id = w.act
WHERE o.hash = ? AND NOT (l.submolt IS NULL AND e.kind IN ('Create', 'Move')) ORDER BY l.is_home DESC, l.id`,
    args: [hashOf(object)],
  };
}

function pendingStatement(object: ObjectName): Statement {
  return {
    sql: `SELECT p.status, p.code, p.detail, s.hash, h.did FROM pending AS p
JOIN objects AS s ON s.id = p.submolt JOIN agents AS h ON h.id = p.home WHERE p.hash = ?`,
    args: [hashOf(object)],
  };
}

/** The exact signed bytes of an object by its hash, or that they were erased or withdrawn; null for what was never here. */
export async function readObject(
  db: Database,
  hash: Uint8Array,
): Promise<
  { readonly bytes: Uint8Array } | { readonly erased: true; readonly withdrawn?: true } | null
> {
  const [rows = []] = await db.batch('read', [
    {
      sql: `SELECT o.bytes, EXISTS (SELECT 1 FROM entries AS e WHERE e.object = o.id AND e.erased_by IS NOT NULL),
  EXISTS (SELECT 1 FROM entries AS e WHERE e.object = o.id AND e.erased_by = e.idx)
FROM objects AS o WHERE o.hash = ?`,
      args: [hash],
    },
  ]);
  const [row] = rows;
  if (row === undefined) return null;
  const bytes = blobOrNull(row, 0);
  if (bytes !== null) return { bytes };
  if (number(row, 1) === 0) return null;
  return number(row, 2) === 1 ? { erased: true, withdrawn: true } : { erased: true };
}
