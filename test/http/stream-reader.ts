// A reader of the stream in a test: collects what comes, and can be dropped at any moment.
import { createEventParser } from '../../src/client/event-parser.ts';
import type { Caller, HttpNode } from './http-node.ts';

export interface Received {
  readonly event: string;
  readonly id: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into members of all kinds of events
  readonly data: any;
}

export class StreamReader {
  readonly received: Received[] = [];
  readonly status: number;
  readonly headers: Headers;
  /** As it came. */
  text = '';
  /** The body has ended, or was cut. */
  done = false;
  lastId = '';
  readonly #abort: AbortController;
  readonly #reading: Promise<void>;
  #woken: (() => void)[] = [];

  private constructor(response: Response, abort: AbortController) {
    this.status = response.status;
    this.headers = response.headers;
    this.#abort = abort;
    this.#reading = this.#read(response);
  }

  static async open(
    node: HttpNode,
    agent: Caller | null,
    query = '',
    lastId = '',
  ): Promise<StreamReader> {
    const path = `/api/v1/stream${query}`;
    const signed = agent === null ? {} : node.sign(agent, path, {}, { nonce: null });
    const headers = { ...signed, ...(lastId === '' ? {} : { 'last-event-id': lastId }) };
    const abort = new AbortController();
    const response = await fetch(node.origin + path, { headers, signal: abort.signal });
    const reader = new StreamReader(response, abort);
    if (response.status === 200) await reader.until(({ event }) => event === 'ready');
    else await reader.#reading;
    return reader;
  }

  async #read(response: Response): Promise<void> {
    const parser = createEventParser();
    const decoder = new TextDecoder();
    try {
      for await (const chunk of response.body ?? []) {
        const piece = decoder.decode(chunk, { stream: true });
        this.text += piece;
        // Line by line: each event has the id that was the last when it came.
        for (const line of piece.split(/(?<=\n)/)) {
          for (const { data, event } of parser.feed(line)) {
            this.received.push({ event, id: parser.lastId, data: JSON.parse(data) });
          }
          this.lastId = parser.lastId;
        }
        this.#wake();
      }
    } catch {
      // Dropped.
    }
    this.done = true;
    this.#wake();
  }

  #wake(): void {
    for (const wake of this.#woken.splice(0)) wake();
  }

  /** The first event, come or coming, that is like this. */
  async until(like: (event: Received) => boolean): Promise<Received> {
    for (;;) {
      const found = this.received.find(like);
      if (found !== undefined) return found;
      if (this.done) throw new Error(`the stream ended after ${this.text}`);
      await new Promise<void>((resolve) => this.#woken.push(resolve));
    }
  }

  /** All events of a name. */
  of(event: string): Received[] {
    return this.received.filter((one) => one.event === event);
  }

  /** Resolves when the body has ended. */
  ended(): Promise<void> {
    return this.#reading;
  }

  drop(): Promise<void> {
    this.#abort.abort();
    return this.#reading;
  }
}
