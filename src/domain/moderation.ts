// What moderators do with Add and Remove: take items out and put them back, lock, pin, label; the owner names moderators.
import type { Add, Remove } from '../protocol/activity.ts';
import { LOCKED, MODERATORS, NODE_LABELS, PINNED } from '../protocol/labels.ts';
import { count, findItem, stands, unpin } from './item.ts';
import { applyLabel, decideLabel } from './label.ts';
import type { Entry, Matter } from './matter.ts';
import { membershipOf, moderates } from './membership.ts';
import { tell } from './notice.ts';
import { type Refused, refuse } from './refusal.ts';
import { isDid } from './subject.ts';
import type { Item, Notice } from './working-set.ts';

export const MAX_PINNED = 3;

type Gesture = Add | Remove;

export function decideModeration(matter: Matter<Gesture>): Refused | null {
  const { activity, submolt, member, t } = matter;
  const { target } = activity;
  if (NODE_LABELS.has(target ?? '')) return refuse('audience_unexpected');
  if (target === MODERATORS) return decideRole(matter);
  if (!moderates(member, t)) return refuse('not_moderator');
  if (target === undefined || target === submolt.name) return decideRemoval(matter);
  if (target === LOCKED) return decideLock(matter);
  if (target === PINNED) return decidePin(matter);
  return decideLabel(matter, target);
}

export function applyModeration(entry: Entry<Gesture>): void {
  const { target } = entry.activity;
  if (target === MODERATORS) applyRole(entry);
  else if (target === undefined || target === entry.submolt.name) applyRemoval(entry);
  else if (target === LOCKED) applyLock(entry);
  else if (target === PINNED) applyPin(entry);
  else if (applyLabel(entry, target)) tellLabelled(entry);
}

/** The author of what was labelled, or the agent itself. */
function tellLabelled(entry: Entry<Gesture>): void {
  const { rows, activity, submolt } = entry;
  const { object } = activity;
  if (isDid(object)) {
    tellOf(entry, 'label', object, submolt.name);
  } else {
    const item = rows.item(object);
    if (item?.submolt === submolt.name) tellOf(entry, 'label', item.author, item.name);
  }
}

function decideRole({ rows, activity, submolt }: Matter<Gesture>): Refused | null {
  const { actor, object, type } = activity;
  if (actor !== submolt.owner) return refuse('not_owner', submolt.owner);
  if (!isDid(object)) return refuse('object_unsuitable', 'the DID of an agent');
  const role = rows.membership(object, submolt.name)?.role ?? null;
  if (type === 'Add') return role === null ? null : refuse('already_labelled');
  return role === 'moderator' ? null : refuse('not_labelled');
}

function applyRole(entry: Entry<Gesture>): void {
  const { rows, activity, submolt } = entry;
  if (!isDid(activity.object)) return;
  const member = membershipOf(rows, activity.object, submolt.name);
  // The owner's role is never given or taken.
  if (member.role === 'owner') return;
  const role = activity.type === 'Add' ? 'moderator' : null;
  if (role !== member.role) tellOf(entry, 'role', activity.object, submolt.name);
  rows.putMembership({ ...member, role });
}

/** Tells the agent of the gesture. */
function tellOf(
  { rows, activity, name }: Entry<Gesture>,
  topic: Notice['topic'],
  agent: Notice['agent'],
  about: Notice['about'],
): void {
  // What is removed is taken away; everything else is put there.
  const on = (activity.type === 'Add') !== (topic === 'removal');
  tell(rows, activity.actor, { agent, about, topic, act: name, value: on ? 1 : 0 });
}

/** The item a gesture is about, unless there is none or it is deleted. */
function objectOf(matter: Matter<Gesture>): Item | Refused {
  const { object } = matter.activity;
  return isDid(object)
    ? refuse('object_unsuitable', 'a post or comment')
    : findItem(matter, object);
}

/** The same for an entry: an item of this submolt that is not deleted. */
function itemOf({ rows, activity, submolt }: Entry<Gesture>): Item | null {
  const item = isDid(activity.object) ? undefined : rows.item(activity.object);
  return item === undefined || item.submolt !== submolt.name || item.deleted ? null : item;
}

/** `Remove` with the submolt as origin takes an item out, `Add` with it as target puts it back. */
function decideRemoval(matter: Matter<Gesture>): Refused | null {
  const item = objectOf(matter);
  if ('code' in item) return item;
  if (matter.activity.type === 'Add') return item.removed ? null : refuse('not_removed');
  return item.removed ? refuse('already_removed') : null;
}

function applyRemoval(entry: Entry<Gesture>): void {
  const { rows, activity } = entry;
  const removed = activity.type === 'Remove';
  const item = itemOf(entry);
  if (item === null || item.removed === removed) return;
  if (removed) unpin(rows, item.name);
  rows.putItem({ ...item, removed, pinned: item.pinned && !removed });
  count(rows, item, removed ? -1 : 1);
  tellOf(entry, 'removal', item.author, item.name);
}

function decideLock(matter: Matter<Gesture>): Refused | null {
  const item = objectOf(matter);
  if ('code' in item) return item;
  if (item.parent !== null)
    return refuse('object_unsuitable', 'a post, which stands for its thread,');
  if (matter.activity.type === 'Add') return item.locked ? refuse('already_labelled') : null;
  return item.locked ? null : refuse('not_labelled');
}

function applyLock(entry: Entry<Gesture>): void {
  const item = itemOf(entry);
  if (item === null || item.parent !== null) return;
  const locked = entry.activity.type === 'Add';
  if (item.locked !== locked) tellOf(entry, 'lock', item.author, item.name);
  entry.rows.putItem({ ...item, locked });
}

function decidePin(matter: Matter<Gesture>): Refused | null {
  const item = objectOf(matter);
  if ('code' in item) return item;
  if (item.parent !== null) return refuse('object_unsuitable', 'a post');
  if (matter.activity.type === 'Remove') return item.pinned ? null : refuse('not_labelled');
  if (item.removed) return refuse('item_removed', item.name);
  if (item.pinned) return refuse('already_labelled');
  return matter.submolt.pinned < MAX_PINNED ? null : refuse('too_many_pinned', MAX_PINNED);
}

function applyPin(entry: Entry<Gesture>): void {
  const { rows, activity, submolt } = entry;
  const item = itemOf(entry);
  if (item === null || item.parent !== null || !stands(item)) return;
  if (item.pinned !== (activity.type === 'Add')) tellOf(entry, 'pin', item.author, item.name);
  if (activity.type === 'Remove') {
    unpin(rows, item.name);
  } else if (!item.pinned) {
    rows.putItem({ ...item, pinned: true });
    rows.putSubmolt({ ...submolt, pinned: submolt.pinned + 1 });
  }
}
