// Keeps what a node says about its limits with the request that it was said to, to be passed on.
import { AsyncLocalStorage } from 'node:async_hooks';

const PASSED_ON = [
  'x-ratelimit-limit',
  'x-ratelimit-remaining',
  'x-ratelimit-reset',
  'ratelimit',
  'ratelimit-policy',
] as const;

/** What was said to the requests that one request of a client has become. */
export class RateFields {
  /** By lower-case name. */
  readonly fields = new Map<string, string>();
  #ofWrite = false;

  /** Of a write and the reads around it, the write is what the client has asked for. */
  note(headers: Headers, write: boolean): void {
    if (this.#ofWrite && !write) return;
    const said = PASSED_ON.flatMap((name) => {
      const value = headers.get(name);
      return value === null ? [] : [[name, value] as const];
    });
    if (said.length === 0) return;
    this.#ofWrite = write;
    this.fields.clear();
    for (const [name, value] of said) this.fields.set(name, value);
  }
}

export class Rates {
  readonly #current = new AsyncLocalStorage<RateFields>();

  /** Runs a task; `noted` has what was said in answer to it by the time it is done. */
  run<T>(noted: RateFields, task: () => Promise<T>): Promise<T> {
    return this.#current.run(noted, task);
  }

  /** The same fetch, which notes those fields. */
  noting(fetch: typeof globalThis.fetch): typeof globalThis.fetch {
    return async (input, init) => {
      const response = await fetch(input, init);
      this.#current.getStore()?.note(response.headers, (init?.method ?? 'GET') !== 'GET');
      return response;
    };
  }
}
