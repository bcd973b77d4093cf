// What a bridge must not forget of its writes, so that a request that is sent again does nothing twice.
import type { JsonObject } from '../protocol/json.ts';
import type { ObjectName } from '../protocol/object-name.ts';

/** Values by key that outlast the process; writes of one shelf wait for one another. Undefined takes a value away. */
export interface Shelf<Value> {
  load(key: string): Promise<Value | undefined>;
  save(key: string, value: Value | undefined): Promise<void>;
}

/** A request that was carried out, or may have been. */
export interface Note {
  /** Milliseconds. */
  readonly at: number;
  /** The object that was signed for it. */
  readonly id?: ObjectName;
  /** The state that it is to bring about, decided once. */
  readonly goal?: string;
}

type Notes = Readonly<Record<string, Note>>;

/** How long a request counts as the same one sent again. */
export const WINDOW = 600_000;
const MOST = 500;

/** The book of one agent at one node. Whoever calls it waits for one call before the next. */
export class Book {
  readonly #node: string;
  readonly #unsettled: Shelf<JsonObject>;
  readonly #notes: Shelf<Notes>;
  readonly #now: () => number;

  constructor(
    node: string,
    shelves: { readonly unsettled: Shelf<JsonObject>; readonly notes: Shelf<Notes> },
    now: () => number,
  ) {
    this.#node = node;
    this.#unsettled = shelves.unsettled;
    this.#notes = shelves.notes;
    this.#now = now;
  }

  /** The signed object whose fate is not known. */
  unsettled(): Promise<JsonObject | undefined> {
    return this.#unsettled.load(this.#node);
  }

  setUnsettled(object: JsonObject | undefined): Promise<void> {
    return this.#unsettled.save(this.#node, object);
  }

  async recall(key: string): Promise<Note | undefined> {
    const note = (await this.#notes.load(this.#node))?.[key];
    return note && this.#isFresh(note) ? note : undefined;
  }

  /** Adds to what is noted of a request, or with null takes the note away. */
  async note(key: string, change: Omit<Note, 'at'> | null): Promise<void> {
    const { [key]: known, ...others } = (await this.#notes.load(this.#node)) ?? {};
    const fresh = Object.entries(others).filter(([, note]) => this.#isFresh(note));
    const kept = Object.fromEntries(fresh.slice(-MOST));
    const noted = change && { ...(known && this.#isFresh(known) && known), ...change };
    const at = this.#now();
    await this.#notes.save(this.#node, noted ? { ...kept, [key]: { ...noted, at } } : kept);
  }

  /** A clock that was set back makes no note last for ever. */
  #isFresh({ at }: Note): boolean {
    return Math.abs(this.#now() - at) < WINDOW;
  }
}
