// Places for answers that hold much for as long as their readers like: so many at a time, and no more.
import type { ServerResponse } from 'node:http';

export class Places {
  readonly #most: number;
  #taken = 0;

  constructor(most: number) {
    this.#most = most;
  }

  get taken(): number {
    return this.#taken;
  }

  /** False if there is none. A place is free again when the connection of its answer has closed. */
  take(outgoing: Pick<ServerResponse, 'closed' | 'once'>): boolean {
    if (this.#taken >= this.#most) return false;
    // Who has hung up by now is told of no more: the place would be taken for ever.
    if (outgoing.closed) return true;
    this.#taken += 1;
    outgoing.once('close', () => {
      this.#taken -= 1;
    });
    return true;
  }
}
