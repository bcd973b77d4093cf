// Tells all readers who keep up what comes, as it comes: one reading after a commit, however many they are.
import type { CommandContext } from '../../commands/context.ts';
import { comparePlaces } from '../../store/arrivals.ts';
import { findAddressees } from '../../store/queries/addressees.ts';
import { type Arrival, readArrivals } from '../../store/queries/arrivals.ts';
import { readStreamItems, readVoteCounts } from '../../store/queries/stream-items.ts';
import type { Logger } from '../logger.ts';
import { formatMark, type Mark, markAt } from './event-id.ts';
import { tellingOf } from './frames.ts';
import type { Pace } from './hub.ts';
import { type Notices, onceFrame, type Reader } from './reader.ts';
import { type Moved, VoteWindow } from './vote-window.ts';

/** Entries read at once after a commit. */
const PAGE = 64;
/** Items whose counts are told in one round. */
const MOVED = 1000;

export interface BroadcastParts {
  readonly context: CommandContext;
  readonly log: Logger;
  readonly pace: Pick<Pace, 'read' | 'votes'>;
  /** All there are, live or not. */
  readonly readers: ReadonlySet<Reader>;
  /** Is handed all work that reads the database. */
  readonly begin: (work: Promise<void>) => void;
  /** The reader is no longer live, and goes on by itself. */
  readonly behind: (reader: Reader) => void;
  /** It cannot be told any more. */
  readonly fail: (reader: Reader, error: unknown) => void;
}

export class Broadcast {
  readonly #parts: BroadcastParts;
  readonly #votes = new VoteWindow();
  /** What the live readers have been told up to; null while there are none. */
  #tip: Mark | null = null;
  #telling: ReadonlySet<Moved> = new Set();
  #due = false;
  #running = false;
  #voting: NodeJS.Timeout | null = null;

  constructor(parts: BroadcastParts) {
    this.#parts = parts;
  }

  /** Nothing is read for nobody. */
  rest(): void {
    if ([...this.#parts.readers].some(({ live }) => live)) return;
    this.#tip = null;
    this.#votes.clear();
  }

  /** How far a reader has come, votes included. */
  markOf({ live, mark }: Reader): Mark {
    return live ? this.#toldAt(mark) : mark;
  }

  #toldAt(mark: Mark): Mark {
    return { ...mark, votes: this.#votes.toldUpTo(mark.place.version, this.#telling) };
  }

  /** The mark of a reader who has been told all up to this. */
  markAt(arrival: Arrival): Mark {
    const { crypto, node } = this.#parts.context;
    return markAt(arrival, { crypto, did: node.did });
  }

  /** True once the reader, who has seen all there is, gets what all get. */
  join(reader: Reader): boolean {
    if (!reader.channel.isOpen) return false;
    if (this.#tip !== null && comparePlaces(reader.mark.place, this.#tip.place) < 0) return false;
    this.#tip ??= reader.mark;
    reader.live = true;
    // Of what was committed since it has looked, nobody may have been told.
    this.wake();
    return true;
  }

  /** It goes on by itself from here. */
  #fallBehind(reader: Reader): void {
    reader.mark = this.markOf(reader);
    reader.live = false;
    this.#parts.behind(reader);
  }

  /** Something may have come. */
  wake(): void {
    if (this.#tip === null) return;
    this.#due = true;
    if (!this.#running) this.#parts.begin(this.#run());
  }

  async #run(): Promise<void> {
    this.#running = true;
    try {
      while (this.#due && this.#tip !== null) {
        this.#due = false;
        await this.#tellNew();
        await pause(this.#parts.pace.read);
      }
    } catch (error) {
      for (const reader of this.#parts.readers) if (reader.live) this.#parts.fail(reader, error);
    } finally {
      this.#running = false;
      this.rest();
    }
  }

  async #tellNew(): Promise<void> {
    const { db } = this.#parts.context;
    for (let more = true; more && this.#tip !== null; ) {
      const from = this.#tip;
      const arrivals = await readArrivals(db, from.place, PAGE);
      const items = await readStreamItems(
        db,
        arrivals.flatMap(({ item, kind }) =>
          item === null || kind === 'voted' ? [] : item.object,
        ),
      );
      const notices = await this.#readNotices(arrivals);
      // All have left meanwhile, and whoever came since may be at an earlier place.
      if (this.#tip !== from) continue;
      for (const arrival of arrivals) {
        const found = arrival.item === null ? undefined : items.get(arrival.item.object);
        this.#tell(arrival, found === undefined ? null : tellingOf(arrival, found), notices);
      }
      this.rest();
      more = arrivals.length === PAGE;
    }
    this.#countVotes();
  }

  /** For each live reader who wants notices. */
  async #readNotices(arrivals: readonly Arrival[]): Promise<ReadonlyMap<Reader, Notices>> {
    const notices = new Map<Reader, Notices>();
    const readers = [...this.#parts.readers].filter(
      ({ live, scope }) => live && scope.notified !== null,
    );
    if (readers.length === 0 || arrivals.length === 0) return notices;
    const addressees = await findAddressees(this.#parts.context.db, arrivals);
    for (const reader of readers) {
      notices.set(reader, await reader.readNotices(arrivals, addressees, this.#parts.context));
    }
    return notices;
  }

  /** To everyone who is live, without a pause. */
  #tell(
    arrival: Arrival,
    telling: ReturnType<typeof tellingOf>,
    notices: ReadonlyMap<Reader, Notices>,
  ): void {
    const { item, kind, place } = arrival;
    if (kind === 'voted' && item !== null) this.#votes.note(item, place.version, this.#telling);
    const mark = this.markAt(arrival);
    this.#tip = mark;
    const frame = telling && onceFrame(telling, () => formatMark(this.#toldAt(mark)));
    for (const reader of this.#parts.readers) {
      // Who has joined while this was read may have had it.
      if (!reader.live || comparePlaces(place, reader.mark.place) <= 0) continue;
      const own = notices.get(reader);
      if (reader.scope.notified !== null && own === undefined) {
        // It has come since notices were read: it reads its own.
        this.#fallBehind(reader);
        continue;
      }
      reader.mark = mark;
      const id = () => formatMark(this.#toldAt(mark));
      const told = !telling || !frame || reader.tell(telling, item, frame);
      const room = (own === undefined || reader.tellNotices(arrival, own, id)) && told;
      if (reader.heeds(arrival) || !room) this.#fallBehind(reader);
    }
  }

  #countVotes(): void {
    if (this.#votes.size === 0 || this.#voting !== null) return;
    const tell = () => this.#parts.begin(this.#tellCounts());
    this.#voting = setTimeout(tell, this.#parts.pace.votes).unref();
  }

  async #tellCounts(): Promise<void> {
    if (this.#tip === null) {
      this.#voting = null;
      return;
    }
    const telling = this.#votes.first(MOVED);
    this.#telling = telling;
    try {
      const moved = [...telling];
      const counts = await readVoteCounts(
        this.#parts.context.db,
        moved.map(({ item }) => item.object),
      );
      for (const reader of this.#parts.readers) {
        if (!reader.live) continue;
        const wanted = moved.filter(({ item }) => reader.wants('votes', item));
        const votes = wanted.flatMap(({ item }) => counts.get(item.object) ?? []);
        if (votes.length > 0 && !reader.tellCounts(votes)) this.#fallBehind(reader);
      }
      this.#votes.settle(telling);
    } catch (error) {
      this.#parts.log.error({ err: error }, 'counts were not told');
    } finally {
      this.#telling = new Set();
      this.#voting = null;
      this.#countVotes();
    }
  }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}
