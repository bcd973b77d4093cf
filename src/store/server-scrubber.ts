// Takes what was erased out of the pages of a database on a server, which can neither delete for good nor be told to fold its log.
import { type Database, integer, type Row, type Statement } from './database.ts';
import { readPages } from './database-pages.ts';
import { firstTrunk, readTrunk, wipeGap } from './wipe-gaps.ts';

/** Pages looked at in one batch, and the pause after it. */
const STEP = 64;
const PAUSE_MS = 20;
/** Between two rounds: each reads the whole database over the network. */
const REST_MS = 60_000;

const PAGES: Statement = { sql: 'SELECT page_count FROM pragma_page_count', args: [] };
// Other processes write meanwhile: a page is wiped only if it is still the one that was read.
const WIPE = 'UPDATE sqlite_dbpage SET data = ?1 WHERE pgno = ?2 AND data = ?3';
const WIPE_FREE = `${WIPE} AND EXISTS (SELECT 1 FROM sqlite_dbpage WHERE pgno = ?4 AND data = ?5)`;

export class ServerScrubber {
  readonly #db: Pick<Database, 'batch'>;
  #wanted = false;
  #stopped = false;
  #round: Promise<void> | null = null;
  #timer: NodeJS.Timeout | null = null;

  constructor(db: Pick<Database, 'batch'>) {
    this.#db = db;
  }

  scrub(): void {
    this.#wanted = true;
    if (this.#round === null && this.#timer === null) this.#begin();
  }

  /** What is left undone is for the next start. */
  async stop(): Promise<void> {
    this.#stopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#round;
  }

  #begin(): void {
    this.#timer = null;
    if (this.#stopped || !this.#wanted) return;
    this.#wanted = false;
    this.#round = this.#wipeAll()
      // Whatever it is, the next batch meets it too; the next round looks at everything again.
      .catch(() => {
        this.#wanted = true;
      })
      .finally(() => {
        this.#round = null;
        if (!this.#stopped) this.#timer = setTimeout(() => this.#begin(), REST_MS).unref();
      });
  }

  async #wipeAll(): Promise<void> {
    const [rows = []] = await this.#db.batch('read', [PAGES]);
    const pages = rows[0]?.[0] as number;
    for (let first = 1; first <= pages && !this.#stopped; first += STEP) {
      await this.#wipe(first);
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
    await this.#wipeFree();
  }

  async #wipe(first: number): Promise<void> {
    const wiped = (await this.#read(first, first + STEP - 1)).flatMap(
      ([number, data]): Statement[] => {
        const page = wipeGap(data as Uint8Array, number as number);
        if (page === null) return [];
        return [{ sql: WIPE, args: [page, integer(number as number), data as Uint8Array] }];
      },
    );
    if (wiped.length > 0) await this.#db.batch('write', wiped);
  }

  /** Free pages keep what was on them. The list may change at any time; then the rest of it is for the next round. */
  async #wipeFree(): Promise<void> {
    const seen = new Set<number>();
    const [header] = await this.#read(1, 1);
    let next = header === undefined ? 0 : firstTrunk(header[1] as Uint8Array);
    while (next !== 0 && !seen.has(next) && !this.#stopped) {
      seen.add(next);
      const [row] = await this.#read(next, next);
      if (row === undefined) return;
      const bytes = row[1] as Uint8Array;
      const trunk = readTrunk(bytes);
      for (const leaf of trunk.leaves) await this.#wipeLeaf(leaf, next, bytes);
      if (trunk.wiped !== null) {
        const args = [trunk.wiped, integer(next), bytes];
        await this.#db.batch('write', [{ sql: WIPE, args }]);
      }
      next = trunk.next;
    }
  }

  async #wipeLeaf(leaf: number, trunk: number, bytes: Uint8Array): Promise<void> {
    const [row] = await this.#read(leaf, leaf);
    const data = row?.[1] as Uint8Array | undefined;
    if (data?.some(Boolean) !== true) return;
    const args = [new Uint8Array(data.length), integer(leaf), data, integer(trunk), bytes];
    await this.#db.batch('write', [{ sql: WIPE_FREE, args }]);
  }

  async #read(first: number, last: number): Promise<readonly Row[]> {
    const [rows = []] = await this.#db.batch('read', [readPages(first, last)]);
    return rows;
  }
}
