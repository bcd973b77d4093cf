// Follows each author's `seq` and `previous` through a log: gaps and forks are evidence, never invalid in themselves.
import type { Activity } from '../protocol/activity.ts';
import type { Did } from '../protocol/did.ts';
import { LOG_KEYS } from '../protocol/labels.ts';
import type { ObjectName } from '../protocol/object-name.ts';

/** One author, and the object that a next one should follow. */
interface Author {
  readonly did: Did;
  /** From 1: what objects hold rather than a copy of the DID each. */
  readonly number: number;
  seq: number | null;
  last: ObjectName | null;
  /** Bodies erased since then: of this author, and of everybody's edits so far. */
  erased: number;
  edits: number;
}

export class Authors {
  readonly #authors = new Map<Did, Author>();
  /** Those of erased posts alone have no record of their own. */
  readonly #numbers = new Map<Did, number>();
  readonly #dids: Did[] = [];
  /** Erased edits, whose authors are not recorded. */
  #edits = 0;

  get count(): number {
    return this.#authors.size;
  }

  numberOf(did: Did): number {
    const known = this.#numbers.get(did);
    if (known !== undefined) return known;
    const number = this.#dids.push(did);
    this.#numbers.set(did, number);
    return number;
  }

  /** Whose number it is; null for 0, and for none. */
  at(number: number | undefined): Did | null {
    return this.#dids[(number ?? 0) - 1] ?? null;
  }

  /** The author's one record. */
  of(did: Did): Author {
    const known = this.#authors.get(did);
    if (known !== undefined) return known;
    const number = this.numberOf(did);
    const author: Author = { did, number, seq: null, last: null, erased: 0, edits: 0 };
    this.#authors.set(did, author);
    return author;
  }

  /** A body is gone, of this author or, if it is an edit, of somebody: a number that is missing may have been its. */
  erased(did: Did | null): void {
    const author = did && this.#authors.get(did);
    if (author) author.erased += 1;
    if (did === null) this.#edits += 1;
  }

  /** Takes the author's next object; answers with what does not follow, or null. Objects without `seq` say nothing. */
  follow(author: Author, name: ObjectName, activity: Activity): string | null {
    const { seq, previous } = activity;
    if (seq === undefined || isKeyStatement(activity)) return null;
    const { seq: before, last } = author;
    const erased = author.erased + this.#edits - author.edits;
    if (before === null || seq > before) {
      Object.assign(author, { seq, last: name, erased: 0, edits: this.#edits });
    }
    if (before === null) return null;
    if (seq <= before) return `fork: ${author.did} was at ${before} before ${seq}`;
    if (seq > before + 1 + erased) return `gap: ${author.did} went from ${before} to ${seq}`;
    // `previous` may be left out; if it is there it must be the object that came before, unless that is gone.
    if (previous === undefined || previous === last || seq > before + 1) return null;
    return `fork: object ${seq} of ${author.did} does not follow its ${before}`;
  }
}

/** A node counts its log keys by themselves (key-chain.ts), beside whatever else it signs. */
function isKeyStatement(activity: Activity): boolean {
  return activity.type === 'Add' && activity.target === LOG_KEYS;
}
