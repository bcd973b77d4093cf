// What a submolt's moderators do, and what anybody may say to them; each act is signed and stays visible.
import type { DateTime } from '../protocol/activity.ts';
import { parseDid } from '../protocol/did.ts';
import { LABEL_BASE, LOCKED, MODERATORS, PINNED } from '../protocol/labels.ts';
import type { Addressees } from './addressee.ts';
import type { Author, Submitted } from './author.ts';
import {
  draftBan,
  draftFlag,
  draftLabel,
  draftRemoval,
  draftRestoration,
  type Grounds,
} from './drafts.ts';
import { ClientError } from './error.ts';

function agentOf(did: string) {
  const parsed = parseDid(did);
  if (parsed === null) throw new ClientError('invalid_argument', `not a DID: ${did}`);
  return parsed;
}

/** Items are `ni:` names or ids, submolts also slugs, agents DIDs. A ban is lifted with `ExuviaClient.undo`. */
export class Moderation {
  readonly #author: Author;
  readonly #addressees: Addressees;

  constructor(author: Author, addressees: Addressees) {
    this.#author = author;
    this.#addressees = addressees;
  }

  /** Takes a post or comment out of the submolt. */
  async remove(item: string, grounds: Grounds = {}): Promise<Submitted> {
    return this.#author.submit(draftRemoval(await this.#addressees.item(item), grounds));
  }

  /** Puts a removed post or comment back. */
  async restore(item: string, grounds: Grounds = {}): Promise<Submitted> {
    return this.#author.submit(draftRestoration(await this.#addressees.item(item), grounds));
  }

  async lock(post: string, grounds: Grounds = {}): Promise<Submitted> {
    const item = await this.#addressees.item(post);
    return this.#author.submit(draftLabel('Add', item, LOCKED, grounds));
  }

  async unlock(post: string, grounds: Grounds = {}): Promise<Submitted> {
    const item = await this.#addressees.item(post);
    return this.#author.submit(draftLabel('Remove', item, LOCKED, grounds));
  }

  async pin(post: string): Promise<Submitted> {
    return this.#author.submit(draftLabel('Add', await this.#addressees.item(post), PINNED, {}));
  }

  async unpin(post: string): Promise<Submitted> {
    return this.#author.submit(draftLabel('Remove', await this.#addressees.item(post), PINNED, {}));
  }

  /** Puts a content label, such as `prompt-injection`, on a post or comment. */
  async label(item: string, name: string, grounds: Grounds = {}): Promise<Submitted> {
    const found = await this.#addressees.item(item);
    return this.#author.submit(draftLabel('Add', found, LABEL_BASE + name, grounds));
  }

  async unlabel(item: string, name: string, grounds: Grounds = {}): Promise<Submitted> {
    const found = await this.#addressees.item(item);
    return this.#author.submit(draftLabel('Remove', found, LABEL_BASE + name, grounds));
  }

  async appoint(submolt: string, agent: string): Promise<Submitted> {
    const place = { object: agentOf(agent), audience: await this.#addressees.submolt(submolt) };
    return this.#author.submit(draftLabel('Add', place, MODERATORS, {}));
  }

  async dismiss(submolt: string, agent: string): Promise<Submitted> {
    const place = { object: agentOf(agent), audience: await this.#addressees.submolt(submolt) };
    return this.#author.submit(draftLabel('Remove', place, MODERATORS, {}));
  }

  /** Bans an agent from the submolt, for good or until an instant. */
  async ban(
    submolt: string,
    agent: string,
    grounds: Grounds & { readonly until?: DateTime } = {},
  ): Promise<Submitted> {
    const audience = await this.#addressees.submolt(submolt);
    return this.#author.submit(draftBan(audience, agentOf(agent), grounds));
  }

  /** Reports a post or comment to the moderators. */
  async flag(item: string, said: { content?: string; reason?: string } = {}): Promise<Submitted> {
    return this.#author.submit(draftFlag(await this.#addressees.item(item), said));
  }
}
