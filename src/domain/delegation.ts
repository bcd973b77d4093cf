// Delegations: what one agent lets another do in its name, each link within the one above it.
import type { Add, Undo } from '../protocol/activity.ts';
import { expiryOf, findAttenuationFault } from '../protocol/capability.ts';
import {
  listsKey,
  readDelegation,
  type StatedDelegation,
} from '../protocol/delegation-statement.ts';
import type { Did } from '../protocol/did.ts';
import type { VerifiedObject } from '../protocol/object.ts';
import type { ObjectName } from '../protocol/object-name.ts';
import { type Refused, refuse } from './refusal.ts';
import { hasDidLog } from './subject.ts';
import type { Delegation, Grant, StatedIdentity, WorkingSet } from './working-set.ts';

/** A statement that delegates. The proof was verified; which key it names still has to be told. */
type Statement = Pick<VerifiedObject, 'name'> & { readonly activity: Add };

type Place = 'system' | ObjectName;

/** What a statement says alone; null for one that can never count. */
export function grantOf(activity: Add): Grant | null {
  const reading = readDelegation(activity);
  return reading.ok ? reading.stated : null;
}

export function grantIn(delegation: Delegation | undefined): Grant | undefined {
  if (delegation === undefined) return undefined;
  const { capability, delegate, delegator } = delegation;
  return { delegator, delegate, parent: capability.parentCapability };
}

/** What is known of a delegator by the log that counts: the node's own, or the submolt's. */
function identityAt(rows: WorkingSet, agent: Did, place: Place): StatedIdentity | undefined {
  return place === 'system' ? rows.identity(agent) : rows.identityPlace(agent, place);
}

function standsAt(rows: WorkingSet, delegation: ObjectName, place: Place): boolean {
  const row =
    place === 'system' ? rows.delegationState(delegation) : rows.delegationPlace(delegation, place);
  return row !== undefined;
}

function keyCounts(identity: StatedIdentity | undefined, keyId: string): boolean {
  return identity !== undefined && !identity.deactivated && listsKey(identity.keys, keyId);
}

/** The links from this one up to the first, or null where one is not known. */
export function chainOf(rows: WorkingSet, name: ObjectName): readonly Delegation[] | null {
  const chain: Delegation[] = [];
  for (let next: ObjectName | null = name; next !== null; ) {
    const link: Delegation | undefined = rows.delegation(next);
    if (link === undefined) return null;
    chain.push(link);
    next = link.capability.parentCapability;
  }
  return chain;
}

/** True if in this log a delegation stands, and the keys of its delegators still count. */
export function holdsAt(rows: WorkingSet, chain: readonly Delegation[], place: Place): boolean {
  return chain.every(
    ({ delegator, keyId, name }) =>
      standsAt(rows, name, place) &&
      (keyId === null || keyCounts(identityAt(rows, delegator, place), keyId)),
  );
}

/** The chain of a delegation that this node's own log has and nobody has revoked. */
export function findChain(
  rows: WorkingSet,
  name: ObjectName,
  t: number,
): readonly Delegation[] | Refused {
  const chain = chainOf(rows, name);
  if (chain === null || !standsAt(rows, name, 'system')) return refuse('delegation_unknown', name);
  const ended = chain.find(
    (link) => rows.delegationState(link.name)?.revoked !== null || !holdsAt(rows, [link], 'system'),
  );
  if (ended !== undefined) return refuse('delegation_revoked', ended.name);
  const { capability } = chain[0] as Delegation;
  return t < expiryOf(capability) ? chain : refuse('delegation_expired', name, capability.expires);
}

/** The row of a statement below `parent`, which is null for one that delegates what is the delegator's own. */
function delegationOf(
  { activity, name }: Statement,
  { capability, delegate, delegator }: StatedDelegation,
  parent: Delegation | null,
): Delegation {
  return {
    name,
    delegator,
    delegate,
    principal: parent?.principal ?? delegator,
    depth: parent === null ? 1 : parent.depth + 1,
    capability,
    keyId: hasDidLog(activity.actor) ? activity.proof.verificationMethod : null,
  };
}

/** A delegation that comes to this node's system log. */
export function decideDelegation(
  rows: WorkingSet,
  statement: Statement,
  t: number,
): Refused | null {
  const reading = readDelegation(statement.activity);
  if (!reading.ok) return refuse('capability_malformed', reading.detail);
  const { capability, delegator, parent: passed } = reading.stated;
  const above = passed === null ? [] : findChain(rows, passed, t);
  if ('code' in above) return above;
  const [parent = null] = above;
  const delegation = delegationOf(statement, reading.stated, parent);
  const { keyId } = delegation;
  if (keyId !== null && !keyCounts(rows.identity(delegator), keyId)) {
    const needed = 'it must be signed under the method whose fragment is its Multikey';
    return refuse('capability_malformed', needed);
  }
  const fault = parent && findAttenuationFault(delegation, parent);
  if (parent !== null && fault !== null) return refuse('delegation_exceeds', fault, parent.name);
  return t < expiryOf(capability)
    ? null
    : refuse('delegation_expired', statement.name, capability.expires);
}

/** A delegation that stands in a log. One that takes more than the log has given before it changes nothing. */
export function applyDelegation(
  rows: WorkingSet,
  statement: Statement,
  { log, node }: { readonly log: Place; readonly node: Did },
): void {
  const reading = readDelegation(statement.activity);
  if (!reading.ok || standsAt(rows, statement.name, log)) return;
  const { parent } = reading.stated;
  const above = parent === null ? null : (rows.delegation(parent) ?? null);
  if (parent !== null && (above === null || !standsAt(rows, parent, log))) return;
  const row = delegationOf(statement, reading.stated, above);
  if (above !== null && findAttenuationFault(row, above) !== null) return;
  const { delegator, keyId, name: delegation } = row;
  if (keyId !== null && !keyCounts(identityAt(rows, delegator, log), keyId)) return;
  rows.putDelegation(row);
  if (log === 'system') rows.putDelegationState({ delegation, node, revoked: null });
  else rows.putDelegationPlace({ delegation, submolt: log });
}

/** May this agent take the delegation back? Whoever gave it may, and whoever gave what it passes on. */
export function decideRevocation(rows: WorkingSet, { actor, object }: Undo): Refused | null {
  const chain = chainOf(rows, object);
  const state = rows.delegationState(object);
  if (chain === null || state === undefined) return refuse('act_unknown', object);
  const delegators = chain.map(({ delegator }) => delegator);
  if (!delegators.includes(actor)) return refuse('not_author', delegators.join(' or '));
  return state.revoked === null ? null : refuse('nothing_to_undo', object);
}

export function applyRevocation(rows: WorkingSet, { actor, object }: Undo, name: ObjectName): void {
  const state = rows.delegationState(object);
  if (state === undefined || state.revoked !== null) return;
  const gave = chainOf(rows, object)?.some(({ delegator }) => delegator === actor) ?? false;
  if (gave) rows.putDelegationState({ ...state, revoked: name });
}
