// How long the server waits and how much it takes in: slow heads, slow bodies, and bodies nobody has asked for.
import { Hono } from 'hono';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { authenticate } from '../../src/http/authenticate.ts';
import type { Edge } from '../../src/http/edge.ts';
import { startServer } from '../../src/http/server.ts';
import type { FoundRequestKey } from '../../src/protocol/request-signature.ts';
import { signRequest } from '../../src/protocol/request-signature.ts';
import { Agent, crypto } from '../sandbox.ts';
import { dumpDatabase } from './database-dump.ts';
import { HttpNode, POSTED } from './http-node.ts';
import { message, RawConnection } from './raw-connection.ts';

const PATH = '/api/v1/activities';
const ada = new Agent('ada');
const MEGABYTE = 'x'.repeat(1_048_576);
let node: HttpNode;

beforeAll(async () => {
  node = await HttpNode.open({ limits: { headersTimeout: 300, requestTimeout: 600 } });
});
afterAll(() => node.close());

const host = () => `Host: ${node.context.node.authority}`;
const connect = () => new RawConnection(node.server.address.port);
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

function signedHead(...fields: string[]): string {
  const signed = node.sign(ada, PATH, { ...POSTED, body: '{}' });
  const own = Object.entries(signed).map(([name, value]) => `${name}: ${value}`);
  return message(`POST ${PATH} HTTP/1.1`, [host(), ...own, ...fields]);
}

/** Writes the text a few bytes at a time until the other side has had enough. */
async function drip(connection: RawConnection, text: string): Promise<void> {
  const over = connection.closed.then(() => true);
  for (const byte of text) {
    connection.write(byte);
    if (await Promise.race([over, pause(40)])) return;
  }
}

describe('time', () => {
  test.each<[string, string]>([
    ['nothing at all', ''],
    ['a request line without an end', 'GET /healthz'],
    ['a head without an end', 'GET /healthz HTTP/1.1\r\nX-A: b\r\n'],
  ])('runs out for a connection that brings %s', async (_, text) => {
    const connection = connect().write(text);
    expect(await connection.answer()).toMatchObject({ status: 408, code: 'request_timeout' });
    await connection.closed;
  });

  test('runs out for a head that drips', async () => {
    const connection = connect();
    await drip(connection, `GET /healthz HTTP/1.1\r\n${'X-A: b\r\n'.repeat(100)}`);
    expect((await connection.answer())?.code).toBe('request_timeout');
  });

  test.each<[string, () => string, string]>([
    ['shorter than its length', () => signedHead('Content-Length: 20'), '{}'],
    ['without a last chunk', () => signedHead('Transfer-Encoding: chunked'), '2\r\n{}\r\n'],
    ['that drips', () => signedHead('Content-Length: 200'), 'x'.repeat(200)],
  ])('runs out for a signed body %s, and leaves no trace', async (_, head, body) => {
    const before = await dumpDatabase(node.context.db);
    const connection = connect().write(head());
    await drip(connection, body);
    expect(await connection.answer()).toMatchObject({ status: 408, code: 'request_timeout' });
    await connection.closed;
    expect(await dumpDatabase(node.context.db)).toEqual(before);
  });

  test('runs out for a second head, after the first request is answered', async () => {
    const connection = connect().write(`${message('GET /healthz HTTP/1.1', [host()])}GET /he`);
    expect((await connection.answer())?.status).toBe(200);
    expect((await connection.answer())?.code).toBe('request_timeout');
    await connection.closed;
  });

  test('does not run out for others meanwhile', async () => {
    const slow = Array.from({ length: 50 }, () => connect().write('GET /healthz HTTP/1.1\r\n'));
    const quick = connect().write(message('GET /healthz HTTP/1.1', [host(), 'Connection: close']));
    expect((await quick.answer())?.status).toBe(200);
    await Promise.all(slow.map(({ closed }) => closed));
  });

  test('runs out for who keeps a refused connection open', async () => {
    for (const text of ['HELLO\r\n\r\n', message('CONNECT a:1 HTTP/1.1', [])]) {
      const connection = connect().write(text);
      connection.socket.allowHalfOpen = true;
      expect((await connection.answer())?.status).toBe(400);
      await drip(connection, 'x'.repeat(100));
      await connection.closed;
    }
  });
});

describe('a body that has not been asked for', () => {
  const heads: [string, string, () => string][] = [
    ['unsigned', 'signature_missing', () => unsigned('Content-Length: 200000')],
    ['unsigned, in chunks', 'signature_missing', () => unsigned('Transfer-Encoding: chunked')],
    [
      'badly signed',
      'bad_signature',
      () => signedHead('Content-Length: 2').replace('nonce="', 'nonce="x'),
    ],
    ['over the cap', 'too_large', () => signedHead('Content-Length: 262145')],
  ];
  const unsigned = (field: string) =>
    message(`POST ${PATH} HTTP/1.1`, [host(), 'Content-Type: application/json', field]);

  test.each(heads)('is not waited for: %s', async (_, code, head) => {
    const connection = connect().write(head());
    // Not a byte of the body has been sent.
    const answer = await connection.answer();
    expect(answer?.code).toBe(code);
    expect(answer?.fields.get('connection')).toBe('close');
    await connection.closed;
  });

  test('may go on for a second, and is cut then', async () => {
    const connection = connect().write(unsigned('Transfer-Encoding: chunked'));
    const flood = setInterval(() => connection.write(`100000\r\n${MEGABYTE}\r\n`), 20);
    expect((await connection.answer())?.code).toBe('signature_missing');
    const answered = performance.now();
    await connection.closed;
    clearInterval(flood);
    expect(performance.now() - answered).toBeLessThan(10_000);
  });

  test('stays with its sender while the key of its signature is looked for', async () => {
    const looking = Promise.withResolvers<void>();
    const found = Promise.withResolvers<FoundRequestKey>();
    const lookupKey = () => {
      looking.resolve();
      return found.promise;
    };
    const origin = 'http://node.example';
    const app = new Hono<Edge>();
    const machine = { now: () => 60_000, random: (bytes: number) => new Uint8Array(bytes) };
    const enrolmentKeys = { published: lookupKey, held: lookupKey };
    const keys = { lookupKey, enrolmentKeys };
    app.use(authenticate({ origin, reads: 'signed', ...keys, crypto, ...machine }));
    app.post(PATH, (c) => c.json({ bytes: c.get('body').length }));
    const log = { debug() {}, info() {}, warn() {}, error() {} };
    const server = await startServer({ app, origin, host: '127.0.0.1', port: 0, log });

    const signatureAgent = 'https://slow.example.com/.well-known/did.json';
    const fields = signRequest(
      {
        method: 'POST',
        url: origin + PATH,
        body: new Uint8Array(),
        contentType: 'application/json',
      },
      { seed: ada.seed, signatureAgent, created: 50, expires: 90, nonce: 'n' },
      crypto,
    );
    const own = Object.entries(fields).map(([name, value]) => `${name}: ${value}`);
    const head = ['Host: node.example', ...own, 'Transfer-Encoding: chunked'];
    const connection = new RawConnection(server.address.port);
    connection.write(message(`POST ${PATH} HTTP/1.1`, head));
    await looking.promise;
    for (let i = 0; i < 64; i++) connection.write(`100000\r\n${MEGABYTE}\r\n`);
    // What the kernel holds for both sides is all that leaves: the queue here stops getting shorter.
    let left = 0;
    for (let rounds = 0; rounds < 10 || left !== connection.socket.writableLength; rounds++) {
      left = connection.socket.writableLength;
      await pause(50);
    }
    expect(left).toBeGreaterThan(48 * 1_048_576);
    found.resolve({ ok: false, reason: 'key_not_in_directory', detail: '', retryable: false });
    expect((await connection.answer())?.code).toBe('key_not_in_directory');
    connection.end();
    await server.close(0);
  });
});

test('none of this was a failure of the node', () => {
  expect(node.failures).toEqual([]);
});
