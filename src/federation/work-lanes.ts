// Runs pieces of work side by side: few at a time, each piece once, and one at a time for a peer that is down.

export interface Work {
  /** Two pieces of one key never run at the same time, such as pushes of one log to one peer. */
  readonly key: string;
  /** Whom it talks to. */
  readonly peer: string;
  /** The peer is thought to be down: this is the one request that finds out. */
  readonly probe: boolean;
  /** Must not reject; what went wrong is written down where it belongs. */
  run(): Promise<void>;
}

/** A slow peer that follows many logs must not take every lane. */
const PER_PEER = 2;

export class WorkLanes {
  readonly #running = new Map<string, { readonly peer: string; readonly done: Promise<void> }>();
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get busy(): boolean {
    return this.#running.size > 0;
  }

  /** Starts what there is room for, in order, and calls `ended` after each piece that ends. */
  offer(offered: readonly Work[], ended: () => void): void {
    for (const work of offered) {
      if (this.#running.size >= this.#limit) return;
      const room = (work.probe ? 1 : PER_PEER) - this.#countOf(work.peer);
      if (this.#running.has(work.key) || room <= 0) continue;
      const done = work.run().finally(() => {
        this.#running.delete(work.key);
        ended();
      });
      this.#running.set(work.key, { peer: work.peer, done });
    }
  }

  /** Resolves when everything that runs now has ended. */
  async drained(): Promise<void> {
    await Promise.allSettled([...this.#running.values()].map(({ done }) => done));
  }

  #countOf(peer: string): number {
    return [...this.#running.values()].filter((running) => running.peer === peer).length;
  }
}
