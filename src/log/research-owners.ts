// Which owner an agent has, as system logs tell: the credential it accepted last that nobody has withdrawn.
import { type Did, parseDid, subjectOf } from '../protocol/did.ts';
import { OWNERS } from '../protocol/labels.ts';
import { readStatedOwnership } from '../protocol/stated-ownership.ts';
import type { ArchiveRow } from './archive-rows.ts';

interface Acceptance {
  readonly credential: string;
  /** Null where the words are gone. */
  readonly owner: string | null;
  /** Milliseconds. */
  readonly t: number;
}

/** Takes logs in any order: what comes of them is the same. */
export class Owners {
  readonly #accepted = new Map<Did, Map<string, Acceptance>>();
  /** By credential, who has ended it. */
  readonly #withdrawn = new Map<string, Set<string>>();

  /**
   * Rows of system logs. That the issuer had signed was checked by the node before it let the acceptance in, and is not
   * checked again.
   */
  take({ author, content, media_type, object, t, target, type }: ArchiveRow): void {
    if (target !== OWNERS || author === null || object === null) return;
    if (type === 'Remove') {
      const parties = this.#withdrawn.get(object) ?? new Set();
      this.#withdrawn.set(object, parties.add(author));
    }
    if (type !== 'Add') return;
    const owner = content === null ? null : ownerOf(author, content, media_type ?? '');
    if (content !== null && owner === null) return;
    const ofAgent = this.#accepted.get(author) ?? new Map<string, Acceptance>();
    this.#accepted.set(author, ofAgent);
    const known = ofAgent.get(object);
    ofAgent.set(object, {
      credential: object,
      // Erased in one log, it may stand in another.
      owner: owner ?? known?.owner ?? null,
      t: Math.max(t, known?.t ?? 0),
    });
  }

  byAgent(): ReadonlyMap<Did, string> {
    const found = new Map<Did, string>();
    for (const [agent, accepted] of this.#accepted) {
      const standing = [...accepted.values()].filter((one) => !this.#hasEnded(agent, one));
      const owner = standing.toSorted(later)[0]?.owner;
      if (owner !== undefined && owner !== null) found.set(agent, owner);
    }
    return found;
  }

  /** It is for the agent and for the owner to withdraw, and it is for good. */
  #hasEnded(agent: Did, { credential, owner }: Acceptance): boolean {
    const parties = this.#withdrawn.get(credential);
    return parties !== undefined && (parties.has(agent) || parties.has(owner ?? ''));
  }
}

/** The later first; of one millisecond that with the greater name. */
function later(a: Acceptance, b: Acceptance): number {
  return b.t - a.t || (a.credential < b.credential ? 1 : -1);
}

/** Null for what is no credential about this agent. */
function ownerOf(agent: Did, content: string, mediaType: string): string | null {
  const stated = readStatedOwnership(content, mediaType);
  if (stated?.agent !== agent) return null;
  const did = parseDid(stated.owner);
  return did === null ? stated.owner : subjectOf(did);
}
