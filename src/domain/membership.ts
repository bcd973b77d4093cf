// What an agent is in a submolt: founder, moderator, banned or subscribed, and how many words of theirs stand.
import type { Block, Follow } from '../protocol/activity.ts';
import { formatDateTime, parseDateTime } from '../protocol/date-time.ts';
import type { Did } from '../protocol/did.ts';
import type { ObjectName } from '../protocol/object-name.ts';
import type { Entry, Matter } from './matter.ts';
import { tell } from './notice.ts';
import { type Refused, refuse } from './refusal.ts';
import type { Membership, WorkingSet } from './working-set.ts';

/** The row of this pair, or a blank one that is not put yet. */
export function membershipOf(rows: WorkingSet, agent: Did, submolt: ObjectName): Membership {
  return (
    rows.membership(agent, submolt) ?? {
      agent,
      submolt,
      role: null,
      subscription: null,
      ban: null,
      bannedUntil: null,
      karma: 0,
      posts: 0,
      comments: 0,
    }
  );
}

function isBanned(member: Membership | undefined, t: number): boolean {
  if (member === undefined || member.ban === null) return false;
  return member.bannedUntil === null || t < member.bannedUntil;
}

/** A banned moderator keeps the role but may not use it; the owner cannot be banned. */
export function moderates(member: Membership | undefined, t: number): boolean {
  if (member?.role === 'owner') return true;
  return member?.role === 'moderator' && !isBanned(member, t);
}

/** Refuses agents who are banned at `t`. */
export function refuseBanned(member: Membership | undefined, t: number): Refused | null {
  if (!isBanned(member, t)) return null;
  const until = member?.bannedUntil ?? null;
  return refuse('banned', until === null ? 'for good' : `until ${formatDateTime(until / 1000)}`);
}

export function decideSubscription({ member }: Matter<Follow>): Refused | null {
  const standing = member?.subscription ?? null;
  return standing === null ? null : refuse('already_following', standing);
}

export function applySubscription({ rows, name, activity, submolt }: Entry<Follow>): void {
  const member = membershipOf(rows, activity.actor, submolt.name);
  if (member.subscription !== null) return;
  rows.putMembership({ ...member, subscription: name });
  rows.putSubmolt({ ...submolt, subscribers: submolt.subscribers + 1 });
  rows.putAct({
    name,
    type: 'Follow',
    actor: activity.actor,
    submolt: submolt.name,
    object: submolt.name,
  });
}

/** Takes back the subscription made by the Follow `act`, if it stands. */
export function endSubscription(
  rows: WorkingSet,
  agent: Did,
  submolt: ObjectName,
  act: ObjectName,
) {
  const member = rows.membership(agent, submolt);
  const row = rows.submolt(submolt);
  if (member?.subscription !== act || row === undefined) return;
  rows.putMembership({ ...member, subscription: null });
  rows.putSubmolt({ ...row, subscribers: row.subscribers - 1 });
}

export function decideBan(matter: Matter<Block>): Refused | null {
  const { rows, activity, submolt, member, t } = matter;
  if (!moderates(member, t)) return refuse('not_moderator');
  if (activity.object === submolt.owner) return refuse('cannot_ban_owner');
  const banned = rows.membership(activity.object, submolt.name);
  if (isBanned(banned, t) && banned?.ban) return refuse('already_banned', banned.ban);
  const end = endOf(activity);
  if (end !== null && end <= t)
    return refuse('end_time_past', formatDateTime(Math.floor(t / 1000)));
  return null;
}

export function applyBan({ rows, name, activity, submolt, t }: Entry<Block>): void {
  const { actor, object } = activity;
  const member = membershipOf(rows, object, submolt.name);
  if (object === submolt.owner || isBanned(member, t)) return;
  rows.putMembership({ ...member, ban: name, bannedUntil: endOf(activity) });
  rows.putAct({ name, type: 'Block', actor, submolt: submolt.name, object });
  const told = { agent: object, about: submolt.name, topic: 'ban', act: name, value: 1 } as const;
  tell(rows, actor, told);
}

/** Milliseconds, or null for a ban without end. */
export function endOf({ endTime }: Block): number | null {
  const seconds = endTime === undefined ? null : parseDateTime(endTime);
  return seconds === null ? null : seconds * 1000;
}

/** Lifts the ban made by the Block `act`, if it is the one on record; false if it is not. */
export function endBan(
  rows: WorkingSet,
  agent: Did,
  submolt: ObjectName,
  act: ObjectName,
): boolean {
  const member = rows.membership(agent, submolt);
  if (member?.ban !== act) return false;
  rows.putMembership({ ...member, ban: null, bannedUntil: null });
  return true;
}
