// Takes what was erased out of a database file for good: from the write-ahead log at once, from the gaps of pages soon after.
import type { Row, Statement } from './database.ts';
import { integer } from './database.ts';
import { readPages } from './database-pages.ts';
import { wipeGap } from './wipe-gaps.ts';

/** Pages looked at in one turn, and the pause after it: other work goes on in between. */
const STEP = 64;
const PAUSE_MS = 5;
/** Between two rounds, and after one that could not be ended because somebody, such as a backup, reads what was before. */
const REST_MS = 1000;

const CHECKPOINT: Statement = { sql: 'PRAGMA wal_checkpoint(TRUNCATE)', args: [] };
const PAGES: Statement = { sql: 'PRAGMA page_count', args: [] };

/** Runs statements on the connection that writes, as one transaction or, if `alone`, without one. */
export type Run = (statements: readonly Statement[], alone?: boolean) => Row[][];

export class Scrubber {
  readonly #run: Run;
  #wanted = false;
  /** The next page of the round; null when there is none. */
  #page: number | null = null;
  #timer: NodeJS.Timeout | null = null;
  #foldAt = 0;

  constructor(run: Run) {
    this.#run = run;
  }

  scrub(): void {
    this.#wanted = true;
    if (this.#timer === null) this.#begin();
  }

  /** What is left undone is for the next start. */
  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #begin(): void {
    this.#wanted = false;
    this.#page = 1;
    // Without waiting for the gaps: this is where the erased rows themselves are.
    this.#checkpoint();
    this.#later(PAUSE_MS);
  }

  #later(ms: number): void {
    this.#timer = setTimeout(() => this.#turn(), ms).unref();
  }

  #turn(): void {
    this.#timer = null;
    // A round may take long; what has been erased meanwhile is not kept in the log for it.
    if (this.#wanted && performance.now() > this.#foldAt) this.#checkpoint();
    if (this.#page !== null) this.#step(this.#page);
    else if (this.#wanted) this.#begin();
  }

  #step(first: number): void {
    try {
      const pages = this.#run([PAGES])[0]?.[0]?.[0] as number;
      if (first <= pages) {
        this.#wipe(first);
        this.#page = first + STEP;
        this.#later(PAUSE_MS);
        return;
      }
      if (!this.#checkpoint()) throw new Error('busy');
      this.#page = null;
      if (this.#wanted) this.#later(REST_MS);
    } catch {
      // Whatever it is, the next batch meets it too; this goes on when it is over.
      this.#later(REST_MS);
    }
  }

  #wipe(first: number): void {
    const [rows = []] = this.#run([readPages(first, first + STEP - 1)]);
    const wiped = rows.flatMap(([number, data]): Statement[] => {
      const page = wipeGap(data as Uint8Array, number as number);
      if (page === null) return [];
      const args = [page, integer(number as number)];
      return [{ sql: 'UPDATE sqlite_dbpage SET data = ? WHERE pgno = ?', args }];
    });
    // In the same turn: nobody has written the pages since they were read.
    if (wiped.length > 0) this.#run(wiped);
  }

  /** Folds the log into the file and cuts it off; false if somebody still reads from it. */
  #checkpoint(): boolean {
    this.#foldAt = performance.now() + REST_MS;
    try {
      return this.#run([CHECKPOINT], true)[0]?.[0]?.[0] === 0;
    } catch {
      return false;
    }
  }
}
