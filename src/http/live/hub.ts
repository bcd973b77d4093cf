// All readers of the stream: opened, kept alive, brought to where the others are, and ended.
import type { ServerResponse } from 'node:http';
import type { CommandContext } from '../../commands/context.ts';
import type { Sequencer } from '../../commands/sequencer.ts';
import type { StreamEnd, StreamEventName } from '../../protocol/stream-events.ts';
import type { Logger } from '../logger.ts';
import type { Metrics } from '../metrics.ts';
import { Broadcast } from './broadcast.ts';
import { catchUp } from './catch-up.ts';
import { Channel } from './channel.ts';
import { formatMark, type Mark } from './event-id.ts';
import { endFrame, heartbeatFrame, readyFrame } from './frames.ts';
import { Lane } from './lane.ts';
import { Reader } from './reader.ts';
import type { Scope } from './scope.ts';

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
  readonly #unsubscribe: () => void;
  readonly #broadcast: Broadcast;
  #timers: NodeJS.Timeout[] = [];
  #closed = false;
  readonly #work = new Set<Promise<void>>();

  constructor({ context, log, metrics, pace, sequencer }: HubOptions) {
    this.#context = context;
    this.#log = log;
    this.#metrics = metrics;
    this.#pace = { ...PACE, ...pace };
    this.#broadcast = new Broadcast({
      ...{ context, log, pace: this.#pace, readers: this.#readers },
      begin: (work) => this.#begin(work),
      behind: (reader) => {
        if (reader.channel.hasRoom) this.#begin(this.#catchUp(reader));
      },
      fail: (reader, error) => this.#fail(reader, error),
    });
    this.#unsubscribe = sequencer.onCommit(() => this.#broadcast.wake());
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
      this.#timers.push(setInterval(() => this.#broadcast.wake(), this.#pace.poll).unref());
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
    this.#broadcast.rest();
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

  #fail(reader: Reader, error: unknown): void {
    this.#log.error({ err: error }, 'stream cut short');
    this.#end(reader, 'unavailable');
  }

  #beat(): void {
    const now = this.#context.now();
    for (const reader of this.#readers) {
      const { blockedSince, hasRoom } = reader.channel;
      if (now >= reader.until) this.#end(reader, 'expired');
      else if (hasRoom)
        reader.channel.push(heartbeatFrame(formatMark(this.#broadcast.markOf(reader))));
      else if (blockedSince !== null && now - blockedSince >= this.#pace.stall) {
        this.#end(reader, 'slow');
      }
    }
  }

  async #catchUp(reader: Reader): Promise<void> {
    if (reader.reading || reader.live) return;
    reader.reading = true;
    try {
      await catchUp(reader, {
        db: this.#context.db,
        now: this.#context.now,
        lane: this.#lane,
        markOf: (arrival) => this.#broadcast.markAt(arrival),
        join: (one) => this.#broadcast.join(one),
      });
    } catch (error) {
      this.#fail(reader, error);
    } finally {
      reader.reading = false;
    }
    // It was live for a moment.
    if (!reader.live && reader.channel.hasRoom) await this.#catchUp(reader);
  }
}
