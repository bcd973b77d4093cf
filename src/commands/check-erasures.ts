// Holds a home to its word on erased bodies: the entry it names must be a Delete, and of that very object.

import { principalOf } from '../domain/invocation.ts';
import type { WorkingSet } from '../domain/working-set.ts';
import type { Delete } from '../protocol/activity.ts';
import { equalBytes } from '../protocol/bytes.ts';
import { hashOf } from '../protocol/object-name.ts';
import type { Database } from '../store/database.ts';
import { readErased, selectErased } from '../store/erased.ts';
import type { CheckedEntry } from './check-entries.ts';
import type { LogTail } from './log-tail.ts';
import type { EntriesRefusal } from './replicated-entry.ts';

/**
 * Looks at every erasure, stored or new, whose Delete is said to be among the new entries. Null when each of them
 * is; an erased Update may go with the Delete of any item, as nothing is left to say which it was of. `rows` have the
 * delegations of the new entries.
 */
export async function findFalseErasure(
  db: Database,
  tail: LogTail,
  entries: readonly CheckedEntry[],
  rows: WorkingSet,
): Promise<EntriesRefusal | null> {
  const start = tail.head.size;
  const [found = []] = await db.batch('read', [selectErased(tail.head.id, start, tail.size)]);
  const claims = found.map(readErased);
  for (const { body, kind, name } of entries) {
    if (!body.erased) continue;
    const author = body.create?.author ?? null;
    claims.push({ hash: hashOf(name), kind, by: body.by, author });
  }
  for (const { author, by, hash, kind } of claims) {
    if (by >= tail.size) continue;
    const act = deleteAt(entries[by - start]);
    const isTarget =
      act !== null && equalBytes(hashOf(act.object), hash) && principalOf(rows, act) === author;
    if (isTarget || (act !== null && kind === 'Update')) continue;
    const detail = `entry ${by} does not delete what is said to be erased by it`;
    return { ok: false, reason: 'erasure_unfounded', detail, index: by };
  }
  return null;
}

function deleteAt(entry: CheckedEntry | undefined): Delete | null {
  if (entry === undefined || entry.body.erased) return null;
  const { activity } = entry.body.object;
  return activity.type === 'Delete' ? activity : null;
}
