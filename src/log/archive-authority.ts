// Who was entitled to what: shows acts in a log that no home should have let in, as far as the log itself can show them.
import type { Activity, Add, Block, Delete, Remove, Undo } from '../protocol/activity.ts';
import { type Did, subjectOf } from '../protocol/did.ts';
import { type ErasureGround, operatorGround } from '../protocol/erasure-grounds.ts';
import { DELEGATES, DID_LOGS, MODERATORS, NODE_LABELS } from '../protocol/labels.ts';
import type { ObjectName } from '../protocol/object-name.ts';

/**
 * Follows the roles of one log. An act is a fault only where the log proves it: a name that is not known, or a body that
 * is gone, proves nothing.
 */
export class Authority {
  readonly #authorOf: (name: ObjectName) => Did | null;
  readonly #moderators = new Set<Did>();
  readonly #bans = new Set<ObjectName>();
  #owner: Did | null = null;
  #node: Did | null = null;
  #home: Did | null = null;

  constructor(authorOf: (name: ObjectName) => Did | null) {
    this.#authorOf = authorOf;
  }

  /** The subject of the founding act's author, for the log of a submolt. */
  found(owner: Did): void {
    this.#owner = owner;
  }

  /** The node whose system log it is. */
  belongTo(node: Did): void {
    this.#node = node;
  }

  /** True of a Block that was logged before. */
  isBan(name: ObjectName): boolean {
    return this.#bans.has(name);
  }

  /** The node that is home of the log. */
  beAt(home: Did): void {
    this.#home = home;
  }

  /** On what ground a Delete erases; null if on none. Whose word the name of something unknown is, nothing can show. */
  groundOf(activity: Delete): ErasureGround | null {
    const { audience, instrument, object, origin } = activity;
    const actor = subjectOf(activity.actor);
    const author = object.startsWith('did:')
      ? subjectOf(object as Did)
      : origin === undefined && this.#authorOf(object as ObjectName);
    if (author === actor || author === null) return 'author';
    const moderates = audience !== undefined && instrument === undefined;
    if (moderates && this.#unlessModerator(actor) === null) return 'moderator';
    return this.groundOfLaw(activity);
  }

  /** On what ground of the law a Delete by the home erases, whatever it names; null if on none. */
  groundOfLaw({ actor, reason }: Delete): ErasureGround | null {
    const isHome = this.#home === null || subjectOf(actor) === this.#home;
    return isHome ? operatorGround(reason) : null;
  }

  /** What `activity` lacked to be let in, or null. Acts come in the order of the log. */
  fault(name: ObjectName, activity: Activity): string | null {
    const actor = subjectOf(activity.actor);
    switch (activity.type) {
      case 'Delete':
        return this.groundOf(activity) === null
          ? `${actor} has no ground to erase ${activity.object}`
          : null;
      case 'Undo':
        return this.#bans.has(activity.object)
          ? this.#unlessBanning(actor, activity)
          : this.#unlessAuthor(actor, activity.object);
      case 'Update':
        if (activity.object.type === 'Document') return this.#unlessNode(actor);
        if (!('target' in activity)) return null;
        return activity.object.type === 'Group'
          ? this.#unlessOwner(actor)
          : this.#unlessAuthor(actor, activity.target);
      case 'Move':
        return this.#unlessOwner(actor);
      case 'Block':
        this.#bans.add(name);
        return this.#unlessBanning(actor, activity);
      case 'Add':
      case 'Remove':
        return this.#gesture(actor, activity);
      case 'Create':
      case 'Like':
      case 'Dislike':
      case 'Follow':
      case 'Flag':
        return null;
    }
  }

  #gesture(actor: Did, { object, target, type }: Add | Remove): string | null {
    if (NODE_LABELS.has(target ?? '')) return this.#unlessNode(actor);
    // Anybody may state the own DID log, or delegate; what that comes to is looked at where it is taken.
    if (target === DID_LOGS || target === DELEGATES) return null;
    if (target !== MODERATORS) return this.#unlessModerator(actor);
    const fault = this.#unlessOwner(actor);
    const moderator = subjectOf(object as Did);
    if (fault === null && type === 'Add') this.#moderators.add(moderator);
    if (fault === null && type === 'Remove') this.#moderators.delete(moderator);
    return fault;
  }

  #unlessAuthor(actor: Did, name: ObjectName): string | null {
    const author = this.#authorOf(name);
    return author === null || author === actor ? null : `${actor} is not the author of ${name}`;
  }

  #unlessNode(actor: Did): string | null {
    return this.#node === null || actor === this.#node ? null : `${actor} is not the node`;
  }

  #unlessOwner(actor: Did): string | null {
    if (this.#owner === null || actor === this.#owner) return null;
    return `${actor} is not the owner`;
  }

  /** Moderators from a submolt, the node from itself. */
  #unlessBanning(actor: Did, { audience }: Block | Undo): string | null {
    return audience === undefined ? this.#unlessNode(actor) : this.#unlessModerator(actor);
  }

  #unlessModerator(actor: Did): string | null {
    if (this.#moderators.has(actor)) return null;
    return this.#unlessOwner(actor) && `${actor} is not a moderator`;
  }
}
