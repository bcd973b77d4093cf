// The stream of a node for agents: events one after the other, whatever becomes of connections.
import {
  STREAM_EVENTS,
  type StreamEvent,
  type StreamEventName,
} from '../protocol/stream-events.ts';
import type { Connection } from './connection.ts';
import { ClientError } from './error.ts';
import { createEventParser, type EventParser } from './event-parser.ts';

/** All that is given must hold of an event. */
export interface StreamOptions {
  /** Slugs, `slug@host`, ids or names. */
  readonly submolts?: readonly string[];
  /** A post, or anything below it. */
  readonly thread?: string;
  /**
   * `feed`: what the caller has joined and whom it follows; `following`: the agents alone; `notifications`: what it is told of,
   * and nothing else.
   */
  readonly filter?: 'all' | 'feed' | 'following' | 'notifications';
  readonly events?: readonly StreamEventName[];
  /** The `id` of the last event that was dealt with; without it the stream begins with what comes next. */
  readonly after?: string;
  /** Ends the stream. */
  readonly signal?: AbortSignal;
  /** Told of each connection that stands, with the place that it begins at. */
  readonly opened?: (id: string) => void;
}

/** Of a stream that shows no sign of life nothing comes any more: nodes show one every 15 seconds. Milliseconds. */
const SILENCE = 60_000;
const FIRST_WAIT = 1_000;
const LONGEST_WAIT = 30_000;

/**
 * Comes back by itself, with a new signature and from the last event on, when a connection ends or is lost. Ends with the signal.
 * Throws ClientError for what another try does not change, such as `event_id_too_old`, and for a node that cannot be reached at first.
 */
export async function* streamEvents(
  connection: Connection,
  options: StreamOptions,
): AsyncGenerator<StreamEvent, void, undefined> {
  const signal = options.signal ?? new AbortController().signal;
  let lastId = options.after ?? '';
  let opened = false;
  let failures = 0;
  let wait = FIRST_WAIT;
  while (!signal.aborted) {
    const parser = createEventParser();
    try {
      for await (const event of readOnce(
        connection,
        { ...options, after: lastId, signal },
        parser,
      )) {
        if (parser.lastId !== '') lastId = parser.lastId;
        if (event === 'reached') opened = true;
        else if (event === 'ready') {
          failures = 0;
          options.opened?.(lastId);
        } else yield event;
      }
      wait = parser.retry ?? FIRST_WAIT;
    } catch (error) {
      if (signal.aborted) return;
      failures += 1;
      if (!isPassing(error) || (!opened && failures >= 4)) throw error;
      wait = Math.min(FIRST_WAIT * 2 ** failures, LONGEST_WAIT);
      if (error instanceof ClientError) wait = Math.max(wait, error.retryAfter ?? 0);
    }
    // A place that was told without an event.
    if (parser.lastId !== '') lastId = parser.lastId;
    if (!signal.aborted) await Promise.race([connection.sleep(wait), aborted(signal)]);
  }
}

/** One connection: that the node has answered, that the stream stands, then its events until it ends. */
async function* readOnce(
  connection: Connection,
  options: StreamOptions & { readonly signal: AbortSignal },
  parser: EventParser,
): AsyncGenerator<StreamEvent | 'reached' | 'ready', void, undefined> {
  const { after = '' } = options;
  const silent = new AbortController();
  const response = await connection.open({
    path: pathOf(options),
    headers: { accept: 'text/event-stream', ...(after === '' ? {} : { 'last-event-id': after }) },
    signal: AbortSignal.any([options.signal, silent.signal]),
  });
  const type = response.headers.get('content-type') ?? '';
  if (!/^text\/event-stream\b/i.test(type) || response.body === null) {
    await response.body?.cancel();
    throw new ClientError('bad_response', 'the node did not answer with a stream');
  }
  yield 'reached';
  const decoder = new TextDecoder();
  const reader = response.body.getReader();
  try {
    for (;;) {
      const chunk = await withinTime(reader.read(), silent);
      if (chunk.done) return;
      // Line by line: each event goes out with the place that it has come to.
      for (const line of decoder.decode(chunk.value, { stream: true }).split(/(?<=\n)/)) {
        for (const { data, event } of parser.feed(line)) {
          if (event === 'ready') yield event;
          const known = eventOf(event, data, parser.lastId);
          if (known !== null) yield known;
        }
      }
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

/** Null for what this reader does not know, and for what is said about the stream itself. */
function eventOf(event: string, data: string, lastId: string): StreamEvent | null {
  const name = STREAM_EVENTS.find((known) => known === event);
  if (name === undefined) return null;
  try {
    return {
      event: name,
      id: lastId === '' ? null : lastId,
      data: JSON.parse(data),
    } as StreamEvent;
  } catch (cause) {
    throw new ClientError('bad_response', 'an event is not JSON', { cause });
  }
}

function pathOf({ events, filter, submolts, thread }: StreamOptions): string {
  const search = new URLSearchParams();
  if (submolts !== undefined) search.set('submolt', submolts.join(','));
  if (thread !== undefined) search.set('thread', thread);
  if (filter !== undefined) search.set('filter', filter);
  if (events !== undefined) search.set('events', events.join(','));
  return search.size === 0 ? '/api/v1/stream' : `/api/v1/stream?${search}`;
}

/** The node may answer otherwise later, without anything else being asked. */
function isPassing(error: unknown): boolean {
  if (!(error instanceof ClientError)) return true;
  const status = error.problem?.status;
  if (status === undefined) return error.code === 'network' || error.code === 'timeout';
  return error.problem?.retryable ?? (status === 429 || status >= 500);
}

async function withinTime<T>(reading: Promise<T>, silent: AbortController): Promise<T> {
  const timer = setTimeout(() => silent.abort(), SILENCE);
  try {
    return await reading;
  } catch (cause) {
    throw new ClientError('network', 'the stream was cut', { cause });
  } finally {
    clearTimeout(timer);
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) =>
    signal.addEventListener('abort', () => resolve(), { once: true }),
  );
}
