// Founding a submolt, changing what it says of itself, moving it to another home.
import type { CreateGroup, Group, Move, UpdateContent } from '../protocol/activity.ts';
import type { Did } from '../protocol/did.ts';
import { idOf, type ObjectName } from '../protocol/object-name.ts';
import type { Entry, Matter } from './matter.ts';
import { membershipOf } from './membership.ts';
import { type Refused, refuse } from './refusal.ts';
import type { Submolt, WorkingSet } from './working-set.ts';

/** `node` is the node that decides. */
export function decideFounding(rows: WorkingSet, act: CreateGroup, node: Did): Refused | null {
  if (act.target !== node) return refuse('wrong_home', act.target, node);
  const slug = act.object.preferredUsername;
  return rows.submoltBySlug(slug) === undefined ? null : refuse('slug_taken', slug);
}

/** The submolt is named by its founding act; the log under that name starts with it. */
export function applyFounding(rows: WorkingSet, name: ObjectName, act: CreateGroup, t: number) {
  if (rows.submolt(name) !== undefined) return;
  // Where this node has dropped the founding itself, its id is all that it is called by.
  const slug = wordsOf(act.object).preferredUsername ?? idOf(name);
  rows.putSubmolt({
    name,
    slug,
    owner: act.actor,
    home: act.target,
    ...describe(act.object, slug, name),
    createdAt: t,
    posts: 0,
    pinned: 0,
    subscribers: 0,
    movedTo: null,
  });
  rows.putMembership({ ...membershipOf(rows, act.actor, name), role: 'owner' });
}

/** A founding or description whose words are erased has none of these. */
function wordsOf(group: Group): Partial<Group> {
  return group;
}

function describe(group: Group, slug: string, describedBy: ObjectName) {
  const { name = slug, summary = '' } = wordsOf(group);
  return { title: name, summary, describedBy };
}

export function decideDescription(matter: Matter<UpdateContent>, group: Group): Refused | null {
  const { activity, submolt } = matter;
  if (activity.actor !== submolt.owner) return refuse('not_owner', submolt.owner);
  return group.preferredUsername === submolt.slug ? null : refuse('slug_changed', submolt.slug);
}

export function applyDescription(
  { rows, activity, name, submolt }: Entry<UpdateContent>,
  group: Group,
): void {
  if (activity.actor !== submolt.owner) return;
  rows.putSubmolt({ ...submolt, ...describe(group, submolt.slug, name) });
}

/** The words of the act `name` are erased: if they are those that stand, the submolt is called by its slug. */
export function dropDescription(submolt: Submolt | undefined, name: ObjectName, rows: WorkingSet) {
  if (submolt?.describedBy !== name) return;
  rows.putSubmolt({ ...submolt, title: submolt.slug, summary: '' });
}

export function decideMove({ activity, submolt }: Matter<Move>): Refused | null {
  if (activity.actor !== submolt.owner) return refuse('not_owner', submolt.owner);
  if (activity.origin !== submolt.home) return refuse('wrong_home', activity.origin, submolt.home);
  return activity.target === submolt.home
    ? refuse('object_unsuitable', 'another node than the present home as its target')
    : null;
}

export function applyMove({ rows, activity, submolt }: Entry<Move>): void {
  if (activity.actor === submolt.owner) rows.putSubmolt({ ...submolt, movedTo: activity.target });
}
