// One agent following another, in the system log of the node that takes it.
import type { Follow } from '../protocol/activity.ts';
import type { Did } from '../protocol/did.ts';
import type { SystemEntry } from './matter.ts';
import { type Refused, refuse } from './refusal.ts';
import type { WorkingSet } from './working-set.ts';

export function decideFollow(rows: WorkingSet, actor: Did, followed: Did): Refused | null {
  if (followed === actor) return refuse('own_follow');
  const standing = rows.follow(actor, followed)?.act ?? null;
  return standing === null ? null : refuse('already_following', standing);
}

export function applyFollow(entry: SystemEntry<Follow>, followed: Did): void {
  const { rows, name, activity, node } = entry;
  const { actor } = activity;
  if (followed === actor || (rows.follow(actor, followed)?.act ?? null) !== null) return;
  rows.putFollow({ follower: actor, followed, node, act: name });
  rows.putAct({ name, type: 'Follow', actor, submolt: null, object: followed });
}

export function endFollow(rows: WorkingSet, follower: Did, followed: Did): void {
  const follow = rows.follow(follower, followed);
  if (follow !== undefined) rows.putFollow({ ...follow, act: null });
}
