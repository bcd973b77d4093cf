// What a client is told when the node itself fails, and what is kept for the operator.
import { request } from 'node:http';
import { Hono } from 'hono';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { CommandError } from '../commands/error.ts';
import { StoreError } from '../store/error.ts';
import type { Edge } from './edge.ts';
import { answerFailure } from './failure.ts';
import type { Logger } from './logger.ts';
import { mount } from './mount.ts';
import { integer } from './parameters.ts';
import { type EdgeServer, startServer } from './server.ts';
import { streamed } from './stream.ts';

const logged: { level: string; fields: object }[] = [];
const log = Object.fromEntries(
  ['debug', 'info', 'warn', 'error'].map((level) => [
    level,
    (fields: object) => logged.push({ level, fields }),
  ]),
) as unknown as Logger;

let server: EdgeServer;

async function* torn(): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode('first line\n');
  throw new Error('secret: disk path');
}

beforeAll(async () => {
  const app = new Hono<Edge>();
  app.onError(answerFailure(log, (bytes) => new Uint8Array(bytes).fill(0xab)));
  const failing: Record<string, () => Error> = {
    crash: () => new TypeError('secret: internals'),
    overloaded: () => new CommandError('overloaded', 'too many submissions are waiting'),
    closed: () => new CommandError('closed', 'the node is shutting down'),
    failed: () => new CommandError('failed', 'secret: internals'),
    busy: () => new StoreError('busy', 'secret: internals'),
    cursor: () => new StoreError('cursor_invalid', 'no cursor'),
    corrupt: () => new StoreError('corrupt', 'secret: internals'),
  };
  for (const [path, make] of Object.entries(failing)) {
    mount(app, `/${path}`, {
      GET: () => {
        throw make();
      },
    });
  }
  mount(app, '/number', {
    GET: (c) => c.json(integer(c, 'n', { min: 0, max: 9 })),
  });
  mount(app, '/torn', { GET: (c) => streamed(c, log, torn(), {}) });
  const origin = 'http://127.0.0.1';
  server = await startServer({ app, origin, host: '127.0.0.1', port: 0, log });
});
afterAll(() => server.close(0));
beforeEach(() => {
  logged.length = 0;
});

/** The server's origin has no port, so Host has to be said. */
function get(
  path: string,
): Promise<{ status: number; body: Record<string, unknown>; text: string }> {
  return new Promise((resolve, reject) => {
    const { port } = server.address;
    const options = { port, host: '127.0.0.1', path, headers: { host: '127.0.0.1' } };
    request(options, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('error', reject);
      incoming.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        resolve({ status: incoming.statusCode ?? 0, body: JSON.parse(text), text });
      });
    })
      .on('error', reject)
      .end();
  });
}

describe('a failure', () => {
  test.each(['crash', 'failed', 'corrupt'])(
    'of kind %s is an incident, its details in the log alone',
    async (path) => {
      const { status, body, text } = await get(`/${path}`);
      expect({ status, code: body.code }).toEqual({ status: 500, code: 'internal' });
      expect(body.instance).toBe('urn:exuvia:incident:abababababababab');
      expect(text).not.toContain('secret');
      expect(logged).toMatchObject([{ level: 'error', fields: { incident: 'abababababababab' } }]);
    },
  );

  test.each([
    ['overloaded', 503, 'overloaded'],
    ['closed', 503, 'not_ready'],
    ['busy', 503, 'storage_unavailable'],
    ['cursor', 400, 'bad_parameter'],
    ['number?n=10', 400, 'bad_parameter'],
    ['number', 400, 'bad_parameter'],
  ])('of kind %s says what to do', async (path, status, code) => {
    const { body, text } = await get(`/${path}`);
    expect(body).toMatchObject({ status, code, retryable: status === 503 });
    expect(text).not.toContain('secret');
  });

  test('in the middle of an answer cuts the connection, so that nobody takes it for whole', async () => {
    await expect(get('/torn')).rejects.toThrow();
    expect(logged).toMatchObject([{ level: 'error', fields: { path: '/torn' } }]);
  });
});
