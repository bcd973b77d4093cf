// Who may erase what for good: authors and moderators in a submolt, the home node by law, agents what they say of themselves.
import type { Activity, Delete } from '../protocol/activity.ts';
import type { Did } from '../protocol/did.ts';
import {
  type ErasureGround,
  OPERATOR_GROUNDS,
  operatorGround,
} from '../protocol/erasure-grounds.ts';
import type { ObjectName } from '../protocol/object-name.ts';
import { decideWords, eraseWords, groundOfWords } from './act-erasure.ts';
import { invokedAt } from './invocation.ts';
import { findKnownItem } from './item.ts';
import type { Entry, EntryPlace, Matter, SystemEntry } from './matter.ts';
import { moderates } from './membership.ts';
import { tell } from './notice.ts';
import { type Refused, refuse } from './refusal.ts';
import { bySubject, isDid } from './subject.ts';
import type { Item, WorkingSet } from './working-set.ts';

/** On what ground a Delete erases an item, null if on none: it is nobody's who signed it. */
export function groundOf(
  { rows, activity, submolt, t }: Omit<Entry<Delete>, 'name'>,
  item: Item,
): ErasureGround | null {
  const { actor, instrument, reason } = activity;
  if (item.author === actor) return 'author';
  // What nobody can put back is not left to a delegate, whom the owner has not chosen.
  if (instrument !== undefined) return null;
  if (moderates(rows.membership(actor, submolt.name), t)) return 'moderator';
  return actor === submolt.home ? operatorGround(reason) : null;
}

/** The same for any Delete of any log, as the rows stand before it is applied; null for one that erases nothing there. */
export function groundAt(
  rows: WorkingSet,
  signed: Delete,
  { log, node, t }: EntryPlace,
): ErasureGround | null {
  const { audience, object, ...act } = bySubject(signed);
  if (isDid(object)) return log === 'system' ? profileGround({ ...act, object }, node) : null;
  const said = rows.said(object, log);
  if (log === 'system') {
    const names = audience === undefined && act.origin === undefined && said !== undefined;
    return names ? groundOfWords(rows, act, node, said) : null;
  }
  const item = rows.item(object);
  const submolt = rows.submolt(log);
  if (submolt === undefined || audience !== log) return null;
  const activity = invokedAt(rows, { ...act, audience, object }, { submolt: log, t }) as Delete;
  if (activity === null) return null;
  if (item?.submolt === log) return groundOf({ rows, activity, submolt, t }, item);
  return said === undefined ? null : groundOfWords(rows, activity, submolt.home, said);
}

function profileGround({ actor, object, reason }: Delete, node: Did): ErasureGround | null {
  if (actor === object) return 'author';
  return actor === node ? operatorGround(reason) : null;
}

/** The agent all of whose words an operator erases by this act; null if it is another. */
export function agentErasedBy(activity: Activity): Did | null {
  if (activity.type !== 'Delete' || operatorGround(activity.reason) === null) return null;
  return isDid(activity.object) ? activity.object : null;
}

/** A ban or a removal does not keep authors from erasing what they wrote. */
export function decideDelete(matter: Matter<Delete>): Refused | null {
  const { activity, rows, submolt } = matter;
  const said = rows.said(activity.object as ObjectName, submolt.name);
  if (said !== undefined) return decideWords(rows, activity, submolt.home, said);
  const item = findKnownItem(matter, activity.object as ObjectName);
  if ('code' in item) return item;
  if (groundOf(matter, item) === null) {
    return activity.actor === submolt.home
      ? refuse('reason_unsuitable', OPERATOR_GROUNDS)
      : refuse('not_author', item.author);
  }
  return item.deleted ? refuse('already_deleted') : null;
}

/** A Delete without audience: what an agent says of itself here, the words of an act of this log, or this node's copy of what others said. */
export function decideSystemDelete(rows: WorkingSet, activity: Delete, node: Did): Refused | null {
  const { actor, object, origin, reason } = activity;
  if (isDid(object)) {
    if (profileGround(activity, node) === null) {
      return actor === node
        ? refuse('reason_unsuitable', OPERATOR_GROUNDS)
        : refuse('not_author', object);
    }
    const copies = actor === node ? rows.copies(object) : [];
    return rows.edits(object).length + copies.length > 0 ? null : refuse('already_deleted');
  }
  const said = rows.said(object, origin ?? 'system');
  if (origin === undefined && said !== undefined) return decideWords(rows, activity, node, said);
  if (origin === undefined && rows.copies(object).length === 0)
    return refuse('item_unknown', object);
  if (actor !== node) return refuse('not_this_node', node);
  if (operatorGround(reason) === null) return refuse('reason_unsuitable', OPERATOR_GROUNDS);
  if (origin === undefined) return null;
  const submolt = rows.submolt(origin);
  if (submolt === undefined) return refuse('submolt_unknown', origin);
  // Where this node decides, the log itself has to say that a body is gone: whoever follows it could not go on.
  // Its founding is the one thing that no log can say that of.
  const isHome = submolt.home === node && submolt.movedTo === null;
  if (isHome && object !== origin) return refuse('audience_missing');
  const placed = object === origin ? rows.said(object, 'system') : undefined;
  if (placed !== undefined && !placed.erased) {
    return refuse('object_unsuitable', 'a founding that the system log has erased before');
  }
  if (said !== undefined) return said.erased ? refuse('already_deleted') : null;
  if (rows.waits(object, origin)) return null;
  const item = findKnownItem({ rows, submolt }, object);
  if ('code' in item) return item;
  return item.deleted ? refuse('already_deleted') : null;
}

/** On a replica of another node's system log the copies are that node's, not those here: `withdraw` knows. */
export function applySystemDelete({ rows, activity, name, node }: SystemEntry<Delete>): void {
  const { actor, object, origin, reason } = activity;
  if (isDid(object)) {
    if (profileGround(activity, node) === null) return;
    for (const update of rows.edits(object)) rows.erase(update);
    rows.dropProfile(object);
    tell(rows, actor, { agent: object, about: name, topic: 'removal', act: name, value: 2 });
    if (actor === node) for (const copy of rows.copies(object)) rows.withdraw(copy);
    return;
  }
  const said = rows.said(object, origin ?? 'system');
  if (said?.erased) return;
  if (origin === undefined) {
    const ground = said && groundOfWords(rows, activity, node, said);
    if (said && ground) eraseWords(rows, said, name);
    if (actor === node && operatorGround(reason) !== null && ground !== null) {
      for (const copy of rows.copies(object)) rows.withdraw(copy);
    }
    return;
  }
  if (actor !== node || operatorGround(reason) === null) return;
  if (said !== undefined || rows.waits(object, origin)) {
    rows.withdraw(object);
    return;
  }
  const item = rows.item(object);
  if (item === undefined || item.submolt !== origin || item.deleted) return;
  for (const edit of rows.edits(object)) rows.withdraw(edit);
  rows.withdraw(object);
}
