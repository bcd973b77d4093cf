// Bodies that this node alone has dropped, by the word of its operator: the log they belong to stays as it is.

import type { ObjectName } from '../protocol/object-name.ts';
import { deleteEdit } from './acts.ts';
import { hexList } from './cell.ts';
import { integer, type Statement } from './database.ts';
import { deleteFollowersOf } from './foreign-followers.ts';
import { blankReport } from './moderation.ts';
import { deleteMentionsOf } from './notices.ts';
import type { Numbering } from './numbering.ts';
import { blankOwnership } from './owners.ts';
import { deletePending } from './pending.ts';
import { insertSkeletons, skeletonOf } from './skeletons.ts';
import type { Withdrawal } from './stored-rows.ts';
import { blankDescription } from './submolts.ts';

/**
 * Takes the body of an object away, in all logs that have it; `log` and `by` are the place of the Delete in this node's
 * system log. An entry without a body has the index of a later Delete as `erased_by`, so its own index says that there is none.
 */
export function withdrawObject(withdrawal: Withdrawal, numbering: Numbering): Statement[] {
  const { by, log, name } = withdrawal;
  const id = integer(numbering.object(name));
  return [
    {
      sql: `INSERT INTO withdrawals (object, act) SELECT ?1, object FROM entries WHERE log = ?2 AND idx = ?3
ON CONFLICT (object) DO UPDATE SET act = excluded.act`,
      args: [id, integer(log), integer(by)],
    },
    ...dropCopy(withdrawal, numbering),
  ];
}

/** Those of the objects that this node has withdrawn. */
export function selectWithdrawn(names: Iterable<ObjectName>): Statement {
  return {
    sql: `SELECT o.hash FROM json_each(?1) AS k CROSS JOIN objects AS o ON o.hash = unhex(k.value)
CROSS JOIN withdrawals AS w ON w.object = o.id WHERE EXISTS (SELECT 1 FROM withdrawals WHERE object > 0)`,
    args: [hexList(names)],
  };
}

/** Takes an edit that has come after its item was withdrawn, for the same reason. */
export function withdrawEdit(
  edit: ObjectName,
  item: ObjectName,
  numbering: Numbering,
): Statement[] {
  return [
    ...dropCopy({ name: edit, remains: null }, numbering),
    ...dropCopy({ name: item, remains: null }, numbering),
    {
      sql: `INSERT INTO withdrawals (object, act) SELECT ?1, act FROM withdrawals WHERE object = ?2
ON CONFLICT (object) DO NOTHING`,
      args: [integer(numbering.object(edit)), integer(numbering.object(item))],
    },
  ];
}

/** Takes the body and what its words have brought into rows. */
export function dropCopy(
  { name, remains }: Pick<Withdrawal, 'name' | 'remains'>,
  numbering: Numbering,
): Statement[] {
  const object = numbering.object(name);
  const id = integer(object);
  return [
    ...(remains === null ? [] : insertSkeletons([skeletonOf(name, remains)], numbering)),
    {
      sql: `INSERT INTO skeletons (object, author, parent) SELECT object, author, parent FROM items WHERE object = ?
ON CONFLICT (object) DO NOTHING`,
      args: [id],
    },
    {
      sql: 'UPDATE entries SET salt = NULL, erased_by = idx WHERE object = ? AND salt IS NOT NULL',
      args: [id],
    },
    { sql: 'UPDATE objects SET bytes = NULL WHERE id = ?', args: [id] },
    // As a rebuild without the edits makes the row.
    {
      sql: 'UPDATE items SET body = object, updated_at = NULL, delegation = NULL WHERE object = ?',
      args: [id],
    },
    deleteMentionsOf(object),
    dropForeignProfile(object),
    deletePending([name]),
    deleteEdit(object),
    blankReport(object),
    blankOwnership(object),
    ...blankDescription(name, object),
    // A group is known by its slug, which goes with the founding.
    ...deleteFollowersOf(name),
  ];
}

/** A profile goes with its texts: all of them are withdrawn at once. */
function dropForeignProfile(text: number): Statement {
  return {
    sql: `DELETE FROM profiles WHERE (agent, node) IN (SELECT c.on_agent, l.home FROM acts AS c
JOIN entries AS e ON e.object = c.object JOIN logs AS l ON l.id = e.log AND l.submolt IS NULL AND l.is_home = 0
WHERE c.object = ? AND c.kind = 'Update' AND c.on_agent IS NOT NULL)`,
    args: [integer(text)],
  };
}
