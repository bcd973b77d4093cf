// Cuts off readers who take an answer so slowly that it could be held for them without end.
import type { ServerResponse } from 'node:http';

export interface SlowReadersOptions {
  /** Bytes that have to be taken in a second of waiting for the reader, on average over a window. */
  readonly bytesPerSecond: number;
  /** Milliseconds in which nobody is judged; longer than any answer takes that is written at once. */
  readonly windowMs?: number;
  /** Milliseconds between two looks. */
  readonly everyMs?: number;
  readonly onCut?: () => void;
}

interface Watched {
  /** Looks in this window at which something waited for the reader. */
  looks: number;
  /** Bytes that the system had taken at the last look. */
  sent: number;
  /** Bytes taken in this window while the reader was waited for. */
  taken: number;
}

/** Time in which nothing waits for the reader does not count: an answer may be made slowly, or have pauses. */
export class SlowReaders {
  readonly #watched = new Map<ServerResponse, Watched>();
  readonly #options: Required<Omit<SlowReadersOptions, 'onCut'>> & SlowReadersOptions;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: SlowReadersOptions) {
    this.#options = { windowMs: 60_000, everyMs: 1_000, ...options };
  }

  watch(outgoing: ServerResponse): void {
    this.#watched.set(outgoing, { looks: 0, sent: sentOn(outgoing), taken: 0 });
    outgoing.once('close', () => {
      this.#watched.delete(outgoing);
      if (this.#watched.size === 0) this.#rest();
    });
    this.#timer ??= setInterval(() => this.#look(), this.#options.everyMs).unref();
  }

  #rest(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #look(): void {
    const { bytesPerSecond, everyMs, onCut, windowMs } = this.#options;
    const looks = Math.ceil(windowMs / everyMs);
    for (const [outgoing, watched] of this.#watched) {
      const sent = sentOn(outgoing);
      if (outgoing.writableLength > 0) {
        watched.looks += 1;
        watched.taken += sent - watched.sent;
      }
      watched.sent = sent;
      if (watched.looks < looks) continue;
      if (watched.taken < (bytesPerSecond * windowMs) / 1000) {
        onCut?.();
        outgoing.destroy();
      }
      watched.looks = 0;
      watched.taken = 0;
    }
  }
}

function sentOn(outgoing: ServerResponse): number {
  return (outgoing.socket?.bytesWritten ?? 0) - outgoing.writableLength;
}
