// Votes: at most one stands per agent and item, and tallies and karma are the sum of those that stand.
import type { Vote } from '../protocol/activity.ts';
import { findItem } from './item.ts';
import type { Entry, Matter } from './matter.ts';
import { membershipOf } from './membership.ts';
import { isMilestone, tell } from './notice.ts';
import { type Refused, refuse } from './refusal.ts';
import type { Item, StandingVote, WorkingSet } from './working-set.ts';

export function decideVote(matter: Matter<Vote>): Refused | null {
  const { rows, activity } = matter;
  const item = findItem(matter, activity.object);
  if ('code' in item) return item;
  if (item.removed) return refuse('item_removed', item.name);
  if (item.author === activity.actor) return refuse('own_vote');
  const vote = rows.vote(activity.actor, item.name);
  return vote === undefined || vote.value === 0 ? null : refuse('vote_exists', vote.act);
}

export function applyVote({ rows, name, activity, submolt }: Entry<Vote>): void {
  const { actor, object, type } = activity;
  const item = rows.item(object);
  if (item === undefined || item.submolt !== submolt.name || item.author === actor) return;
  if ((rows.vote(actor, object)?.value ?? 0) !== 0) return;
  const value = type === 'Like' ? 1 : -1;
  rows.putVote({ agent: actor, item: object, act: name, value });
  rows.putAct({ name, type, actor, submolt: submolt.name, object });
  tally(rows, item, value, 1);
  const votes = item.up + 1;
  if (value === 1 && isMilestone(votes)) {
    const told = { agent: item.author, about: object, topic: 'votes', act: name } as const;
    tell(rows, actor, { ...told, value: votes });
  }
}

/** Takes a standing vote back. */
export function endVote(rows: WorkingSet, vote: StandingVote): void {
  const item = rows.item(vote.item);
  if (item === undefined || vote.value === 0) return;
  rows.putVote({ ...vote, value: 0 });
  tally(rows, item, vote.value, -1);
}

/** Adds a vote of this value to the item and its author, or takes one away. */
function tally(rows: WorkingSet, item: Item, value: 1 | -1, by: 1 | -1): void {
  rows.putItem(value === 1 ? { ...item, up: item.up + by } : { ...item, down: item.down + by });
  const author = membershipOf(rows, item.author, item.submolt);
  rows.putMembership({ ...author, karma: author.karma + value * by });
}
