// One agent behind the bridge: its client at the node, its writes one after the other and each of them once.
import type { Submitted } from '../client/author.ts';
import { ClientError } from '../client/error.ts';
import type { ExuviaClient } from '../client/exuvia-client.ts';
import type { AgentKey } from '../client/keys.ts';
import type { Messages } from '../client/messages.ts';
import type { Crypto } from '../protocol/crypto.ts';
import { parseDateTime } from '../protocol/date-time.ts';
import type { Did } from '../protocol/did.ts';
import { canonicalize } from '../protocol/jcs.ts';
import type { JsonObject } from '../protocol/json.ts';
import type { SignedObject } from '../protocol/object.ts';
import { nameOf } from '../protocol/object-name.ts';
import { type Book, type Shelf, WINDOW } from './book.ts';

export interface DeskParts {
  /** What the agent is called on this machine. */
  readonly name: string;
  readonly key: AgentKey;
  readonly book: Book;
  /** Whom the agent has meant by a name. */
  readonly acquaintances: Shelf<Did>;
  readonly crypto: Crypto;
  readonly now: () => number;
  readonly random: (length: number) => Uint8Array;
  /** Milliseconds that a home elsewhere is waited for. */
  readonly patience: number;
  /** Makes the clients; `keep` as in ClientOptions. */
  readonly connect: (keep: (signed: SignedObject) => Promise<void>) => Connected;
}

/** One agent's clients at its node. */
interface Connected {
  readonly client: ExuviaClient;
  readonly messages: Messages;
}

export class Desk {
  readonly client: ExuviaClient;
  readonly messages: Messages;
  readonly name: string;
  readonly key: AgentKey;
  readonly acquaintances: Shelf<Did>;
  readonly crypto: Crypto;
  readonly now: () => number;
  readonly random: (length: number) => Uint8Array;
  readonly patience: number;
  readonly #book: Book;
  #turn: Promise<unknown> = Promise.resolve();
  /** The request that the next signed object is for. */
  #making: string | null = null;
  /** Something that was signed is in the book as unsettled. */
  #kept = false;
  /** Requests whose answers have gone out since their goals were noted. */
  readonly #answered = new Set<string>();

  constructor(parts: DeskParts) {
    this.name = parts.name;
    this.key = parts.key;
    this.acquaintances = parts.acquaintances;
    this.crypto = parts.crypto;
    this.now = parts.now;
    this.random = parts.random;
    this.patience = parts.patience;
    this.#book = parts.book;
    const { client, messages } = parts.connect((signed) => this.#keep(signed));
    this.client = client;
    this.messages = messages;
  }

  get did(): Did {
    return this.key.did;
  }

  /**
   * Carries out what makes something new. A request of the same key within the window gives what the first one made, if that
   * still stands.
   */
  create(key: string, make: (client: ExuviaClient) => Promise<Submitted>): Promise<Submitted> {
    return this.#inTurn(async () => {
      const made = await this.#made(key);
      if (made !== null) return made;
      this.#making = key;
      try {
        return await this.#acting(() => make(this.client));
      } finally {
        this.#making = null;
      }
    });
  }

  /**
   * Brings about a state. `aim` chooses it, and is not asked again when the request comes once more before it was answered: a
   * toggle would otherwise be undone by who only wants to be told. `reach` looks at what stands and does the rest.
   */
  bring<Goal extends string, T>(
    key: string,
    aim: (client: ExuviaClient) => Promise<Goal>,
    reach: (client: ExuviaClient, goal: Goal) => Promise<T>,
  ): Promise<T> {
    return this.#inTurn(async () => {
      const noted = this.#answered.delete(key) ? undefined : await this.#book.recall(key);
      const goal = (noted?.goal as Goal | undefined) ?? (await aim(this.client));
      await this.#book.note(key, { goal });
      return this.#acting(() => reach(this.client, goal));
    });
  }

  /** Carries out what may be done again without harm. */
  act<T>(task: (client: ExuviaClient) => Promise<T>): Promise<T> {
    return this.#inTurn(() => this.#acting(() => task(this.client)));
  }

  /** The answer to a request has gone out: the next one of its key is another one. What was made stays made for the window. */
  answered(key: string): void {
    this.#answered.add(key);
    const cleared = this.#queue(async () => {
      if (!this.#answered.delete(key)) return;
      const noted = await this.#book.recall(key);
      if (noted?.goal !== undefined) await this.#book.note(key, null);
    });
    // What cannot be written now is told by the next write.
    cleared.catch(() => undefined);
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    await this.#turn;
  }

  /** Two objects must not take one place in a chain, and what is unsettled may have taken it. */
  #inTurn<T>(task: () => Promise<T>): Promise<T> {
    return this.#queue(async () => {
      await this.#settle();
      return task();
    });
  }

  #queue<T>(task: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(task);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  /** Finds out what became of an object that was signed and of which there was no answer. */
  async #settle(): Promise<void> {
    const object = await this.#book.unsettled();
    if (object === undefined) return;
    this.#kept = true;
    const bytes = canonicalize(object);
    const name = nameOf(bytes, this.crypto);
    const signed = { object, bytes, name };
    // What was asked for long ago, and has not arrived, is not wanted any more.
    if (this.#isOld(object) && (await this.client.read.status(name)).status === 'unknown') {
      return this.#acting(async () => undefined);
    }
    await this.#acting(() => this.client.resubmit(signed)).catch((error: unknown) => {
      // A refusal settles it as well.
      if (!(error instanceof ClientError) || error.unsettled !== null) throw error;
    });
  }

  #isOld({ published }: JsonObject): boolean {
    const seconds = typeof published === 'string' ? parseDateTime(published) : null;
    return seconds === null || Math.abs(this.now() - seconds * 1000) > WINDOW;
  }

  async #made(key: string): Promise<Submitted | null> {
    const id = (await this.#book.recall(key))?.id;
    if (id === undefined) return null;
    const found = await this.client.read.status(id);
    if (found.status === 'accepted') return { status: 'accepted', id, receipt: found.receipt };
    return found.status === 'pending' ? { status: 'pending', id } : null;
  }

  /** Whatever comes of a task settles what it has sent, unless no answer came. */
  async #acting<T>(task: () => Promise<T>): Promise<T> {
    let open = false;
    try {
      return await task();
    } catch (error) {
      open = error instanceof ClientError && error.unsettled !== null;
      throw error;
    } finally {
      if (this.#kept && !open) {
        await this.#book.setUnsettled(undefined);
        this.#kept = false;
      }
    }
  }

  async #keep({ object, name }: SignedObject): Promise<void> {
    this.#kept = true;
    await this.#book.setUnsettled(object);
    if (this.#making !== null) await this.#book.note(this.#making, { id: name });
  }
}
