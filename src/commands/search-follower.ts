// Keeps the search index behind the logs: off the path of writes, a few texts at a time, and again after an error.
import type { Database } from '../store/database.ts';
import { fillSearch } from '../store/fill-search.ts';

/** Milliseconds: before the first step, so that a burst is one; between two steps, for other work; after an error. */
const WAIT_MS = 20;
const PAUSE_MS = 4;
const RETRY_MS = 1000;
/** Others write as long as the last time they did is no longer ago. */
const BUSY_MS = 50;
/** How many times as long as a step they have then. */
const YIELD = 19;

export interface SearchFollowerOptions {
  readonly db: Database;
  /** Told of an error that is no contention; the step is tried again. */
  readonly report: (error: unknown) => void;
}

export class SearchFollower {
  readonly #options: SearchFollowerOptions;
  #timer: NodeJS.Timeout | null = null;
  #step: Promise<void> | null = null;
  #woken = false;
  #wokenAt = Number.NEGATIVE_INFINITY;
  #removed = false;
  #closed = false;

  constructor(options: SearchFollowerOptions) {
    this.#options = options;
  }

  /** There may be something to do. What a crash or another process has left is found as well. */
  wake(): void {
    this.#woken = true;
    this.#wokenAt = performance.now();
    if (this.#timer === null && this.#step === null) this.#later(WAIT_MS);
  }

  /** Ends after the step that is under way; the next start goes on. */
  async close(): Promise<void> {
    this.#closed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#step;
  }

  #later(ms: number): void {
    if (this.#closed) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#step = this.#run().finally(() => {
        this.#step = null;
      });
    }, ms).unref();
  }

  async #run(): Promise<void> {
    const { db, report } = this.#options;
    this.#woken = false;
    let pause = PAUSE_MS;
    const begun = performance.now();
    try {
      const { done, removed } = await fillSearch(db);
      this.#removed ||= removed;
      if (done) {
        // What was taken out may still stand in gaps of pages and in the write-ahead log.
        if (this.#removed) db.scrub?.();
        this.#removed = false;
        if (!this.#woken) return;
      }
      // While others write, the time is theirs: what is found a little later is still found, what is written waits for nothing.
      const now = performance.now();
      if (now - this.#wokenAt < BUSY_MS) pause = Math.max(pause, YIELD * (now - begun));
    } catch (error) {
      if ((error as { code?: unknown }).code !== 'busy') report(error);
      pause = RETRY_MS;
    }
    this.#later(pause);
  }
}
