// The only way out of the node: public https hosts, pinned addresses, no redirects, capped time and size.
import { Agent, type Dispatcher, request as send } from 'undici';
import { NetError } from './error.ts';
import { createDnsResolver, createGuardedLookup, type ResolveName } from './guarded-lookup.ts';
import { parseTarget } from './target.ts';

export interface GuardedFetchOptions {
  /** The node itself runs on plain-http loopback: loopback hosts are allowed beside public ones. */
  readonly loopback: boolean;
  /** Replaces DNS; for tests and for operators with their own resolver. */
  readonly resolve?: ResolveName;
  readonly userAgent?: string;
}

export interface GuardedRequest {
  readonly method?: 'GET' | 'POST' | 'DELETE';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  /** Milliseconds for everything: name, connection, headers, body. Default 5,000. */
  readonly timeMs?: number;
  /** Bytes of the answer's body. Default 262,144. */
  readonly maxBytes?: number;
  readonly signal?: AbortSignal;
}

export interface GuardedResponse {
  readonly status: number;
  /** Value of a header field by lower-case name; repeated fields joined by `, `. */
  header(name: string): string | null;
  readonly body: Uint8Array;
}

export interface GuardedFetch {
  /** Answers whatever status the host gives except redirects; throws `NetError` for everything else. */
  request(url: string, request?: GuardedRequest): Promise<GuardedResponse>;
  close(): Promise<void>;
}

const DEFAULT_TIME_MS = 5_000;
const DEFAULT_MAX_BYTES = 262_144;

const CONNECT_MS = 5_000;
const CONNECTIONS_PER_ORIGIN = 8;

/** Makes the guarded client; one per node, closed with it. */
export function createGuardedFetch(options: GuardedFetchOptions): GuardedFetch {
  const resolve = options.resolve ?? createDnsResolver(CONNECT_MS / 2);
  const agent = new Agent({
    connections: CONNECTIONS_PER_ORIGIN,
    allowH2: false,
    maxHeaderSize: 16_384,
    connect: {
      lookup: createGuardedLookup(resolve, options.loopback),
      timeout: CONNECT_MS,
      autoSelectFamily: true,
    },
  });
  const userAgent = options.userAgent ?? 'exuvia';

  return {
    async request(url, request = {}) {
      const target = parseTarget(url, options.loopback);
      const timeMs = request.timeMs ?? DEFAULT_TIME_MS;
      const stop = new AbortController();
      const deadline = rejectAfter(timeMs, stop, request.signal);
      try {
        return await Promise.race([
          exchange(agent, target, request, userAgent, stop.signal),
          deadline.expired,
        ]);
      } catch (error) {
        throw asNetError(error, target);
      } finally {
        deadline.clear();
      }
    },
    async close() {
      await agent.destroy();
    },
  };
}

async function exchange(
  agent: Agent,
  target: URL,
  request: GuardedRequest,
  userAgent: string,
  signal: AbortSignal,
): Promise<GuardedResponse> {
  const response = await send(target, {
    dispatcher: agent,
    method: request.method ?? 'GET',
    // Compressed answers are refused below: a size cap on compressed bytes caps nothing.
    headers: { 'user-agent': userAgent, 'accept-encoding': 'identity', ...request.headers },
    body: request.body ?? null,
    signal,
  });
  try {
    refuseUnread(response);
    const body = await readCapped(response, request.maxBytes ?? DEFAULT_MAX_BYTES);
    const { headers, statusCode: status } = response;
    return {
      status,
      header(name) {
        const value = headers[name];
        return value === undefined ? null : Array.isArray(value) ? value.join(', ') : value;
      },
      body,
    };
  } catch (error) {
    response.body.on('error', () => undefined).destroy();
    throw error;
  }
}

function refuseUnread({ statusCode, headers }: Dispatcher.ResponseData): void {
  if (statusCode >= 300 && statusCode < 400 && statusCode !== 304) {
    throw new NetError('redirect_refused', `answers ${statusCode}; redirects are not followed`);
  }
  const encoding = headers['content-encoding'] ?? 'identity';
  if (encoding !== 'identity') {
    throw new NetError('encoding_refused', `answers with content-encoding ${encoding}`);
  }
}

async function readCapped(
  { headers, body }: Dispatcher.ResponseData,
  maxBytes: number,
): Promise<Uint8Array> {
  const tooLarge = () => new NetError('too_large', `answers with more than ${maxBytes} bytes`);
  if (Number(headers['content-length'] ?? 0) > maxBytes) throw tooLarge();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    if (size > maxBytes) throw tooLarge();
    chunks.push(chunk);
  }
  const bytes = new Uint8Array(size);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
}

/** A request that still waits for its connection does not hear its signal, so the race needs a promise too. */
function rejectAfter(timeMs: number, stop: AbortController, outer: AbortSignal | undefined) {
  const { promise, reject } = Promise.withResolvers<never>();
  promise.catch(() => undefined);
  const end = (error: NetError) => {
    reject(error);
    stop.abort(error);
  };
  const timer = setTimeout(
    () => end(new NetError('timed_out', `no complete answer within ${timeMs} ms`)),
    timeMs,
  );
  const onAbort = () => end(new NetError('closed', 'the caller gave up'));
  if (outer?.aborted) onAbort();
  else outer?.addEventListener('abort', onAbort, { once: true });
  return {
    expired: promise,
    clear() {
      clearTimeout(timer);
      outer?.removeEventListener('abort', onAbort);
    },
  };
}

function asNetError(error: unknown, target: URL): NetError {
  const where = target.origin;
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof NetError) return new NetError(cause.code, `${where}: ${cause.message}`);
  }
  const message = error instanceof Error ? error.message : String(error);
  return new NetError('connection_failed', `${where}: ${message}`, { cause: error });
}
