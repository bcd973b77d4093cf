// A node that breaks its promises: a proxy in front of a good one that changes requests and answers on the way.
import { once } from 'node:events';
import {
  createServer,
  request as forward,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Exchange {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly body: Buffer;
}

export interface Fault {
  /** The request's body as it goes on to the node. */
  readonly request?: (body: Buffer) => Buffer;
  /** The answer as it goes back; what is not named stays as it is. */
  readonly answer?: (exchange: Exchange) => Partial<Pick<Exchange, 'status' | 'headers' | 'body'>>;
}

export interface FaultyProxy {
  readonly origin: string;
  /** What goes wrong from now on. */
  fault: Fault;
  close(): Promise<void>;
}

async function read(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Header fields go on as they came, so that signatures hold. */
function fieldPairs(raw: readonly string[], length: number): [string, string][] {
  const pairs: [string, string][] = [];
  for (let at = 0; at < raw.length; at += 2) {
    const name = raw[at]!;
    pairs.push([name, name.toLowerCase() === 'content-length' ? String(length) : raw[at + 1]!]);
  }
  return pairs;
}

/** A proxy on a free port; whatever comes goes on to `port` of this machine. */
export async function startFaultyProxy(port: number): Promise<FaultyProxy> {
  const proxy = { fault: {} as Fault };
  // Messages without Host are for the node to refuse.
  const server = createServer({ requireHostHeader: false }, (incoming, outgoing) => {
    passOn(incoming, outgoing, port, proxy.fault).catch(() => outgoing.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return Object.assign(proxy, {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  });
}

async function passOn(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  port: number,
  fault: Fault,
): Promise<void> {
  const { method = '', url: path = '', rawHeaders } = incoming;
  const came = await read(incoming);
  const isWrite = method === 'POST' && path.startsWith('/api/v1/');
  const sent = isWrite ? (fault.request?.(came) ?? came) : came;
  const pairs = fieldPairs(rawHeaders, sent.length) as unknown as string[];
  const onward = forward({
    hostname: '127.0.0.1',
    port,
    method,
    path,
    headers: pairs,
    setHost: false,
    agent: false,
  });
  onward.end(sent);
  const [response] = (await once(onward, 'response')) as [IncomingMessage];
  const { statusCode: status = 0, headers } = response;
  // It has no end that one could wait for.
  if (headers['content-type'] === 'text/event-stream' && method === 'GET') {
    outgoing.writeHead(status, headers);
    outgoing.once('close', () => response.destroy());
    response.on('error', () => outgoing.destroy());
    response.pipe(outgoing);
    return;
  }
  const exchange = { method, path, status, headers, body: await read(response) };
  const answer = { ...exchange, ...fault.answer?.(exchange) };
  const fields = { ...answer.headers, 'transfer-encoding': undefined };
  for (const [name, value] of Object.entries(fields)) {
    if (value !== undefined) outgoing.setHeader(name, value);
  }
  outgoing.setHeader('content-length', answer.body.length);
  outgoing.statusCode = answer.status;
  outgoing.end(answer.body);
}
