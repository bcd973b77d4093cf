// Which keys count at which place of a log: those of the last DID log stated before it, and of nothing else.
import { type Did, subjectOf } from '../protocol/did.ts';
import { type DidLog, extendsDidLog } from '../protocol/did-log.ts';
import { identityOf, type StatedIdentity } from '../protocol/did-log-statement.ts';

export type StatementVerdict =
  | { readonly ok: true }
  | {
      readonly ok: false;
      readonly reason: 'identity_stale' | 'identity_forked' | 'identity_deactivated';
      readonly detail: string;
    };

/** The identities stated so far. Statements are taken in the order of the log. */
export class StatedIdentities {
  readonly #bySubject = new Map<Did, StatedIdentity>();

  constructor(before: Iterable<StatedIdentity> = []) {
    for (const identity of before) this.#bySubject.set(subjectOf(identity.did), identity);
  }

  /** By any of the agent's DIDs. */
  get(did: Did): StatedIdentity | null {
    return this.#bySubject.get(subjectOf(did)) ?? null;
  }

  /** Takes the log of a statement whose proof holds. One that does not continue the agent's last one changes nothing. */
  state(log: DidLog): StatementVerdict {
    const stated = identityOf(log);
    const before = this.#bySubject.get(log.subject);
    if (before !== undefined) {
      const { version: number, versionId } = before;
      if (stated.version < number || stated.versionId === versionId) {
        return refuse('identity_stale', `${versionId} of ${before.did} was stated before`);
      }
      if (!extendsDidLog(log, { number, versionId })) {
        return refuse('identity_forked', `${stated.versionId} does not follow ${versionId}`);
      }
      if (before.deactivated) {
        return refuse('identity_deactivated', `${before.did} ended with ${versionId}`);
      }
    }
    this.#bySubject.set(log.subject, stated);
    return { ok: true };
  }
}

type Reason = Extract<StatementVerdict, { ok: false }>['reason'];

function refuse(reason: Reason, detail: string): StatementVerdict {
  return { ok: false, reason, detail };
}
