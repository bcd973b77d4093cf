// The server itself, over raw sockets: what is refused before any route, time-outs, and the close.
import { connect } from 'node:net';
import { Hono } from 'hono';
import { afterEach, describe, expect, test } from 'vitest';
import type { Edge } from './edge.ts';
import type { Logger } from './logger.ts';
import { refuse } from './problem.ts';
import { type EdgeServer, startServer } from './server.ts';

const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} };
const origin = 'http://node.example';
let server: EdgeServer | undefined;

afterEach(() => server?.close(0));

async function start(
  app: Hono<Edge>,
  timeouts: { headersTimeout?: number; idleTimeout?: number } = {},
): Promise<EdgeServer> {
  server = await startServer({ app, origin, host: '127.0.0.1', port: 0, log: silent, ...timeouts });
  return server;
}

function echo(): Hono<Edge> {
  const app = new Hono<Edge>();
  app.get('/echo/*', (c) => c.json({ target: c.env.incoming.url, path: c.req.path }));
  app.get('/healthz', (c) => c.text('alive'));
  app.post('/refused', (c) => refuse(c, { code: 'signature_missing', detail: 'no' }));
  return app;
}

/** Sends the text and collects everything until the server closes the connection. */
function exchange(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('error', reject);
    socket.on('close', () => resolve(Buffer.concat(chunks).toString()));
  });
}

const close = 'Host: node.example\r\nConnection: close\r\n\r\n';

describe('the server', () => {
  test('hands the raw target on', async () => {
    const { address } = await start(echo());
    const answer = await exchange(address.port, `GET /echo/%7Ea?b=%41 HTTP/1.1\r\n${close}`);
    expect(answer).toContain('"target":"/echo/%7Ea?b=%41"');
  });

  test('takes its own absolute-form target as the path', async () => {
    const { address } = await start(echo());
    const answer = await exchange(address.port, `GET ${origin}/echo/a HTTP/1.1\r\n${close}`);
    expect(answer).toContain('"target":"/echo/a"');
  });

  test.each([
    [
      'a foreign absolute-form target',
      `GET http://evil.example/ HTTP/1.1\r\n${close}`,
      421,
      'misdirected',
    ],
    ['another host', 'GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n', 421, 'misdirected'],
    ['two Host fields', `GET / HTTP/1.1\r\nHost: node.example\r\n${close}`, 400, 'field_repeated'],
    ['no Host field', 'GET / HTTP/1.1\r\nConnection: close\r\n\r\n', 400, 'host_missing'],
    ['HTTP/1.0 without Host', 'GET / HTTP/1.0\r\n\r\n', 400, 'host_missing'],
    ['dot segments', `GET /a/../b HTTP/1.1\r\n${close}`, 400, 'non_canonical_target'],
    ['encoded dot segments', `GET /a/%2e%2e/b HTTP/1.1\r\n${close}`, 400, 'non_canonical_target'],
    ['a fragment', `GET /a#b HTTP/1.1\r\n${close}`, 400, 'bad_target'],
    ['an asterisk', `OPTIONS * HTTP/1.1\r\n${close}`, 400, 'bad_target'],
    ['what is not HTTP', 'HELLO\r\n\r\n', 400, 'malformed_http'],
    [
      '17 KB of header',
      `GET / HTTP/1.1\r\nX: ${'x'.repeat(17_000)}\r\n${close}`,
      431,
      'header_too_large',
    ],
    ['101 fields', `GET / HTTP/1.1\r\n${'X: y\r\n'.repeat(101)}${close}`, 431, 'header_too_large'],
    [
      'length and transfer coding together',
      `POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n${close}`,
      400,
      'malformed_http',
    ],
  ])('refuses %s', async (_, text, status, code) => {
    const { address } = await start(echo());
    const answer = await exchange(address.port, text);
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(answer.toLowerCase()).toContain('content-type: application/problem+json');
    expect(answer).toContain(`"code":"${code}"`);
  });

  test.each([
    ['no Host field', 'GET /healthz HTTP/1.0\r\n\r\n'],
    ['an empty one', 'GET /healthz HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n'],
    ['one that is no host', 'GET /healthz HTTP/1.1\r\nHost: a b/\r\nConnection: close\r\n\r\n'],
  ])('answers a health probe with %s', async (_, text) => {
    const { address } = await start(echo());
    expect(await exchange(address.port, text)).toMatch(/^HTTP\/1.1 200 .*alive$/s);
  });

  test('answers requests of one connection in their order, and cuts off who sends too many at once', async () => {
    const { address } = await start(echo());
    const request = (n: number) => `GET /echo/${n} HTTP/1.1\r\nHost: node.example\r\n\r\n`;
    const few = Array.from({ length: 20 }, (_, i) => request(i)).join('');
    const answers = await exchange(address.port, `${few}GET /echo/last HTTP/1.1\r\n${close}`);
    expect(answers.match(/"path":"\/echo\/\w+"/g)?.at(-1)).toBe('"path":"/echo/last"');
    const flood = exchange(address.port, request(0).repeat(1_000)).catch(() => '');
    expect((await flood).match(/HTTP\/1.1 200/g)?.length ?? 0).toBeLessThan(100);
  });

  test('answers a refused body at once and does not wait for it', async () => {
    const { address } = await start(echo());
    const head = 'POST /refused HTTP/1.1\r\nHost: node.example\r\nContent-Length: 200000\r\n\r\n';
    const answer = await exchange(address.port, head);
    expect(answer).toContain('"code":"signature_missing"');
    expect(answer.toLowerCase()).toContain('connection: close');
  });

  test('gets its refusal to a sender that goes on sending', async () => {
    const { address } = await start(echo());
    const body = 'x'.repeat(2_000_000);
    const head = `POST /refused HTTP/1.1\r\nHost: node.example\r\nContent-Length: ${body.length}\r\n\r\n`;
    expect(await exchange(address.port, head + body)).toContain('"code":"signature_missing"');
  });

  test('does not ask for a body that it refuses', async () => {
    const { address } = await start(echo());
    const head =
      'POST /refused HTTP/1.1\r\nHost: node.example\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n';
    expect(await exchange(address.port, head)).toMatch(/^HTTP\/1.1 403 /);
  });

  test('gives up on a header section that does not come', async () => {
    const { address } = await start(echo(), { headersTimeout: 200 });
    const answer = await exchange(address.port, 'GET / HTTP/1.1\r\nHost: node.example\r\n');
    expect(answer).toContain('"code":"request_timeout"');
  });

  test('gives up on a reader who stops reading', async () => {
    const app = new Hono<Edge>();
    const { promise: cut, resolve: cancelled } = Promise.withResolvers<void>();
    const endless = () =>
      new ReadableStream({
        pull: (controller) => controller.enqueue(new Uint8Array(65_536)),
        cancel: cancelled,
      });
    app.get('/endless', () => new Response(endless()));
    const { address } = await start(app, { idleTimeout: 300 });
    const socket = connect(address.port, '127.0.0.1').pause();
    socket.on('error', () => undefined);
    socket.write('GET /endless HTTP/1.1\r\nHost: node.example\r\n\r\n');
    await cut;
    expect(socket.bytesRead).toBeLessThan(10_000_000);
    socket.destroy();
  });

  test('lets a running request finish when it closes', async () => {
    const app = new Hono<Edge>();
    const { promise: running, resolve: started } = Promise.withResolvers<void>();
    app.get('/slow', async (c) => {
      started();
      await new Promise((resolve) => setTimeout(resolve, 100));
      return c.text('finished');
    });
    const { address, close: stop } = await start(app);
    const answer = exchange(address.port, 'GET /slow HTTP/1.1\r\nHost: node.example\r\n\r\n');
    await running;
    await stop(5_000);
    expect(await answer).toContain('finished');
  });
});
