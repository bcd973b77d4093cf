// Turns on one connection: what runs when, and what never runs.
import { connect, type Socket } from 'node:net';
import { Hono } from 'hono';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Edge } from './edge.ts';
import { type EdgeServer, startServer } from './server.ts';

const log = { debug() {}, info() {}, warn() {}, error() {} };
const ask = (path: string) => `GET ${path} HTTP/1.1\r\nHost: node.example\r\n\r\n`;
let server: EdgeServer;
let events: string[];
/** Lets the requests for /held go on. */
let release: () => void;

beforeEach(async () => {
  events = [];
  const held = Promise.withResolvers<void>();
  release = held.resolve;
  const app = new Hono<Edge>();
  app.get('/held', async (c) => {
    events.push('held begins');
    await held.promise;
    events.push('held ends');
    return c.text('held');
  });
  app.get('/quick', (c) => {
    events.push('quick');
    return c.text('quick');
  });
  const origin = 'http://node.example';
  server = await startServer({ app, origin, host: '127.0.0.1', port: 0, log });
});
afterEach(() => server.close(0));

function open(text: string): { socket: Socket; received: () => string } {
  let received = '';
  const socket = connect(server.address.port, '127.0.0.1', () => socket.write(text));
  socket
    .on('error', () => undefined)
    .on('data', (chunk) => {
      received += chunk;
    });
  return { socket, received: () => received };
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
}
const aMoment = () => new Promise((resolve) => setTimeout(resolve, 50));

test('a request begins when the one before it is answered', async () => {
  const { socket, received } = open(ask('/held') + ask('/quick'));
  await until(() => events.length > 0);
  await aMoment();
  expect(events).toEqual(['held begins']);
  release();
  await until(() => received().endsWith('quick'));
  expect(events).toEqual(['held begins', 'held ends', 'quick']);
  socket.destroy();
});

test('connections do not wait for each other', async () => {
  const held = open(ask('/held'));
  await until(() => events.length > 0);
  const quick = open(ask('/quick'));
  await until(() => quick.received().endsWith('quick'));
  expect(events).toEqual(['held begins', 'quick']);
  release();
  await until(() => held.received().endsWith('held'));
  held.socket.destroy();
  quick.socket.destroy();
});

test('nothing begins for a sender who has gone', async () => {
  const { socket } = open(ask('/held') + ask('/quick'));
  await until(() => events.length > 0);
  socket.resetAndDestroy();
  await aMoment();
  release();
  await until(() => events.length > 1);
  await aMoment();
  expect(events).toEqual(['held begins', 'held ends']);
});

test('what cannot be read is answered last', async () => {
  const { socket, received } = open(`${ask('/held') + ask('/quick')}HELLO\r\n\r\n${ask('/quick')}`);
  const closed = new Promise((resolve) => socket.once('close', resolve));
  await until(() => events.length > 0);
  await aMoment();
  expect(received()).toBe('');
  release();
  await closed;
  expect(events).toEqual(['held begins', 'held ends', 'quick']);
  expect(received().match(/HTTP\/1\.1 \d+/g)).toEqual([
    'HTTP/1.1 200',
    'HTTP/1.1 200',
    'HTTP/1.1 400',
  ]);
});
