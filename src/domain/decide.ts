// May an act enter a log of this node? Total and deterministic: the answer follows from the act, the rows and the times.
import type { Activity } from '../protocol/activity.ts';
import { formatDateTime, parseDateTime } from '../protocol/date-time.ts';
import type { Did } from '../protocol/did.ts';
import { NODE_LABELS, OWNERS } from '../protocol/labels.ts';
import type { VerifiedObject } from '../protocol/object.ts';
import type { ObjectName } from '../protocol/object-name.ts';
import { decideFollow } from './agent-follow.ts';
import { decideDelegation } from './delegation.ts';
import { decideEdit } from './edit.ts';
import { decideDelete, decideSystemDelete } from './erasure.ts';
import { decideDidLog, refuseStranger } from './identity.ts';
import { decideInvocation, partiesOf, refuseBannedDelegate, statementsFor } from './invocation.ts';
import { decideComment } from './item.ts';
import { delegates, logOf, type Matter, statesDidLog } from './matter.ts';
import { decideBan, decideSubscription, refuseBanned } from './membership.ts';
import { decideModeration } from './moderation.ts';
import { decideNodeBan, erasesOwn, refuseOutcasts } from './node-ban.ts';
import { decideOwnership } from './owner.ts';
import { type Refused, refuse } from './refusal.ts';
import { decideReport } from './report.ts';
import { bySubject, isDid } from './subject.ts';
import { decideDescription, decideFounding, decideMove } from './submolt.ts';
import { decideSystemUndo, decideUndo } from './undo.ts';
import { decideVote } from './vote.ts';
import type { Delegation, WorkingSet } from './working-set.ts';

const MINUTE = 60_000;
const MAX_AHEAD = 5 * MINUTE;
const MAX_AGE = 24 * 60 * MINUTE;

export type Decision =
  | {
      readonly kind: 'accept';
      readonly log: 'system' | ObjectName;
      /** Statements that the act depends on and that go into the same log before it, in this order. */
      readonly first: readonly ObjectName[];
    }
  /** The submolt lives elsewhere; its home decides everything, once. */
  | { readonly kind: 'forward'; readonly submolt: ObjectName; readonly home: Did }
  | Refused;

export interface DecisionContext {
  readonly node: Did;
  /** Milliseconds of the clock, which `published` is compared with. */
  readonly now: number;
  /** Milliseconds: the `t` the log entry will have; above `now` where the clock is behind the log. */
  readonly t: number;
}

/** Needs the rows of `keysOf(object.activity, object.name)`, in a working set of this node. */
export function decide(
  rows: WorkingSet,
  object: VerifiedObject,
  { node, now, t }: DecisionContext,
): Decision {
  const { name } = object;
  // The versions of a DID log order themselves, so its statement has no time to be checked: it may come years later.
  if (statesDidLog(object.activity)) {
    return decideDidLog(rows, { activity: object.activity, name }) ?? accept('system');
  }
  const stranger = refuseStranger(rows, object);
  if (stranger !== null) return stranger;
  const activity = bySubject(object.activity);
  const owns = erasesOwn(rows, activity, node);
  const outcast = owns ? null : refuseOutcasts(rows, [activity.actor], t);
  if (outcast !== null) return outcast;
  // Nor has a delegation: it says itself how long it counts, and homes get it with the acts that need it.
  if (delegates(object.activity)) {
    return decideDelegation(rows, { activity: object.activity, name }, t) ?? accept('system');
  }
  const audience = 'audience' in activity ? activity.audience : undefined;
  const accepted = (chain: readonly Delegation[] = []) => {
    const log = logOf(activity, name);
    return accept(log, statementsFor(rows, object.activity.actor, chain, log));
  };
  if (audience === undefined) {
    return (
      refuseSkewed(activity, now) ?? decideUnaddressed(rows, activity, { node, t }) ?? accepted()
    );
  }
  const submolt = rows.submolt(audience);
  if (submolt === undefined) return refuse('submolt_unknown', audience);
  if (submolt.movedTo !== null) return refuse('submolt_moved', submolt.movedTo);
  const invocation = decideInvocation(rows, activity, { submolt: audience, t });
  if ('code' in invocation) return invocation;
  const sender = refuseOutcasts(rows, partiesOf(invocation), t);
  if (sender !== null) return sender;
  if (submolt.home !== node) return { kind: 'forward', submolt: audience, home: submolt.home };
  const member = rows.membership(invocation.activity.actor, audience);
  const matter = { rows, name, activity: invocation.activity, submolt, member, t };
  return (
    refuseSkewed(activity, now) ??
    refuseBannedDelegate(rows, invocation, { submolt: audience, t }) ??
    decideAddressed(matter) ??
    accepted(invocation.chain)
  );
}

function accept(log: 'system' | ObjectName, first: readonly ObjectName[] = []): Decision {
  return { kind: 'accept', log, first };
}

function refuseSkewed({ published }: Activity, now: number): Refused | null {
  const at = (parseDateTime(published) ?? Number.NaN) * 1000;
  if (at >= now - MAX_AGE && at <= now + MAX_AHEAD) return null;
  return refuse('clock_skew', published, formatDateTime(Math.floor(now / 1000)));
}

/** Acts of the node's system log, and the founding of a submolt. */
function decideUnaddressed(
  rows: WorkingSet,
  activity: Activity,
  place: Pick<DecisionContext, 'node' | 't'>,
): Refused | null {
  const { node } = place;
  const { actor, type } = activity;
  switch (type) {
    case 'Create':
      return 'target' in activity
        ? decideFounding(rows, activity, node)
        : refuse('audience_missing');
    case 'Undo':
      return decideSystemUndo(rows, activity);
    case 'Follow':
      return isDid(activity.object)
        ? decideFollow(rows, actor, activity.object)
        : refuse('audience_missing');
    case 'Update':
      if (activity.object.type === 'Document') return refuseOthers(actor, node);
      return activity.object.type === 'Service' ? null : refuse('audience_missing');
    case 'Add':
    case 'Remove':
      if (activity.target === OWNERS) return decideOwnership(rows, activity);
      if (!NODE_LABELS.has(activity.target ?? '')) return refuse('audience_missing');
      return refuseOthers(actor, node);
    case 'Delete':
      return decideSystemDelete(rows, activity, node);
    case 'Block':
      return decideNodeBan(rows, activity, place);
    case 'Like':
    case 'Dislike':
    case 'Flag':
    case 'Move':
      return refuse('audience_missing');
  }
}

/** What a node says of itself nobody says for it. */
function refuseOthers(actor: Did, node: Did): Refused | null {
  return actor === node ? null : refuse('not_this_node', node);
}

/** Acts on a submolt that this node is home of. */
function decideAddressed(matter: Matter<Activity>): Refused | null {
  const { activity, member, submolt, t } = matter;
  switch (activity.type) {
    case 'Create':
      return (
        refuseBanned(member, t) ??
        (activity.object.type === 'Note' ? decideComment(matter, activity.object) : null)
      );
    case 'Like':
    case 'Dislike':
      return refuseBanned(member, t) ?? decideVote({ ...matter, activity });
    case 'Undo':
      return decideUndo({ ...matter, activity });
    case 'Follow':
      return activity.object === submolt.name
        ? decideSubscription({ ...matter, activity })
        : refuse('audience_unexpected');
    case 'Update':
      if (!('target' in activity)) return refuse('audience_unexpected');
      if (activity.object.type === 'Group') {
        return decideDescription({ ...matter, activity }, activity.object);
      }
      return refuseBanned(member, t) ?? decideEdit({ ...matter, activity }, activity.object);
    case 'Delete':
      return decideDelete({ ...matter, activity });
    case 'Add':
    case 'Remove':
      return decideModeration({ ...matter, activity });
    case 'Block':
      return decideBan({ ...matter, activity });
    case 'Flag':
      return refuseBanned(member, t) ?? decideReport({ ...matter, activity });
    case 'Move':
      return decideMove({ ...matter, activity });
  }
}
