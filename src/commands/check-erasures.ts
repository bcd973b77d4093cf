// Holds a home to its word on erased bodies: the entry it names must be a Delete, and of that very object.
import { isDid } from '../domain/subject.ts';
import { equalBytes } from '../protocol/bytes.ts';
import type { Did } from '../protocol/did.ts';
import { hashOf, type ObjectName } from '../protocol/object-name.ts';
import type { Database } from '../store/database.ts';
import { readErased, selectErased } from '../store/erased.ts';
import type { CheckedEntry } from './check-entries.ts';
import type { LogTail } from './log-tail.ts';
import type { EntriesRefusal } from './replicated-entry.ts';

/** What the Deletes of a batch erase, by their index: those that had a ground for it at their place in the log. */
export type Tombstones = ReadonlyMap<number, ObjectName | Did>;

/**
 * Looks at every erasure, stored or new, whose Delete is said to be among the new entries. Null when each of them
 * is; an erased Update may go with any Delete, as nothing is left to say of what it was.
 */
export async function findFalseErasure(
  db: Database,
  tail: LogTail,
  entries: readonly CheckedEntry[],
  tombstones: Tombstones,
): Promise<EntriesRefusal | null> {
  const start = tail.head.size;
  const [found = []] = await db.batch('read', [selectErased(tail.head.id, start, tail.size)]);
  const claims = found.map(readErased);
  for (const { body, kind, name } of entries) {
    if (!body.erased) continue;
    claims.push({ hash: hashOf(name), kind, by: body.by });
  }
  for (const { by, hash, kind } of claims) {
    if (by >= tail.size) continue;
    const target = tombstones.get(by);
    const isTarget = target !== undefined && !isDid(target) && equalBytes(hashOf(target), hash);
    if (isTarget || (target !== undefined && kind === 'Update')) continue;
    const detail = `entry ${by} does not delete what is said to be erased by it`;
    return { ok: false, reason: 'erasure_unfounded', detail, index: by };
  }
  return null;
}
