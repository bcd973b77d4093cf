// Too many connections, readers who do not read, and bodies by the hundred: the others are served meanwhile.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { Hono } from 'hono';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Edge, EdgeApp } from '../../src/http/edge.ts';
import type { Logger } from '../../src/http/logger.ts';
import { type EdgeServer, type ServerOptions, startServer } from '../../src/http/server.ts';
import { streamed } from '../../src/http/stream.ts';
import { createAddressReader } from '../../src/net/client-address.ts';
import { integer } from '../../src/store/database.ts';
import { Agent } from '../sandbox.ts';
import { HttpNode, POSTED } from './http-node.ts';
import { message, RawConnection } from './raw-connection.ts';

const log: Logger = { debug() {}, info() {}, warn() {}, error() {} };
const GET = message('GET / HTTP/1.1', ['Host: 127.0.0.1:1']);
const addresses = createAddressReader({ proxies: [], field: 'forwarded', behindProxy: false });
const closing: (() => unknown)[] = [];
let counted: Record<string, number>;
let server: EdgeServer;

beforeEach(() => {
  counted = {};
});
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const count = (what: string) => {
  counted[what] = (counted[what] ?? 0) + 1;
};

async function listen(options: Partial<ServerOptions>, app: EdgeApp = hello()): Promise<void> {
  const metrics = {
    turnedAway: count,
    cutOff: () => count('slow'),
    unroutable() {},
    transferred() {},
  };
  const place = { host: '127.0.0.1', port: 0, origin: 'http://127.0.0.1:1' };
  server = await startServer({ app, log, metrics, ...place, ...options });
  closing.push(() => server.close(0));
}

function hello(): EdgeApp {
  return new Hono<Edge>().get('/', (c) => c.text('hello')) as EdgeApp;
}

/** Comes from any of the loopback addresses. */
function open(localAddress = '127.0.0.1'): Socket {
  const { port } = server.address;
  const socket = connect({ port, host: '127.0.0.1', localAddress });
  closing.push(() => socket.destroy());
  return socket.on('error', () => undefined);
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
}

describe('connections', () => {
  test('from one address are so many, and others come in', async () => {
    await listen({ connections: { total: null, perAddress: 5, addresses } });
    const held = Array.from({ length: 5 }, () => open().on('data', () => undefined));
    await Promise.all(held.map((socket) => once(socket, 'connect')));
    const sixth = open();
    await once(sixth, 'close');
    expect(counted).toEqual({ address: 1 });
    const other = open('127.0.0.2');
    other.write(GET);
    expect(String(await once(other, 'data'))).toContain('hello');
    held[0]?.destroy();
    // As soon as the server has seen that.
    for (let served = false; !served; ) {
      const again = open();
      again.write(GET);
      served = await Promise.race([
        once(again, 'data').then(() => true),
        once(again, 'close').then(() => false),
      ]);
    }
  });

  test('in all are so many, and those that wait for nothing give way', async () => {
    await listen({ connections: { total: 20, perAddress: null, addresses } });
    const idle = Array.from({ length: 19 }, () => open());
    for (const socket of idle) socket.write(GET);
    await Promise.all(idle.map((socket) => once(socket, 'data')));
    const closed = Promise.all(idle.map((socket) => once(socket, 'close')));
    const slow = Array.from({ length: 2 }, () => open());
    for (const socket of slow) socket.write('GET / HTTP/1.1\r\n');
    await closed;
    expect(counted).toEqual({});
    const more = Array.from({ length: 30 }, () => open());
    for (const socket of more) socket.write('GET / HTTP/1.1\r\n');
    await until(() => (counted.total ?? 0) >= 11);
    expect(counted).toEqual({ total: 11 });
  });

  test('that are floods of header fields end, and leave nothing behind', async () => {
    await listen({ connections: { total: 500, perAddress: 500, addresses } });
    const flood = 'X-A: b\r\n'.repeat(10_000);
    const floods = Array.from({ length: 100 }, () => {
      const socket = open().resume();
      socket.write(`GET / HTTP/1.1\r\n${flood}`);
      return once(socket, 'close');
    });
    await Promise.all(floods);
    const quick = open();
    quick.write(GET);
    expect(String(await once(quick, 'data'))).toContain('hello');
  });
});

describe('an answer', () => {
  const chunk = new Uint8Array(1_000_000);
  let made = 0;
  const endless = () => {
    made = 0;
    async function* chunks() {
      for (; made < 2_000; made++) yield chunk;
    }
    return new Hono<Edge>().get('/', (c) => streamed(c, log, chunks(), {})) as EdgeApp;
  };
  const slowest = { bytesPerSecond: 10_000_000, windowMs: 100, everyMs: 10 };

  test('is broken off for who does not take it', async () => {
    await listen({ slowest }, endless());
    const reader = open();
    reader.write(GET);
    reader.pause();
    await until(() => counted.slow === 1);
    // Not more was made than the buffers on the way hold.
    expect(made).toBeLessThan(100);
  });

  test('is not broken off for who waits while it is being made', async () => {
    async function* drops() {
      for (let i = 0; i < 10; i++) {
        await new Promise((resolve) => setTimeout(resolve, 40));
        yield new Uint8Array(1);
      }
    }
    const app = new Hono<Edge>().get('/', (c) => streamed(c, log, drops(), {})) as EdgeApp;
    await listen({ slowest }, app);
    const reader = new RawConnection(server.address.port).write(GET);
    expect((await reader.answer())?.status).toBe(200);
    reader.end();
    expect(counted).toEqual({});
  });
});

describe('a node', () => {
  const ada = new Agent('ada');

  test('has room for so many bodies of one caller, and for those of others beside', async () => {
    const node = await HttpNode.open({ rates: {}, bodies: { total: 400_000, each: 250_000 } });
    closing.push(() => node.close());
    const begin = (agent: Agent) => {
      const signed = node.sign(agent, '/api/v1/activities', { ...POSTED, body: '{}' });
      const fields = Object.entries(signed).map(([name, value]) => `${name}: ${value}`);
      const host = `Host: ${node.context.node.authority}`;
      return new RawConnection(node.server.address.port).write(
        message('POST /api/v1/activities HTTP/1.1', [host, ...fields, 'Content-Length: 200000']),
      );
    };
    const slow = begin(ada);
    let answer = null;
    // Beside the first one, as soon as that has been let in.
    for (let second = begin(ada); answer === null; second = begin(ada)) {
      answer = await Promise.race([
        second.answer(),
        new Promise<null>((done) => setTimeout(done, 50, null)),
      ]);
      second.end();
    }
    expect(answer).toMatchObject({ status: 503, code: 'overloaded' });
    slow.end();
    await slow.closed;
  });

  test('says before the first byte that an archive cannot be whole', async () => {
    const node = await HttpNode.open();
    closing.push(() => node.close());
    await node.accept(ada, { type: 'Update', object: { type: 'Service', name: 'Ada' } });
    const path = '/log/system/archive';
    expect((await node.send(path)).status).toBe(200);
    await node.context.db.batch('write', [
      {
        sql: 'UPDATE entries SET salt = NULL, erased_by = ? WHERE idx = 1',
        args: [integer(7)],
      },
    ]);
    const { headers, json, status } = await node.send(path);
    expect([status, json.code, headers.get('retry-after')]).toEqual([503, 'log_held', '60']);
  });

  test('keeps no address from an archive because of another', async () => {
    const node = await HttpNode.open({ rates: {}, proxies: ['127.0.0.1'] });
    closing.push(() => node.close());
    const path = '/log/system/archive';
    const ask = (address: string) => {
      const fields = [`Host: ${node.context.node.authority}`, `X-Forwarded-For: ${address}`];
      const socket = connect(node.server.address.port, '127.0.0.1');
      socket.pause().write(message(`GET ${path} HTTP/1.1`, fields));
      closing.push(() => socket.destroy());
      return socket;
    };
    const download = async (address: string) =>
      (await node.send(path, { headers: { 'x-forwarded-for': address } })).status;
    // Whoever holds their answers back holds two places at most, and the others are those of others.
    const readers = Array.from({ length: 20 }, () => ask('192.0.2.1'));
    expect(await download('192.0.2.2')).toBe(200);
    expect(readers).toHaveLength(20);
  });
});
