// Tells all readers of the stream what comes, as it comes: one reading after a commit, however many there are.
import type { ServerResponse } from 'node:http';
import type { CommandContext } from '../../commands/context.ts';
import type { Sequencer } from '../../commands/sequencer.ts';
import type { StreamEnd, StreamEventName } from '../../protocol/stream-events.ts';
import { comparePlaces } from '../../store/arrivals.ts';
import { findAddressees } from '../../store/queries/addressees.ts';
import { type Arrival, readArrivals } from '../../store/queries/arrivals.ts';
import { readStreamItems, readVoteCounts } from '../../store/queries/stream-items.ts';
import type { Logger } from '../logger.ts';
import type { Metrics } from '../metrics.ts';
import { catchUp } from './catch-up.ts';
import { Channel } from './channel.ts';
import { formatMark, type Mark, markAt } from './event-id.ts';
import { endFrame, heartbeatFrame, readyFrame, tellingOf } from './frames.ts';
import { Lane } from './lane.ts';
import { type Notices, onceFrame, Reader } from './reader.ts';
import type { Scope } from './scope.ts';
import { type Moved, VoteWindow } from './vote-window.ts';

/** Entries read at once after a commit. */
const PAGE = 64;
/** Items whose counts are told in one round. */
const MOVED = 1000;

/** Milliseconds, all of them. */
export interface Pace {
  /** Between two readings; what is committed meanwhile comes with the next. */
  readonly read: number;
  /** Between two rounds of counts. */
  readonly votes: number;
  /** Between two signs of life. */
  readonly heartbeat: number;
  /** How long nothing may be read although something waits. */
  readonly stall: number;
  /** How long a stream lasts, at most; a quarter of it less at least, so that not all come back at once. */
  readonly lifetime: number;
  /** Between two looks for what other processes have written to the same database. */
  readonly poll: number;
  /** After the last word to a reader until the connection is cut. */
  readonly linger: number;
}

const PACE: Pace = {
  read: 50,
  votes: 2_000,
  heartbeat: 15_000,
  stall: 30_000,
  lifetime: 900_000,
  poll: 1_000,
  linger: 10_000,
};

type Outgoing = Pick<ServerResponse, 'closed' | 'destroy' | 'once'>;

export interface HubOptions {
  readonly context: CommandContext;
  readonly sequencer: Pick<Sequencer, 'onCommit'>;
  readonly log: Logger;
  readonly metrics?: Pick<Metrics, 'streaming' | 'streamed'>;
  /** `PACE` unless told. */
  readonly pace?: Partial<Pace>;
}

export class StreamHub {
  readonly #context: CommandContext;
  readonly #log: Logger;
  readonly #metrics: HubOptions['metrics'];
  readonly #pace: Pace;
  readonly #readers = new Set<Reader>();
  readonly #lane = new Lane();
  readonly #votes = new VoteWindow();
  readonly #unsubscribe: () => void;
  /** What the live readers have been told up to; null while there are none. */
  #tip: Mark | null = null;
  #telling: ReadonlySet<Moved> = new Set();
  #due = false;
  #running = false;
  #voting: NodeJS.Timeout | null = null;
  #timers: NodeJS.Timeout[] = [];
  #closed = false;
  readonly #work = new Set<Promise<void>>();

  constructor({ context, log, metrics, pace, sequencer }: HubOptions) {
    this.#context = context;
    this.#log = log;
    this.#metrics = metrics;
    this.#pace = { ...PACE, ...pace };
    this.#unsubscribe = sequencer.onCommit(() => this.#wake());
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  /** The body of a stream that begins behind `mark`, to be sent on `outgoing`. */
  open(scope: Scope, mark: Mark, outgoing: Outgoing): ReadableStream<Uint8Array> {
    const { now } = this.#context;
    const { lifetime } = this.#pace;
    const until = now() + Math.round(lifetime * (1 - this.#chance() / 4));
    const channel = new Channel({
      now,
      room: () => this.#begin(this.#catchUp(reader)),
      closed: () => {
        this.#forget(reader);
        this.#cutLater(outgoing);
      },
    });
    const sent = (event: StreamEventName) => this.#metrics?.streamed(event);
    const reader = new Reader({ scope, mark, channel, until, sent });
    this.#readers.add(reader);
    this.#metrics?.streaming(this.#readers.size);
    this.#keepTime();
    channel.push(readyFrame(formatMark(mark), new Date(until).toISOString(), this.#retry()));
    return channel.body;
  }

  /** Says so to all readers, and takes no more. Fulfils when nothing is read any more: the database may be closed then. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#unsubscribe();
    for (const reader of this.#readers) this.#end(reader, 'shutdown');
    await Promise.allSettled(this.#work);
  }

  /** Work that reads the database. */
  #begin(work: Promise<void>): void {
    this.#work.add(work);
    void work.finally(() => this.#work.delete(work));
  }

  /** From 0 to 1. */
  #chance(): number {
    return (this.#context.random(1)[0] ?? 0) / 255;
  }

  /** Milliseconds that a reader waits before it comes back: not all at once. */
  #retry(): number {
    return 1_000 + Math.round(2_000 * this.#chance());
  }

  #keepTime(): void {
    if (this.#timers.length > 0) return;
    this.#timers.push(setInterval(() => this.#beat(), this.#pace.heartbeat).unref());
    // A file belongs to this process alone.
    if (this.#context.db.durable === 'server') {
      this.#timers.push(setInterval(() => this.#wake(), this.#pace.poll).unref());
    }
  }

  #forget(reader: Reader): void {
    this.#readers.delete(reader);
    this.#metrics?.streaming(this.#readers.size);
    reader.live = false;
    if (this.#readers.size === 0) {
      for (const timer of this.#timers) clearInterval(timer);
      this.#timers = [];
    }
    this.#rest();
  }

  /** Nothing is read for nobody. */
  #rest(): void {
    if ([...this.#readers].some(({ live }) => live)) return;
    this.#tip = null;
    this.#votes.clear();
  }

  /** What waits for a reader who does not read must not wait for ever. */
  #cutLater(outgoing: Outgoing): void {
    if (outgoing.closed) return;
    const cut = setTimeout(() => outgoing.destroy(), this.#pace.linger).unref();
    outgoing.once('close', () => clearTimeout(cut));
  }

  #end(reader: Reader, reason: StreamEnd): void {
    reader.channel.push(endFrame(reason, this.#retry()));
    reader.channel.close();
  }

  #beat(): void {
    const now = this.#context.now();
    for (const reader of this.#readers) {
      const { blockedSince, hasRoom } = reader.channel;
      if (now >= reader.until) this.#end(reader, 'expired');
      else if (hasRoom) reader.channel.push(heartbeatFrame(formatMark(this.#markOf(reader))));
      else if (blockedSince !== null && now - blockedSince >= this.#pace.stall) {
        this.#end(reader, 'slow');
      }
    }
  }

  /** How far a reader has come, votes included. */
  #markOf({ live, mark }: Reader): Mark {
    return live ? this.#toldAt(mark) : mark;
  }

  #toldAt(mark: Mark): Mark {
    return { ...mark, votes: this.#votes.toldUpTo(mark.place.version, this.#telling) };
  }

  #markAt(arrival: Arrival): Mark {
    const { crypto, node } = this.#context;
    return markAt(arrival, { crypto, did: node.did });
  }

  async #catchUp(reader: Reader): Promise<void> {
    if (reader.reading || reader.live) return;
    reader.reading = true;
    try {
      await catchUp(reader, {
        db: this.#context.db,
        now: this.#context.now,
        lane: this.#lane,
        markOf: (arrival) => this.#markAt(arrival),
        join: (one) => this.#join(one),
      });
    } catch (error) {
      this.#log.error({ err: error }, 'stream cut short');
      this.#end(reader, 'unavailable');
    } finally {
      reader.reading = false;
    }
    // It was live for a moment.
    if (!reader.live && reader.channel.hasRoom) await this.#catchUp(reader);
  }

  #join(reader: Reader): boolean {
    if (!reader.channel.isOpen) return false;
    if (this.#tip !== null && comparePlaces(reader.mark.place, this.#tip.place) < 0) return false;
    this.#tip ??= reader.mark;
    reader.live = true;
    // Of what was committed since it has looked, nobody may have been told.
    this.#wake();
    return true;
  }

  /** It goes on by itself from here. */
  #fallBehind(reader: Reader): void {
    reader.mark = this.#markOf(reader);
    reader.live = false;
    if (reader.channel.hasRoom) this.#begin(this.#catchUp(reader));
  }

  #wake(): void {
    if (this.#tip === null) return;
    this.#due = true;
    if (!this.#running) this.#begin(this.#run());
  }

  async #run(): Promise<void> {
    this.#running = true;
    try {
      while (this.#due && this.#tip !== null) {
        this.#due = false;
        await this.#tellNew();
        await pause(this.#pace.read);
      }
    } catch (error) {
      this.#log.error({ err: error }, 'streams cut short');
      for (const reader of this.#readers) if (reader.live) this.#end(reader, 'unavailable');
    } finally {
      this.#running = false;
      this.#rest();
    }
  }

  async #tellNew(): Promise<void> {
    const { db } = this.#context;
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
      this.#rest();
      more = arrivals.length === PAGE;
    }
    this.#countVotes();
  }

  /** For each live reader who wants notices. */
  async #readNotices(arrivals: readonly Arrival[]): Promise<ReadonlyMap<Reader, Notices>> {
    const notices = new Map<Reader, Notices>();
    const readers = [...this.#readers].filter(({ live, scope }) => live && scope.notified !== null);
    if (readers.length === 0 || arrivals.length === 0) return notices;
    const addressees = await findAddressees(this.#context.db, arrivals);
    for (const reader of readers) {
      notices.set(reader, await reader.readNotices(arrivals, addressees, this.#context));
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
    const mark = this.#markAt(arrival);
    this.#tip = mark;
    const frame = telling && onceFrame(telling, () => formatMark(this.#toldAt(mark)));
    for (const reader of this.#readers) {
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
    const tell = () => this.#begin(this.#tellCounts());
    this.#voting = setTimeout(tell, this.#pace.votes).unref();
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
        this.#context.db,
        moved.map(({ item }) => item.object),
      );
      for (const reader of this.#readers) {
        if (!reader.live) continue;
        const wanted = moved.filter(({ item }) => reader.wants('votes', item));
        const votes = wanted.flatMap(({ item }) => counts.get(item.object) ?? []);
        if (votes.length > 0 && !reader.tellCounts(votes)) this.#fallBehind(reader);
      }
      this.#votes.settle(telling);
    } catch (error) {
      this.#log.error({ err: error }, 'counts were not told');
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
