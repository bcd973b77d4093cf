// Holds a home to its word on erased bodies: the entry it names must be a Delete, and of that very object.

import { equalBytes } from '../protocol/bytes.ts';
import { hashOf, type ObjectName } from '../protocol/object-name.ts';
import { blob, didOrNull, number, text } from '../store/cell.ts';
import { type Database, integer } from '../store/database.ts';
import type { CheckedEntry } from './check-entries.ts';
import type { LogTail } from './log-tail.ts';
import type { EntriesRefusal } from './replicated-entry.ts';

interface Claim {
  readonly hash: Uint8Array;
  readonly kind: string;
  readonly by: number;
  /** Null for an Update. */
  readonly author: Did | null;
}

/**
 * Looks at every erasure, stored or new, whose Delete is said to be among the new entries. Null when each of them
 * is; an erased Update may go with the Delete of any item, as nothing is left to say which it was of.
 */
export async function findFalseErasure(
  db: Database,
  tail: LogTail,
  entries: readonly CheckedEntry[],
): Promise<EntriesRefusal | null> {
  const start = tail.head.size;
  const claims = await storedClaims(db, tail.head.id, start, tail.size);
  for (const { body, kind, name } of entries) {
    if (!body.erased) continue;
    const author = body.create?.author ?? null;
    claims.push({ hash: hashOf(name), kind, by: body.by, author });
  }
  for (const { author, by, hash, kind } of claims) {
    if (by >= tail.size) continue;
    const act = deleteAt(entries[by - start]);
    const isTarget = act !== null && equalBytes(hashOf(act.object), hash) && act.actor === author;
    if (isTarget || (act !== null && kind === 'Update')) continue;
    const detail = `entry ${by} does not delete what is said to be erased by it`;
    return { ok: false, reason: 'erasure_unfounded', detail, index: by };
  }
  return null;
}

async function storedClaims(
  db: Database,
  log: number,
  start: number,
  end: number,
): Promise<Claim[]> {
  const [rows = []] = await db.batch('read', [
    {
      sql: `SELECT o.hash, e.kind, e.erased_by, a.did FROM entries AS e INDEXED BY entries_erased
JOIN objects AS o ON o.id = e.object LEFT JOIN skeletons AS k ON k.object = e.object
LEFT JOIN agents AS a ON a.id = k.author WHERE e.log = ? AND e.erased_by >= ? AND e.erased_by < ?`,
      args: [integer(log), integer(start), integer(end)],
    },
  ]);
  return rows.map((row) => ({
    hash: blob(row, 0),
    kind: text(row, 1),
    by: number(row, 2),
    author: didOrNull(row, 3),
  }));
}

function deleteAt(entry: CheckedEntry | undefined): Delete | null {
  if (entry === undefined || entry.body.erased) return null;
  const { activity } = entry.body.object;
  return activity.type === 'Delete' ? activity : null;
}
