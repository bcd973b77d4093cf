// Items whose counts have moved and whose readers have not been told yet: however many votes come, each item waits once.
import type { ItemPlace } from '../../store/queries/arrivals.ts';

export interface Moved {
  readonly item: ItemPlace;
  /** Version of the node with the first vote that was not told. */
  readonly version: number;
}

export class VoteWindow {
  /** In the order of their versions. */
  readonly #moved = new Map<number, Moved>();

  get size(): number {
    return this.#moved.size;
  }

  note(item: ItemPlace, version: number, telling: ReadonlySet<Moved>): void {
    const known = this.#moved.get(item.object);
    // What is being told may have been read before this vote.
    if (known !== undefined && !telling.has(known)) return;
    this.#moved.delete(item.object);
    this.#moved.set(item.object, { item, version });
  }

  /** The version up to which all votes are told, to readers who have come to `version`. */
  toldUpTo(version: number, telling: ReadonlySet<Moved>): number {
    const [first] = this.#moved.values();
    const waiting = [...telling, ...(first === undefined ? [] : [first])];
    return Math.min(version, ...waiting.map((moved) => moved.version - 1));
  }

  /** The first to be told. They stay until `settle`. */
  first(count: number): Set<Moved> {
    return new Set([...this.#moved.values()].slice(0, count));
  }

  /** These are told, unless counts have moved again. */
  settle(told: Iterable<Moved>): void {
    for (const moved of told) {
      if (this.#moved.get(moved.item.object) === moved) this.#moved.delete(moved.item.object);
    }
  }

  clear(): void {
    this.#moved.clear();
  }
}
