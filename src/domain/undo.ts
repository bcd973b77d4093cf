// Undo: an agent takes back its own vote or follow, a moderator or a node lifts a ban.
import type { Undo } from '../protocol/activity.ts';
import type { ObjectName } from '../protocol/object-name.ts';
import { endFollow } from './agent-follow.ts';
import { decideRevocation } from './delegation.ts';
import type { Matter } from './matter.ts';
import { endBan, endSubscription, moderates } from './membership.ts';
import { endNodeBan } from './node-ban.ts';
import { tell } from './notice.ts';
import { type Refused, refuse } from './refusal.ts';
import { isDid } from './subject.ts';
import { endVote } from './vote.ts';
import type { AcceptedAct, WorkingSet } from './working-set.ts';

/** An Undo addressed to a submolt. */
export function decideUndo({ rows, activity, submolt, member, t }: Matter<Undo>): Refused | null {
  const act = rows.act(activity.object);
  if (act === undefined) return refuse('act_unknown', activity.object);
  if (act.submolt !== submolt.name) return refuse('audience_unexpected');
  if (act.type === 'Block') {
    if (!moderates(member, t)) return refuse('not_moderator');
  } else if (act.actor !== activity.actor) return refuse('not_author', act.actor);
  return isStanding(rows, act) ? null : refuse('nothing_to_undo', act.name);
}

/** An Undo without audience: of following an agent, of a ban from the node, or of a delegation. */
export function decideSystemUndo(rows: WorkingSet, activity: Undo): Refused | null {
  const act = rows.act(activity.object);
  if (act === undefined) return decideRevocation(rows, activity);
  if (act.submolt !== null) return refuse('audience_missing');
  if (act.actor !== activity.actor) return refuse('not_author', act.actor);
  return isStanding(rows, act) ? null : refuse('nothing_to_undo', act.name);
}

function isStanding(
  rows: WorkingSet,
  { name, type, actor, submolt, object }: AcceptedAct,
): boolean {
  if (isDid(object)) {
    if (type === 'Follow') return rows.follow(actor, object)?.act === name;
    if (type !== 'Block') return false;
    const ban =
      submolt === null ? rows.nodeBan(object)?.act : rows.membership(object, submolt)?.ban;
    return ban === name;
  }
  if (type === 'Follow') return rows.membership(actor, object)?.subscription === name;
  if (type !== 'Like' && type !== 'Dislike') return false;
  const vote = rows.vote(actor, object);
  return vote?.act === name && vote.value !== 0;
}

/** `log` is the submolt whose log holds the Undo `undo`, null for the system log; an act of another log stays. */
export function applyUndo(
  rows: WorkingSet,
  activity: Undo,
  undo: ObjectName,
  log: ObjectName | null,
): void {
  const act = rows.act(activity.object);
  if (act === undefined || act.submolt !== log || !isStanding(rows, act)) return;
  const { name, type, actor, submolt, object } = act;
  if (type === 'Block' && submolt !== null) {
    if (isDid(object) && endBan(rows, object, submolt, name)) {
      const told = { agent: object, about: submolt, topic: 'ban', act: undo, value: 0 } as const;
      tell(rows, activity.actor, told);
    }
    return;
  }
  if (actor !== activity.actor) return;
  if (type === 'Block') {
    if (isDid(object) && endNodeBan(rows, object, name)) {
      tell(rows, actor, { agent: object, about: name, topic: 'ban', act: undo, value: 0 });
    }
    return;
  }
  if (isDid(object)) endFollow(rows, actor, object);
  else if (type === 'Follow') endSubscription(rows, actor, object, name);
  else {
    const vote = rows.vote(actor, object);
    if (vote !== undefined) endVote(rows, vote);
  }
}
