// Which delegations stand before an act in a log, and whether they let it be done: by that log and nothing else.
import type { Activity, Add } from '../protocol/activity.ts';
import {
  actionOf,
  type DelegationLink,
  findAttenuationFault,
  findInvocationFault,
} from '../protocol/capability.ts';
import { listsKey, readDelegation } from '../protocol/delegation-statement.ts';
import { type Did, didMethod, subjectOf } from '../protocol/did.ts';
import { ed25519ToMultibase } from '../protocol/multikey.ts';
import type { ObjectName } from '../protocol/object-name.ts';
import type { StatedIdentities } from './stated-identities.ts';

interface Link extends DelegationLink {
  readonly principal: Did;
  readonly parent: Link | null;
  /** Null for a delegator without a DID log. */
  readonly keyId: string | null;
}

export type InvocationVerdict =
  | { readonly ok: true; readonly principal: Did }
  | { readonly ok: false; readonly detail: string };

/** The delegations stated so far. Statements and acts are taken in the order of the log. */
export class StatedDelegations {
  readonly #links = new Map<ObjectName, Link>();
  readonly #identities: StatedIdentities;

  constructor(identities: StatedIdentities) {
    this.#identities = identities;
  }

  get isEmpty(): boolean {
    return this.#links.size === 0;
  }

  /** Takes a statement whose proof holds. Answers with what is wrong with it, and then it gives nothing. */
  state(name: ObjectName, activity: Add): string | null {
    const reading = readDelegation(activity);
    if (!reading.ok) return `no delegation: ${reading.detail}`;
    const { capability, delegate, delegator, parent: above } = reading.stated;
    const parent = above === null ? null : this.#links.get(above);
    if (parent === undefined) return `${above}, which it passes on, was not delegated before`;
    const keyId = didMethod(activity.actor) === 'webvh' ? activity.proof.verificationMethod : null;
    const link: Link = {
      ...{ capability, delegate, delegator, keyId, parent },
      depth: parent === null ? 1 : parent.depth + 1,
      principal: parent?.principal ?? delegator,
    };
    const fault = parent && findAttenuationFault(link, parent);
    if (fault !== null) return `it takes more by its ${fault} than it was given`;
    if (!this.#keyCounts(link)) return `${keyId} does not say which key it is`;
    this.#links.set(name, link);
    return null;
  }

  /** Whose act it is that is logged at `t` milliseconds under the delegation; `undone` is the type of what an Undo takes back. */
  invoke(
    instrument: ObjectName,
    activity: Activity,
    use: { readonly submolt: ObjectName; readonly t: number; readonly undone?: Activity['type'] },
  ): InvocationVerdict {
    const link = this.#links.get(instrument);
    if (link === undefined) return { ok: false, detail: `${instrument} was not delegated before` };
    for (let above: Link | null = link; above !== null; above = above.parent) {
      if (!this.#keyCounts(above)) {
        return { ok: false, detail: `${above.delegator} has given up the key of ${instrument}` };
      }
    }
    const { submolt, t, undone } = use;
    const action = actionOf(activity, undone);
    const fault = findInvocationFault(link, { actor: activity.actor, action, submolt, t });
    return fault === null
      ? { ok: true, principal: link.principal }
      : { ok: false, detail: `${instrument} does not cover it: ${fault}` };
  }

  /** Whether the agent may take a delegation back: null for what is none. */
  mayRevoke(name: ObjectName, actor: Did): boolean | null {
    let link = this.#links.get(name) ?? null;
    if (link === null) return null;
    const agent = subjectOf(actor);
    for (; link !== null; link = link.parent) if (link.delegator === agent) return true;
    return false;
  }

  #keyCounts({ delegator, keyId }: Link): boolean {
    if (keyId === null) return true;
    const identity = this.#identities.get(delegator);
    if (identity === null || identity.deactivated) return false;
    const keys = identity.keys.map(({ id, publicKey }) => ({
      id,
      multibase: ed25519ToMultibase(publicKey),
    }));
    return listsKey(keys, keyId);
  }
}
