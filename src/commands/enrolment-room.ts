// How many keys are enrolled at this node, over all DIDs: beyond that the oldest that can come again make room.
import type { Database } from '../store/database.ts';
import { countEnrolments, deleteOldest } from '../store/enrolments.ts';
import type { CommandContext } from './context.ts';
import type { Sequencer } from './sequencer.ts';

/** Part of all that goes at once: the table is walked through for it. */
const SHARE = 0.01;

export class EnrolmentRoom {
  readonly #context: Pick<CommandContext, 'db'>;
  readonly #sequencer: Sequencer;
  readonly #most: number;
  /** Null before they were counted. */
  #count: number | null = null;

  constructor(context: Pick<CommandContext, 'db'>, sequencer: Sequencer, most: number) {
    this.#context = context;
    this.#sequencer = sequencer;
    this.#most = most;
  }

  /** False if there is no room for one more, and none can be made. */
  async make(): Promise<boolean> {
    const { db } = this.#context;
    this.#count ??= await countAll(db);
    if (this.#count < this.#most) return true;
    // Some were forgotten for other reasons since.
    this.#count = await countAll(db);
    if (this.#count < this.#most) return true;
    const share = Math.max(1, Math.ceil(this.#most * SHARE));
    await this.#sequencer.run(() => db.batch('write', [deleteOldest(share)]));
    this.#count = await countAll(db);
    return this.#count < this.#most;
  }

  /** One more was enrolled. */
  added(): void {
    if (this.#count !== null) this.#count += 1;
  }
}

async function countAll(db: Database): Promise<number> {
  const [rows = []] = await db.batch('read', [countEnrolments()]);
  return rows[0]?.[0] as number;
}
