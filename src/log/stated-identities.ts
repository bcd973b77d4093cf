// Which keys count at which place of a log: those of the last DID log stated before it, and of nothing else.
import { type Did, parseDid, subjectOf } from '../protocol/did.ts';
import type { DidLog, DidLogOptions } from '../protocol/did-log.ts';
import {
  createStatedKeys,
  type DidLogState,
  findSuccessionFault,
  type SuccessionFault,
  stateOf,
} from '../protocol/did-log-statement.ts';
import type { KeyResolver } from '../protocol/object.ts';

export type StatementVerdict =
  | { readonly ok: true }
  | {
      readonly ok: false;
      readonly reason: SuccessionFault;
      readonly detail: string;
    };

/** The identities stated so far. Statements are taken in the order of the log. */
export class StatedIdentities {
  readonly #bySubject = new Map<Did, DidLogState>();

  constructor(before: Iterable<DidLogState> = []) {
    for (const identity of before) this.#bySubject.set(subjectOf(identity.did), identity);
  }

  /** By any of the agent's DIDs. */
  get(did: Did): DidLogState | null {
    return this.#bySubject.get(subjectOf(did)) ?? null;
  }

  /** Takes the log of a statement whose proof holds. One that does not continue the agent's last one changes nothing. */
  state(log: DidLog): StatementVerdict {
    const stated = stateOf(log);
    const before = this.#bySubject.get(log.subject);
    const fault = before === undefined ? null : findSuccessionFault(before, log);
    if (before !== undefined && fault !== null) {
      return {
        ok: false,
        reason: fault,
        detail: `${stated.versionId} does not follow ${before.versionId} of ${before.did}`,
      };
    }
    this.#bySubject.set(log.subject, stated);
    return { ok: true };
  }
}

/**
 * The keys for one object that stands after what `stated` has taken so far, and keeps them whatever is stated next. Authors
 * without a DID log are left to `others`.
 */
export function keysBefore(
  stated: StatedIdentities,
  { actor }: { readonly actor?: unknown },
  crypto: DidLogOptions['crypto'],
  others: KeyResolver,
): KeyResolver {
  const did = typeof actor === 'string' ? parseDid(actor) : null;
  const before = did && stated.get(did);
  return createStatedKeys(() => before, crypto, others);
}
