// Acts under a delegation: whose they are, whether it lets them, and what has to stand in the log before them.
import type { Activity } from '../protocol/activity.ts';
import { actionOf, findInvocationFault } from '../protocol/capability.ts';
import { type Did, subjectOf } from '../protocol/did.ts';
import type { ObjectName } from '../protocol/object-name.ts';
import { chainOf, findChain, holdsAt } from './delegation.ts';
import { statementOf } from './identity.ts';
import { instrumentOf } from './item.ts';
import { refuseBanned } from './membership.ts';
import { type Refused, refuse } from './refusal.ts';
import { hasDidLog } from './subject.ts';
import type { Delegation, WorkingSet } from './working-set.ts';

/** The same act, done by the agent in whose name it is. */
export function inNameOf<A extends Activity>(activity: A, principal: Did): A {
  return { ...activity, actor: principal };
}

const NO_CHAIN: readonly Delegation[] = [];

export interface Invocation {
  /** By the principal; as it was signed where there is no delegation. */
  readonly activity: Activity;
  /** The links, from the delegation up. */
  readonly chain: readonly Delegation[];
}

interface Use {
  readonly submolt: ObjectName;
  /** Milliseconds. */
  readonly t: number;
}

/** Why a link does not let an act be done, or null. What an Undo takes back may not be known yet: then the home says so. */
function findFault(rows: WorkingSet, link: Delegation, activity: Activity, use: Use) {
  const undone = activity.type === 'Undo' ? rows.act(activity.object) : null;
  const [anyAction = null] = link.capability.allowedAction;
  const action = undone === undefined ? anyAction : actionOf(activity, undone?.type);
  return findInvocationFault(link, { ...use, actor: activity.actor, action });
}

/** An act in this submolt whose actor is a subject; `rows` are those of the node that is asked. */
export function decideInvocation(
  rows: WorkingSet,
  activity: Activity,
  use: Use,
): Invocation | Refused {
  const instrument = instrumentOf(activity);
  if (instrument === null) return { activity, chain: NO_CHAIN };
  const chain = findChain(rows, instrument, use.t);
  if ('code' in chain) return chain;
  const link = chain[0] as Delegation;
  const fault = findFault(rows, link, activity, use);
  if (fault === null) return { activity: inNameOf(activity, link.principal), chain };
  const { allowedAction, expires, invocationTarget } = link.capability;
  switch (fault) {
    case 'delegate':
      return refuse('not_delegate', link.capability.controller);
    case 'action': {
      const undone = activity.type === 'Undo' ? rows.act(activity.object)?.type : undefined;
      const needed = actionOf(activity, undone) ?? `${activity.type}, which cannot be delegated,`;
      return refuse('delegation_scope', needed, allowedAction.join(', '));
    }
    case 'submolt':
      return refuse('delegation_scope', use.submolt, [invocationTarget].flat().join(', '));
    case 'expired':
      return refuse('delegation_expired', link.name, expires);
  }
}

/** A ban is not got round by acting for somebody else, nor by sending somebody else. */
export function refuseBannedDelegate(
  rows: WorkingSet,
  { chain }: Invocation,
  { submolt, t }: Use,
): Refused | null {
  for (const { delegate } of chain) {
    const refused = refuseBanned(rows.membership(delegate, submolt), t);
    if (refused !== null) return refused;
  }
  return null;
}

/** Who has a part in an act under a delegation: all whom it leads through, and in whose name it is. None where there is none. */
export function partiesOf({ activity, chain }: Invocation): readonly Did[] {
  return chain.length === 0 ? [] : [...chain.map(({ delegate }) => delegate), activity.actor];
}

/** The act as its principal's, by what the submolt's log has before it; null where that does not let it be done. */
export function invokedAt(rows: WorkingSet, activity: Activity, use: Use): Activity | null {
  const instrument = instrumentOf(activity);
  if (instrument === null) return activity;
  const chain = chainOf(rows, instrument);
  const [link] = chain ?? [];
  if (chain === null || link === undefined || !holdsAt(rows, chain, use.submolt)) return null;
  return findFault(rows, link, activity, use) === null ? inNameOf(activity, link.principal) : null;
}

/**
 * The statements that an act depends on and that the submolt's log has not, in the order they have to be logged: each
 * delegation from the first, behind the DID log of who gave it, then the signer's DID log. `signer` is the DID as signed.
 */
export function statementsFor(
  rows: WorkingSet,
  signer: Did,
  chain: readonly Delegation[],
  log: 'system' | ObjectName,
): readonly ObjectName[] {
  if (log === 'system') return [];
  const needed: (ObjectName | null)[] = chain
    .toReversed()
    .flatMap(({ delegator, keyId, name }) => [
      keyId === null ? null : statementOf(rows, delegator, log),
      rows.delegationPlace(name, log) === undefined ? name : null,
    ]);
  if (hasDidLog(signer)) needed.push(statementOf(rows, subjectOf(signer), log));
  return [...new Set(needed.filter((name) => name !== null))];
}
