// The node:http server: raw targets, header caps, time-outs, and a close that lets requests finish.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { getRequestListener } from '@hono/node-server';
import type { EdgeApp } from './edge.ts';
import type { Logger } from './logger.ts';
import { type Code, PROBLEMS, problemBody, problemHeaders } from './problem.ts';
import { awaitsContinue, hasUnreadBody } from './read-body.ts';
import { checkTarget, type OwnOrigin, ownOrigin, type TargetCheck } from './request-target.ts';
import { discardBody } from './unread-body.ts';

const MAX_HEADER_BYTES = 16_384;
const MAX_FIELDS = 100;
/** Requests of one connection under way at a time. */
const MAX_PIPELINED = 32;

export interface ServerOptions {
  readonly app: EdgeApp;
  /** The configured public origin: what `@target-uri` is built from. */
  readonly origin: string;
  readonly host: string;
  /** 0 for any free port. */
  readonly port: number;
  readonly log: Logger;
  /** Milliseconds for the header section and for the whole request: 10,000 and 30,000 unless told. */
  readonly headersTimeout?: number;
  readonly requestTimeout?: number;
}

export interface EdgeServer {
  readonly address: AddressInfo;
  /** Takes no new connection, lets running requests finish for `graceMs`, then cuts them. */
  close(graceMs?: number): Promise<void>;
}

/** Starts to listen. Rejects if the address cannot be had. */
export async function startServer(options: ServerOptions): Promise<EdgeServer> {
  const { app, origin, host, port, log } = options;
  const { headersTimeout = 10_000, requestTimeout = 30_000 } = options;
  const dispatch = getRequestListener(app.fetch as Parameters<typeof getRequestListener>[0]);
  const own = ownOrigin(origin);
  const answers = new WeakMap<Duplex, ServerResponse>();
  const underWay = new WeakMap<Duplex, number>();
  let closing = false;

  const listen = (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    const { socket } = incoming;
    const others = underWay.get(socket) ?? 0;
    // Thousands of requests fit into one packet, and the answers to all of them wait for a reader who never reads.
    if (others >= MAX_PIPELINED) return void socket.destroy();
    underWay.set(socket, others + 1);
    outgoing.once('close', () => underWay.set(socket, (underWay.get(socket) ?? 1) - 1));
    answers.set(socket, outgoing);
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
      void refuseHead(incoming, outgoing, checked);
    }
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
  // Node drops what passes this count without a word; the byte cap bounds the section already.
  server.maxHeadersCount = 0;
  // The body is asked for only after the signature has been checked.
  server.on('checkContinue', listen);
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    log.debug({ code: error.code }, 'unreadable request');
    // What comes after a request must not get into the middle of its answer.
    const answer = answers.get(socket);
    const midway = answer?.headersSent === true && !answer.writableFinished;
    if (midway || error.code === 'ECONNRESET' || !socket.writable) socket.destroy();
    else answerUnreadable(error, socket);
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

function checkHead({ url = '', rawHeaders }: IncomingMessage, own: OwnOrigin): HeadCheck {
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

function answerUnreadable(error: NodeJS.ErrnoException, socket: Duplex): void {
  const code: Code =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? 'header_too_large'
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? 'request_timeout'
        : 'malformed_http';
  const body = JSON.stringify(problemBody({ code, detail: PROBLEMS[code].title }));
  const fields = { ...problemHeaders(code), connection: 'close' };
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
  const { status, title } = PROBLEMS[code];
  socket.end(
    `HTTP/1.1 ${status} ${title}\r\n${lines.join('')}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}
