// What the node has stated of itself in its system log: its witness key, and whom it asks to cosign.
import type { Did } from '../protocol/did.ts';
import { WITNESS_KEYS, WITNESSES } from '../protocol/labels.ts';
import type { ObjectName } from '../protocol/object-name.ts';
import { listNodeStatements } from '../store/queries/node-statements.ts';
import type { CommandContext } from './context.ts';

export interface Stated {
  /** did:keys of the witness keys that stand, with the bytes of the statements. */
  readonly witnessKeys: ReadonlyMap<Did | ObjectName, Uint8Array>;
  /** DIDs of the nodes that are asked to cosign. */
  readonly witnesses: ReadonlySet<Did | ObjectName>;
}

/** Reads the system log once and then only what is new in it: nothing else is remembered of these statements. */
export class OwnStatements {
  readonly #context: Pick<CommandContext, 'db' | 'node'>;
  readonly #witnessKeys = new Map<Did | ObjectName, Uint8Array>();
  readonly #witnesses = new Set<Did | ObjectName>();
  #next = 0;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(context: Pick<CommandContext, 'db' | 'node'>) {
    this.#context = context;
  }

  /** As of the newest entry. */
  read(): Promise<Stated> {
    // One after the other: an older answer must not be put on top of a newer one.
    const turn = this.#turn.then(
      () => this.#refresh(),
      () => this.#refresh(),
    );
    this.#turn = turn;
    return turn;
  }

  async #refresh(): Promise<Stated> {
    const { db, node } = this.#context;
    const { next, statements } = await listNodeStatements(db, node.did, this.#next);
    for (const { activity, bytes } of statements) {
      const { object, target, type } = activity;
      if (target === WITNESS_KEYS) {
        if (type === 'Add') this.#witnessKeys.set(object, bytes);
        else this.#witnessKeys.delete(object);
      } else if (target === WITNESSES) {
        if (type === 'Add') this.#witnesses.add(object);
        else this.#witnesses.delete(object);
      }
    }
    this.#next = next;
    return { witnessKeys: new Map(this.#witnessKeys), witnesses: new Set(this.#witnesses) };
  }
}
