// Which owner an agent has, as system logs tell: the credential it accepted last that nobody has withdrawn.
import type { CredentialMediaType } from '../protocol/credential-form.ts';
import { type Did, parseDid, subjectOf } from '../protocol/did.ts';
import { OWNERS } from '../protocol/labels.ts';
import { MAX_OWNER_CREDENTIAL } from '../protocol/ownership.ts';
import { openCredential } from '../protocol/secured-credential.ts';
import type { ArchiveRow } from './archive-rows.ts';

export class Owners {
  readonly #accepted = new Map<Did, { readonly credential: string; readonly owner: string }[]>();

  /**
   * Rows of system logs. That the issuer had signed was checked by the node before it let the acceptance in, and is not
   * checked again.
   */
  take({ author, content, media_type, object, target, type }: ArchiveRow): void {
    if (target !== OWNERS || author === null || object === null) return;
    if (type === 'Remove') this.#withdraw(object, author);
    if (type !== 'Add' || content === null || media_type === null) return;
    const opening = openCredential(
      content,
      media_type as CredentialMediaType,
      MAX_OWNER_CREDENTIAL,
    );
    const issuer = opening.ok ? opening.opened.credential.issuer : null;
    const did = typeof issuer === 'string' ? parseDid(issuer) : null;
    if (typeof issuer !== 'string') return;
    const owner = did === null ? issuer : subjectOf(did);
    const others = this.#accepted.get(author) ?? [];
    this.#accepted.set(author, [...others, { credential: object, owner }]);
  }

  byAgent(): ReadonlyMap<Did, string> {
    const found = new Map<Did, string>();
    for (const [agent, accepted] of this.#accepted) {
      const last = accepted.at(-1);
      if (last !== undefined) found.set(agent, last.owner);
    }
    return found;
  }

  /** It is for the agent and for the owner to withdraw. */
  #withdraw(credential: string, by: Did): void {
    for (const [agent, accepted] of this.#accepted) {
      const stands = (one: (typeof accepted)[number]) =>
        one.credential !== credential || (by !== agent && by !== one.owner);
      this.#accepted.set(agent, accepted.filter(stands));
    }
  }
}
