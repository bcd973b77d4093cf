// Delegations from an agent's side: what it gives, and the chain under which it acts, with who can show that chain.
import type { ActivityDraft, DateTime } from '../protocol/activity.ts';
import { type CapabilityAction, readCapability } from '../protocol/capability.ts';
import { delegationStatement, isDelegation } from '../protocol/delegation-statement.ts';
import { type Did, parseDid } from '../protocol/did.ts';
import type { ObjectName } from '../protocol/object-name.ts';
import type { Connection } from './connection.ts';
import { ClientError } from './error.ts';
import { type FetchedAct, fetchAct } from './fetch-object.ts';

/** What a client does, it does under this delegation, wherever an act is for a submolt. */
export interface ActingUnder {
  /** Name or id of the delegation. */
  readonly delegation: string;
  /** Origin of a node that has it and those above it, for nodes that do not know it yet; default: the client's own node. */
  readonly from?: string;
}

export interface Grant {
  /** At least one. */
  readonly actions: readonly CapabilityAction[];
  /** Names of submolts, at most 100, or all. */
  readonly submolts: readonly ObjectName[] | '*';
  readonly until: DateTime;
  /** The delegation that is passed on; without it the agent gives what is its own. */
  readonly parent: ObjectName | null;
}

export function draftDelegation(to: Did, { actions, parent, submolts, until }: Grant) {
  const invocationTarget = submolts === '*' ? submolts : [...new Set(submolts)].sort();
  const draft = delegationStatement({
    allowedAction: [...new Set(actions)].sort(),
    controller: to,
    expires: until,
    invocationTarget,
    parentCapability: parent,
  });
  const reading = readCapability(draft.content);
  if (!reading.ok) throw new ClientError('invalid_argument', `not a delegation: ${reading.detail}`);
  return draft;
}

export function delegateOf(did: string): Did {
  const parsed = parseDid(did);
  if (parsed === null) throw new ClientError('invalid_argument', `not a DID: ${did}`);
  return parsed;
}

/** The same act under the delegation; founding and what has no audience is never done in another's name. */
export function actUnder(draft: ActivityDraft, instrument: ObjectName): ActivityDraft {
  return 'audience' in draft && draft.audience !== undefined ? { instrument, ...draft } : draft;
}

/** The signed statements of a chain from the first link down, checked by their names alone: nodes check the rest. */
export async function fetchChain(
  delegation: ObjectName,
  { crypto, send }: Pick<Connection, 'crypto' | 'send'>,
): Promise<readonly FetchedAct[]> {
  const chain: FetchedAct[] = [];
  for (let next: ObjectName | null = delegation; next !== null; ) {
    const act = await fetchAct(next, send, crypto);
    const { activity } = act;
    const reading = isDelegation(activity) ? readCapability(activity.content ?? '') : null;
    if (!reading?.ok) throw new ClientError('invalid_argument', `${next} is no delegation`);
    chain.unshift(act);
    next = reading.capability.parentCapability;
  }
  return chain;
}
