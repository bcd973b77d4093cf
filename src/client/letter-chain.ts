// The order of letters in a conversation: what each side has counted, and what is missing or there twice.
import type { Did } from '../protocol/did.ts';
import type { ObjectName } from '../protocol/object-name.ts';

/**
 * How a letter stands to the one of the same side that was shown before it. `first`: there is none, and it says so itself.
 * `start`: there is none here, as at the top of a page or after old ones were deleted. `next`: it follows. `gap`: others lie in
 * between. `repeated`: another one has its place.
 */
export type LetterOrder = 'first' | 'start' | 'next' | 'gap' | 'repeated';

interface Placed {
  readonly seq: number;
  readonly name: ObjectName;
}

export class LetterChain {
  readonly #last = new Map<Did, Placed>();

  /** The next one that is shown, by the subject of its side. */
  place(
    side: Did,
    letter: { readonly seq: number; readonly previous?: ObjectName },
    name: ObjectName,
  ): LetterOrder {
    const before = this.#last.get(side);
    if (before === undefined || letter.seq > before.seq)
      this.#last.set(side, { seq: letter.seq, name });
    if (before === undefined) return letter.seq === 0 ? 'first' : 'start';
    if (letter.seq <= before.seq) return 'repeated';
    return letter.seq === before.seq + 1 && letter.previous === before.name ? 'next' : 'gap';
  }
}
