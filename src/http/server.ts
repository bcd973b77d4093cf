// The node:http server: raw targets, header caps, time-outs, and a close that lets requests finish.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { getRequestListener } from '@hono/node-server';
import { type ConnectionCaps, capConnections } from './connection-caps.ts';
import { countBytes } from './count-bytes.ts';
import type { EdgeApp } from './edge.ts';
import type { Logger } from './logger.ts';
import type { Metrics } from './metrics.ts';
import { type Code, PROBLEMS, problemBody, problemHeaders } from './problem.ts';
import { awaitsContinue, hasUnreadBody } from './read-body.ts';
import { checkTarget, type OwnOrigin, ownOrigin, type TargetCheck } from './request-target.ts';
import { SlowReaders, type SlowReadersOptions } from './slow-readers.ts';
import { createTurns } from './turns.ts';
import { discardBody, endLingering } from './unread-body.ts';

const MAX_HEADER_BYTES = 16_384;
const MAX_FIELDS = 100;

export interface ServerOptions {
  readonly app: EdgeApp;
  /** The configured public origin: what `@target-uri` is built from. */
  readonly origin: string;
  readonly host: string;
  /** 0 for any free port. */
  readonly port: number;
  readonly log: Logger;
  readonly metrics?: Pick<Metrics, 'cutOff' | 'transferred' | 'turnedAway' | 'unroutable'>;
  /** Milliseconds for the header section and for the whole request: 10,000 and 30,000 unless told. */
  readonly headersTimeout?: number;
  readonly requestTimeout?: number;
  /** Milliseconds in which nothing is sent and nothing read: 60,000 unless told. */
  readonly idleTimeout?: number;
  /** How many connections there may be; as many as the system gives unless told. */
  readonly connections?: ConnectionCaps;
  /** How fast answers have to be taken; as slowly as readers like unless told. */
  readonly slowest?: Omit<SlowReadersOptions, 'onCut'> | null;
}

export interface EdgeServer {
  readonly address: AddressInfo;
  /** Takes no new connection, lets running requests finish for `graceMs`, then cuts them. */
  close(graceMs?: number): Promise<void>;
}

/** Starts to listen. Rejects if the address cannot be had. */
export async function startServer(options: ServerOptions): Promise<EdgeServer> {
  const { app, origin, host, port, log, metrics } = options;
  const { headersTimeout = 10_000, requestTimeout = 30_000, idleTimeout = 60_000 } = options;
  const dispatch = getRequestListener(app.fetch as Parameters<typeof getRequestListener>[0]);
  const own = ownOrigin(origin);
  const turns = createTurns();
  const { connections, slowest } = options;
  const readers = slowest
    ? new SlowReaders({ ...slowest, onCut: () => metrics?.cutOff() })
    : undefined;
  let closing = false;

  const serve = (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    if (closing) outgoing.shouldKeepAlive = false;
    // Words of strangers are served as what they are declared to be, never as what they look like.
    outgoing.setHeader('x-content-type-options', 'nosniff');
    const checked = checkHead(incoming, own);
    if (checked.ok) {
      incoming.url = checked.target;
      // The adapter makes a URL of it; the health probes may have sent none, or any.
      incoming.headers.host = own.authority;
      void dispatch(incoming, outgoing);
    } else {
      metrics?.unroutable(checked.code);
      void refuseHead(incoming, outgoing, checked);
    }
  };
  const listen = (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    readers?.watch(outgoing);
    turns.take(incoming, outgoing, () => serve(incoming, outgoing));
  };

  const server = createServer(
    {
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout,
      requestTimeout,
      connectionsCheckingInterval: Math.min(headersTimeout, 5_000) / 2,
      // The missing field gets a coded answer in `checkTarget`.
      requireHostHeader: false,
    },
    listen,
  );
  if (metrics) countBytes(server, metrics);
  if (connections) capConnections(server, connections, metrics);
  const refuseUnreadable = (socket: Duplex, code: Code): void => {
    metrics?.unroutable(code);
    answerUnreadable(socket, code);
  };
  // Node drops what passes this count without a word; the byte cap bounds the section already.
  server.maxHeadersCount = 0;
  // A reader who stops reading would keep what waits for it in memory for ever.
  server.timeout = idleTimeout;
  // The body is asked for only after the signature has been checked.
  server.on('checkContinue', listen);
  // RFC 9110 §10.1.1: other expectations may be passed over; the default is an answer without a code.
  server.on('checkExpectation', listen);
  // No tunnels: the target of CONNECT is no path.
  server.on('connect', (_, socket: Duplex) =>
    turns.end(socket, () => refuseUnreadable(socket, 'bad_target')),
  );
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    log.debug({ code: error.code }, 'unreadable request');
    if (error.code === 'ECONNRESET') socket.destroy();
    else turns.end(socket, () => refuseUnreadable(socket, unreadableCode(error)));
  });

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  return {
    address: server.address() as AddressInfo,
    async close(graceMs = 10_000) {
      closing = true;
      const cut = setTimeout(() => server.closeAllConnections(), graceMs);
      const idle = setInterval(() => server.closeIdleConnections(), 50);
      await new Promise<void>((resolve) => server.close(() => resolve()));
      clearTimeout(cut);
      clearInterval(idle);
    },
  };
}

type HeadCheck = TargetCheck | { readonly ok: false; readonly code: Code; readonly detail: string };

function checkHead(incoming: IncomingMessage, own: OwnOrigin): HeadCheck {
  const { url = '', rawHeaders, httpVersion, headers } = incoming;
  if (httpVersion !== '1.1' && httpVersion !== '1.0') {
    const detail = `The version is HTTP/${httpVersion}.`;
    return { ok: false, code: 'malformed_http', detail };
  }
  const coding = headers['transfer-encoding']?.toLowerCase();
  // RFC 9112 §6.1: what else stands there is undone by some and not by others, and HTTP/1.0 knows none of it.
  if (coding !== undefined && (coding !== 'chunked' || httpVersion === '1.0')) {
    const detail = `Transfer-Encoding is ${coding} in HTTP/${httpVersion}.`;
    return { ok: false, code: 'malformed_http', detail };
  }
  if (rawHeaders.length > 2 * MAX_FIELDS) {
    const detail = `There are more than ${MAX_FIELDS} header fields.`;
    return { ok: false, code: 'header_too_large', detail };
  }
  return checkTarget(url, rawHeaders, own);
}

/** Refuses before any route is known. Nothing more is read from this connection. */
async function refuseHead(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  refusal: { readonly code: Code; readonly detail: string },
): Promise<void> {
  const text = JSON.stringify(problemBody(refusal));
  outgoing.writeHead(PROBLEMS[refusal.code].status, {
    ...problemHeaders(refusal.code),
    'content-length': Buffer.byteLength(text),
    connection: 'close',
  });
  outgoing.write(text);
  if (hasUnreadBody(incoming) && !awaitsContinue(incoming)) await discardBody(incoming);
  outgoing.end();
}

function unreadableCode({ code }: NodeJS.ErrnoException): Code {
  if (code === 'HPE_HEADER_OVERFLOW') return 'header_too_large';
  return code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 'request_timeout' : 'malformed_http';
}

function answerUnreadable(socket: Duplex, code: Code): void {
  const body = JSON.stringify(problemBody({ code, detail: PROBLEMS[code].title }));
  const fields = { ...problemHeaders(code), connection: 'close' };
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
  const { status, title } = PROBLEMS[code];
  const head = `HTTP/1.1 ${status} ${title}\r\n${lines.join('')}`;
  endLingering(socket, `${head}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
}
