// What follows from an accepted act. Total: an entry of a log is applied as it is, by its home and by every replica alike.
import type { Activity } from '../protocol/activity.ts';
import { subjectOf } from '../protocol/did.ts';
import { OWNERS } from '../protocol/labels.ts';
import type { ObjectName } from '../protocol/object-name.ts';
import { isPlacement } from '../protocol/placement.ts';
import { remainsOf } from '../protocol/remains.ts';
import { applyFollow } from './agent-follow.ts';
import { applyDelegation, applyRevocation } from './delegation.ts';
import { applyDelete, applyEdit } from './edit.ts';
import { applySystemDelete } from './erasure.ts';
import { applyDidLog } from './identity.ts';
import { invokedAt } from './invocation.ts';
import { applyCreate, type ErasedCreate, NO_WORDS, putItem } from './item.ts';
import { emptyKeys } from './keys.ts';
import {
  delegates,
  type Entry,
  type EntryPlace,
  logOf,
  type SystemEntry,
  statesDidLog,
} from './matter.ts';
import { applyBan, applySubscription } from './membership.ts';
import { applyModeration } from './moderation.ts';
import { applyNodeBan } from './node-ban.ts';
import { applyOwnership } from './owner.ts';
import { applyProfile } from './profile.ts';
import { applyReport } from './report.ts';
import { bySubject, isDid } from './subject.ts';
import { applyDescription, applyFounding, applyMove } from './submolt.ts';
import { applyUndo } from './undo.ts';
import { applyVote } from './vote.ts';
import type { Keys, WorkingSet } from './working-set.ts';

/**
 * Changes the rows as the act demands; needs those of `keysOf(activity, name)`. A replica trusts its home's
 * decision, but not with what an author alone can say: an act changes nothing when it is addressed to another
 * log (replayed there), is done under a delegation that the log has not given before, edits or takes back what is
 * somebody else's, or erases it without a ground. Neither does one that makes no sense, such as a second standing vote.
 */
export function apply(
  rows: WorkingSet,
  object: { readonly activity: Activity; readonly name: ObjectName },
  { log, node, t }: EntryPlace,
): void {
  const { name } = object;
  if (statesDidLog(object.activity)) {
    applyDidLog(rows, { activity: object.activity, name }, { log, node });
    return;
  }
  if (delegates(object.activity)) {
    applyDelegation(rows, { activity: object.activity, name }, { log, node });
    return;
  }
  const activity = bySubject(object.activity);
  if (logOf(activity, name) !== log) {
    // A system log only says it once more.
    if (log === 'system' && isPlacement(activity)) noteSaid(rows, activity, name, log);
    return;
  }
  if (log === 'system') {
    noteSaid(rows, activity, name, log);
    applySystem({ rows, name, activity, node, t });
  } else if (log === name) {
    if (activity.type === 'Create' && 'target' in activity) {
      noteSaid(rows, activity, name, log);
      applyFounding(rows, name, activity, t);
    }
  } else {
    const submolt = rows.submolt(log);
    const act = submolt && invokedAt(rows, activity, { submolt: log, t });
    if (submolt && act) {
      noteSaid(rows, activity, name, log);
      applyAddressed({ rows, name, activity: act, submolt, t });
    }
  }
}

/** Later acts may erase its words. */
function noteSaid(
  rows: WorkingSet,
  activity: Activity,
  name: ObjectName,
  log: 'system' | ObjectName,
): void {
  if (remainsOf(activity) !== null) rows.putSaid({ name, log, activity, erased: false });
}

/** The rows that `applyErased` needs. */
export function keysOfErased(erased: ErasedCreate, log: ObjectName): Keys {
  const keys = emptyKeys();
  const author = subjectOf(erased.author);
  keys.submolts.add(log);
  keys.agents.add(author);
  keys.items.add(erased.name);
  if (erased.parent !== null) keys.items.add(erased.parent);
  keys.memberships.push([author, log]);
  return keys;
}

/**
 * Stands in for `apply` when the body of a post's or comment's Create was erased by a later Delete: once that
 * Delete is applied, the rows are those of a node that saw the body. Erased edits and profiles need nothing; of every other
 * act there is what remains of it, which is applied as the act.
 */
export function applyErased(rows: WorkingSet, erased: ErasedCreate, log: ObjectName, t: number) {
  const submolt = rows.submolt(log);
  if (submolt === undefined) return;
  putItem(
    { rows, submolt, t },
    { ...erased, author: subjectOf(erased.author) },
    {
      ...NO_WORDS,
      delegation: null,
    },
  );
}

function applySystem(entry: SystemEntry<Activity>): void {
  const { activity, rows } = entry;
  if (activity.type === 'Undo') {
    applyUndo(rows, activity, entry.name, null);
    applyRevocation(rows, activity, entry.name);
  } else if (activity.type === 'Follow' && isDid(activity.object)) {
    applyFollow({ ...entry, activity }, activity.object);
  } else if (activity.type === 'Update' && activity.object.type === 'Service') {
    applyProfile(entry, activity.object);
  } else if (activity.type === 'Block') {
    applyNodeBan({ ...entry, activity });
  } else if (activity.type === 'Delete') {
    applySystemDelete({ ...entry, activity });
  } else if (
    (activity.type === 'Add' || activity.type === 'Remove') &&
    activity.target === OWNERS
  ) {
    applyOwnership({ ...entry, activity });
  }
  // What a node states of itself is evidence for verifiers; nothing is derived from it.
}

function applyAddressed(entry: Entry<Activity>): void {
  const { activity, rows, submolt } = entry;
  switch (activity.type) {
    case 'Create':
      if (!('target' in activity)) applyCreate({ ...entry, activity });
      break;
    case 'Like':
    case 'Dislike':
      applyVote({ ...entry, activity });
      break;
    case 'Undo':
      applyUndo(rows, activity, entry.name, submolt.name);
      break;
    case 'Follow':
      if (activity.object === submolt.name) applySubscription({ ...entry, activity });
      break;
    case 'Update':
      if (!('target' in activity)) break;
      if (activity.object.type !== 'Group') applyEdit({ ...entry, activity }, activity.object);
      else applyDescription({ ...entry, activity }, activity.object);
      break;
    case 'Delete':
      applyDelete({ ...entry, activity });
      break;
    case 'Add':
    case 'Remove':
      applyModeration({ ...entry, activity });
      break;
    case 'Block':
      applyBan({ ...entry, activity });
      break;
    case 'Flag':
      applyReport({ ...entry, activity });
      break;
    case 'Move':
      applyMove({ ...entry, activity });
      break;
  }
}
