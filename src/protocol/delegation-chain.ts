// A chain of delegations that is handed over with what was done under it: judged by itself, without any log.
import { type DelegationLink, expiryOf, findAttenuationFault } from './capability.ts';
import { isDelegation, readDelegation } from './delegation-statement.ts';
import { type Did, didMethod, subjectOf } from './did.ts';
import { isObject, type JsonValue } from './json.ts';
import { ed25519ToMultibase } from './multikey.ts';
import { type ObjectRefusal, type VerifyContext, verifyObject } from './object.ts';
import type { ObjectName } from './object-name.ts';

export type ChainRefusal =
  | 'delegation_unknown'
  | 'capability_malformed'
  | 'delegation_exceeds'
  | 'delegation_expired'
  | 'delegation_scope'
  | 'not_delegate'
  | ObjectRefusal;

export type ChainVerdict =
  | { readonly ok: true }
  | {
      readonly ok: false;
      readonly reason: ChainRefusal;
      readonly detail: string;
      readonly retryable?: boolean;
    };

/** What was done under the last delegation of a chain. */
export interface Invocation {
  readonly actor: Did;
  readonly principal: Did;
  readonly instrument: ObjectName;
  /** Milliseconds: by when the delegation must not have ended. */
  readonly t: number;
}

/**
 * Whether the statements, from the first link down, let the actor send messages in the principal's name. A revocation does
 * not show in them: whoever knows the log that has one asks it besides. Messages are no submolt's, so only a delegation for
 * everywhere covers them.
 */
export async function verifyMessageChain(
  statements: readonly JsonValue[],
  { actor, instrument, principal, t }: Invocation,
  context: VerifyContext,
): Promise<ChainVerdict> {
  let parent: (DelegationLink & { readonly name: ObjectName }) | null = null;
  // Attenuation ends a longer chain; so many are not even verified.
  for (const statement of statements.slice(0, 4)) {
    if (!isObject(statement)) return refuse('delegation_unknown', 'a link is no object');
    const verdict = await verifyObject(statement, context);
    if (!verdict.ok) return verdict;
    const { activity, keyId, name, publicKey } = verdict.object;
    if (!isDelegation(activity)) return refuse('delegation_unknown', `${name} is no delegation`);
    const reading = readDelegation(activity);
    if (!reading.ok) return refuse('capability_malformed', reading.detail);
    if (
      didMethod(activity.actor) === 'webvh' &&
      !keyId.endsWith(`#${ed25519ToMultibase(publicKey)}`)
    ) {
      return refuse('capability_malformed', `${name} is not signed under a Multikey`);
    }
    const { capability, delegate, delegator } = reading.stated;
    if (capability.parentCapability !== (parent?.name ?? null)) {
      return refuse('delegation_unknown', `${name} does not follow the link before it`);
    }
    if (parent === null && delegator !== subjectOf(principal)) {
      return refuse('not_delegate', `${name} is not of ${principal}`);
    }
    const depth: number = (parent?.depth ?? 0) + 1;
    const link = { name, delegator, delegate, depth, capability };
    const fault = parent && findAttenuationFault(link, parent);
    if (fault !== null) return refuse('delegation_exceeds', fault);
    parent = link;
  }
  if (parent?.name !== instrument) return refuse('delegation_unknown', instrument);
  const { capability, delegate } = parent;
  if (delegate !== subjectOf(actor))
    return refuse('not_delegate', `${instrument} is not for ${actor}`);
  if (!capability.allowedAction.includes('message') || capability.invocationTarget !== '*') {
    return refuse('delegation_scope', `${instrument} covers no messages`);
  }
  return t < expiryOf(capability)
    ? { ok: true }
    : refuse('delegation_expired', `${instrument} ended at ${capability.expires}`);
}

function refuse(reason: ChainRefusal, detail: string): ChainVerdict {
  return { ok: false, reason, detail };
}
