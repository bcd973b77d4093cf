// Places for streams: so many in all, and a few for each caller.
import type { ServerResponse } from 'node:http';

export interface StreamPlacesOptions {
  readonly most: number;
  readonly perCaller: number;
}

export class StreamPlaces {
  readonly #options: StreamPlacesOptions;
  readonly #ofCaller = new Map<string, number>();
  #taken = 0;

  constructor(options: StreamPlacesOptions) {
    this.#options = options;
  }

  /** A place is free again when the connection of its answer has closed. `caller` is null for those who cannot be told apart. */
  take(
    outgoing: Pick<ServerResponse, 'closed' | 'once'>,
    caller: string | null,
  ): 'taken' | 'full' | 'too_many' {
    const { most, perCaller } = this.#options;
    if (caller !== null && (this.#ofCaller.get(caller) ?? 0) >= perCaller) return 'too_many';
    if (this.#taken >= most) return 'full';
    // Who has hung up by now is told of no more: the place would be taken for ever.
    if (outgoing.closed) return 'taken';
    this.#count(caller, 1);
    outgoing.once('close', () => this.#count(caller, -1));
    return 'taken';
  }

  #count(caller: string | null, by: 1 | -1): void {
    this.#taken += by;
    if (caller === null) return;
    const own = (this.#ofCaller.get(caller) ?? 0) + by;
    if (own > 0) this.#ofCaller.set(caller, own);
    else this.#ofCaller.delete(caller);
  }
}
