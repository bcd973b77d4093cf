// Statements of delegations: how an agent tells the network who may act in its name, and under which key that ends.
import type { Activity, Add } from './activity.ts';
import { type Capability, readCapability, writeCapability } from './capability.ts';
import { type Did, subjectOf } from './did.ts';
import type { JsonObject } from './json.ts';
import { DELEGATES } from './labels.ts';
import type { ObjectName } from './object-name.ts';

export function isDelegation(activity: Activity): activity is Add {
  return activity.type === 'Add' && activity.target === DELEGATES;
}

/** True of what would be a delegation if it were a valid object: which objects to verify before those that follow them. */
export function looksLikeDelegation({ type, target }: JsonObject): boolean {
  return type === 'Add' && target === DELEGATES;
}

/**
 * True of what would take back a delegation, if there is one of that name. A place in a chain would say that it is an act at
 * one node; as part of none it may be logged wherever the delegation is.
 */
export function looksLikeRevocation(object: JsonObject): boolean {
  return object.type === 'Undo' && object.audience === undefined && object.seq === undefined;
}

/** The statement of a capability, to be signed by who delegates. */
export function delegationStatement(capability: Capability) {
  return {
    type: 'Add',
    object: capability.controller,
    target: DELEGATES,
    mediaType: 'application/json',
    content: writeCapability(capability),
  } as const;
}

/** What a statement says by itself. Agents are subjects. */
export interface StatedDelegation {
  readonly delegator: Did;
  readonly delegate: Did;
  /** The delegation that it passes on, or null. */
  readonly parent: ObjectName | null;
  readonly capability: Capability;
}

/** Reads a statement whose proof holds. `detail` says what makes it none. */
export function readDelegation({
  actor,
  content = '',
  object,
}: Add):
  | { readonly ok: true; readonly stated: StatedDelegation }
  | { readonly ok: false; readonly detail: string } {
  const reading = readCapability(content);
  if (!reading.ok) return reading;
  const { capability } = reading;
  if (capability.controller !== object) {
    return { ok: false, detail: 'controller must be the DID that is the object' };
  }
  const [delegator, delegate] = [subjectOf(actor), subjectOf(capability.controller)];
  if (delegator === delegate) return { ok: false, detail: 'nobody delegates to themselves' };
  const parent = capability.parentCapability;
  return { ok: true, stated: { delegator, delegate, parent, capability } };
}

/**
 * True if a delegator's DID log lists the key that its delegation was signed with, under an id whose fragment is the
 * key: so that no other key can come to stand under it. A key that was stolen and given up must leave no delegations
 * behind, whatever time they claim.
 */
export function listsKey(
  keys: readonly { readonly id: string; readonly multibase: string }[],
  keyId: string,
): boolean {
  return keys.some(({ id, multibase }) => id === keyId && keyId.endsWith(`#${multibase}`));
}
