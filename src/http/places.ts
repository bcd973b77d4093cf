// Places for answers that hold much for as long as their readers like: so many at a time, and few for one address.
import type { ServerResponse } from 'node:http';

export interface PlacesOptions {
  readonly most: number;
  /** For one address; as many as there are unless told. */
  readonly perAddress?: number;
  /** Milliseconds. */
  readonly now?: () => number;
}

type Answer = Pick<ServerResponse, 'closed' | 'once'> &
  Partial<Pick<ServerResponse, 'destroy' | 'socket' | 'writableLength'>>;

interface Place {
  readonly outgoing: Answer;
  readonly address: string | null;
  readonly since: number;
  /** Bytes of the connection before this answer. */
  readonly before: number;
}

/** Milliseconds for which a place is kept whoever comes. */
const PATIENCE = 60_000;
/** Bytes a second. Whoever takes less gives the place away when there is no other. */
const SLOW = 65_536;

export class Places {
  readonly #most: number;
  readonly #perAddress: number;
  readonly #now: () => number;
  readonly #taken = new Set<Place>();

  constructor({ most, perAddress = most, now = () => 0 }: PlacesOptions) {
    this.#most = most;
    this.#perAddress = perAddress;
    this.#now = now;
  }

  get taken(): number {
    return this.#taken.size;
  }

  /** False if there is none. A place is free again when the connection of its answer has closed. */
  take(outgoing: Answer, address: string | null = null): boolean {
    const ofAddress = [...this.#taken].filter((place) => place.address === address);
    if (address !== null && ofAddress.length >= this.#perAddress) return false;
    if (this.#taken.size >= this.#most && !this.#dislodge()) return false;
    // Who has hung up by now is told of no more: the place would be taken for ever.
    if (outgoing.closed) return true;
    const place = { outgoing, address, since: this.#now(), before: sentOn(outgoing) };
    this.#taken.add(place);
    outgoing.once('close', () => this.#taken.delete(place));
    return true;
  }

  /** Takes its place away from the slowest reader who has had it for long. */
  #dislodge(): boolean {
    const now = this.#now();
    const slow = [...this.#taken]
      .filter(({ since }) => now - since >= PATIENCE)
      .map((place) => ({ place, speed: speedOf(place, now) }))
      .filter(({ speed }) => speed < SLOW)
      .sort((a, b) => a.speed - b.speed);
    const slowest = slow[0]?.place;
    if (slowest === undefined) return false;
    this.#taken.delete(slowest);
    slowest.outgoing.destroy?.();
    return true;
  }
}

function sentOn({ socket, writableLength = 0 }: Answer): number {
  return (socket?.bytesWritten ?? 0) - writableLength;
}

function speedOf({ before, outgoing, since }: Place, now: number): number {
  return ((sentOn(outgoing) - before) * 1000) / (now - since);
}
