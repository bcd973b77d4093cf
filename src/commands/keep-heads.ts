// Keeps what this node has signed last in a file beside the database: an older copy of the database is known by it, without any peer.
import { parseCheckpoint } from '../log/checkpoint.ts';
import { parseNote } from '../log/note.ts';
import { text } from '../store/cell.ts';
import { selectOwnCheckpoints } from '../store/logs.ts';
import type { SignedHeadsFile } from '../store/signed-heads.ts';
import type { CommandContext } from './context.ts';
import type { GrownLog } from './submit-outcome.ts';

/** Logs grow hundreds of times a second. A crash loses so much of what the file says, which then says less, and nothing wrong. */
const EVERY_MS = 5_000;

export class HeadsKeeper {
  readonly #db: CommandContext['db'];
  readonly #file: SignedHeadsFile;
  /** Notes by origin, with their sizes. */
  readonly #heads = new Map<string, { readonly size: number; readonly note: string }>();
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  private constructor(db: CommandContext['db'], file: SignedHeadsFile) {
    this.#db = db;
    this.#file = file;
  }

  static async open(db: CommandContext['db'], file: SignedHeadsFile): Promise<HeadsKeeper> {
    const keeper = new HeadsKeeper(db, file);
    for (const note of await file.read()) keeper.#take(note);
    return keeper;
  }

  /** What the file says, with its name. */
  get kept(): { readonly notes: readonly string[]; readonly source: string } {
    return { notes: [...this.#heads.values()].map(({ note }) => note), source: this.#file.name };
  }

  /** These logs have grown; replicas say nothing of what this node has signed. */
  readonly grown = (logs: readonly GrownLog[]): void => {
    if (logs.length === 0 || this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      // A disk that is full now is not in the way of anything else; the next time has it all again.
      this.#writing = this.#write().catch(() => undefined);
    }, EVERY_MS);
    this.#timer.unref();
  };

  /** Writes down what there is. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#writing;
    await this.#write().catch(() => undefined);
  }

  async #write(): Promise<void> {
    const [rows = []] = await this.#db.batch('read', [selectOwnCheckpoints()]);
    let changed = false;
    for (const row of rows) changed = this.#take(text(row, 0)) || changed;
    if (changed) await this.#file.write(this.kept.notes);
  }

  /** Never a smaller one in the place of a larger. */
  #take(note: string): boolean {
    const parsed = parseNote(note);
    const read = parsed.ok ? parseCheckpoint(parsed.note.text) : parsed;
    if (!read.ok) return false;
    const { origin, size } = read.checkpoint;
    if (size <= (this.#heads.get(origin)?.size ?? 0)) return false;
    this.#heads.set(origin, { size, note });
    return true;
  }
}
