// The bridge on its port: HTTP for programs of this machine, with caps and patience of its own.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Answer, type Refusal, refused } from './answer.ts';
import { type DispatchOptions, dispatch } from './dispatch.ts';
import { type Arrival, only, refuseArrival, refuseBody, refuseUpload } from './gate.ts';

export interface BridgeOptions extends DispatchOptions {
  readonly host: string;
  /** 0 for any that is free. */
  readonly port: number;
  /** Origins of web pages that may use the bridge with a token. */
  readonly origins: readonly string[];
}

export interface Bridge {
  readonly port: number;
  /** Answers what is under way, takes nothing more. */
  close(): Promise<void>;
}

/** A post of 40,000 characters is below it in whatever spelling. */
const MAX_BODY = 300_000;
const NAMES = ['127.0.0.1', 'localhost', '[::1]'];

export async function startBridge(options: BridgeOptions): Promise<Bridge> {
  const authorities = new Set<string>();
  const gate = { authorities, origins: new Set(options.origins) };
  const under = new Set<Promise<void>>();
  const server = createServer((request, response) => {
    const done = answer(request, response, options, gate).catch(() => void request.destroy());
    under.add(done);
    void done.finally(() => under.delete(done));
  });
  server.headersTimeout = 10_000;
  server.requestTimeout = 30_000;
  server.maxConnections = 256;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  const host = options.host.includes(':') ? `[${options.host}]` : options.host;
  for (const name of new Set([...NAMES, host.toLowerCase()])) authorities.add(`${name}:${port}`);
  return {
    port,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeIdleConnections();
      await Promise.all(under);
      server.closeAllConnections();
      await closed;
    },
  };
}

type Gate = Parameters<typeof refuseArrival>[1];

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  options: BridgeOptions,
  gate: Gate,
): Promise<void> {
  const arrival = arrivalOf(request);
  const foreign = refuseArrival(arrival, gate);
  if (foreign !== null) return refuse(request, response, foreign);
  const page = only(arrival, 'origin');
  if (page !== undefined) allowPage(response, page);
  if (arrival.method === 'OPTIONS') return answerOptions(response);
  const upload = refuseUpload(arrival);
  if (upload !== null) return refuse(request, response, upload);
  const body = await readBody(request);
  if (body === null) return refuse(request, response, TOO_LARGE);
  const unfit = refuseBody(arrival, body.length);
  if (unfit !== null) return refuse(request, response, unfit);
  const dispatched = await dispatch(
    {
      method: arrival.method,
      target: arrival.target,
      authorization: only(arrival, 'authorization'),
      userAgent: only(arrival, 'user-agent'),
      idempotencyKey: only(arrival, 'idempotency-key'),
      body,
    },
    options,
  );
  response.once('finish', dispatched.sent);
  send(response, dispatched.answer, dispatched.fields);
}

function arrivalOf({ method = '', url = '', rawHeaders }: IncomingMessage): Arrival {
  const fields = rawHeaders.flatMap((name, index) =>
    index % 2 === 0 ? [[name, rawHeaders[index + 1] ?? ''] as const] : [],
  );
  return { method, target: url, fields };
}

const TOO_LARGE: Refusal = {
  status: 413,
  code: 'VALIDATION_ERROR',
  error: `A request has at most ${MAX_BODY} bytes`,
  hint: 'Posts have at most 40,000 characters; there are no uploads.',
};

/** Null if it is too long. */
async function readBody(request: IncomingMessage): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    chunks.push(chunk as Buffer);
    length += (chunk as Buffer).length;
    if (length > MAX_BODY) return null;
  }
  return Buffer.concat(chunks);
}

/** Whatever more comes is thrown away, so that the answer arrives before the connection is closed. */
function refuse(request: IncomingMessage, response: ServerResponse, refusal: Refusal): void {
  response.setHeader('connection', 'close');
  send(response, refused(refusal), new Map());
  request.resume();
}

function send(
  response: ServerResponse,
  { status, body }: Answer,
  fields: ReadonlyMap<string, string>,
): void {
  const text = Buffer.from(JSON.stringify(body));
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': text.length,
    // No page may keep, frame, sniff or embed any of it.
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'cross-origin-resource-policy': 'same-origin',
    ...Object.fromEntries(fields),
  });
  response.end(text);
}

function allowPage(response: ServerResponse, origin: string): void {
  response.setHeader('access-control-allow-origin', origin);
  response.setHeader(
    'access-control-expose-headers',
    'x-ratelimit-limit, x-ratelimit-remaining, x-ratelimit-reset, retry-after',
  );
  response.setHeader('vary', 'Origin');
}

/** Only pages that were let in get here with an Origin; nobody else is told anything. */
function answerOptions(response: ServerResponse): void {
  response.writeHead(204, {
    'access-control-allow-methods': 'GET, POST, PATCH, DELETE',
    'access-control-allow-headers': 'authorization, content-type, idempotency-key',
    'access-control-allow-private-network': 'true',
    'access-control-max-age': '600',
  });
  response.end();
}
