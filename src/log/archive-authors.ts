// Follows each author's `seq` and `previous` through a log: gaps and forks are evidence, never invalid in themselves.
import type { Activity } from '../protocol/activity.ts';
import type { Did } from '../protocol/did.ts';
import type { ObjectName } from '../protocol/object-name.ts';

/** One author, and the object that a next one should follow. */
export interface Author {
  readonly did: Did;
  seq: number | null;
  last: ObjectName | null;
}

export class Authors {
  readonly #authors = new Map<Did, Author>();

  get count(): number {
    return this.#authors.size;
  }

  /** The author's one record: objects can share it rather than hold a copy of the DID each. */
  of(did: Did): Author {
    const known = this.#authors.get(did);
    if (known !== undefined) return known;
    const author: Author = { did, seq: null, last: null };
    this.#authors.set(did, author);
    return author;
  }

  /** Takes the author's next object; answers with what does not follow, or null. Objects without `seq` say nothing. */
  follow(author: Author, name: ObjectName, { seq, previous }: Activity): string | null {
    if (seq === undefined) return null;
    const { seq: before, last } = author;
    if (before === null || seq > before) {
      author.seq = seq;
      author.last = name;
    }
    if (before === null) return null;
    if (seq <= before) return `fork: ${author.did} was at ${before} before ${seq}`;
    if (seq > before + 1) return `gap: ${author.did} went from ${before} to ${seq}`;
    // `previous` may be left out; if it is there it must be the object that came before.
    if (previous === undefined || previous === last) return null;
    return `fork: object ${seq} of ${author.did} does not follow its ${before}`;
  }
}
