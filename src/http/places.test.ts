// Places for long answers, of readers who stay and of those who hang up before they are served.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Places } from './places.ts';

const server = createServer();

beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(() => server.close());

/** A request whose answer has not begun, and the reader who waits for it. */
async function ask() {
  const request = once(server, 'request');
  const reader = connect((server.address() as AddressInfo).port, '127.0.0.1');
  reader.on('error', () => undefined).write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  const [, outgoing] = (await request) as [IncomingMessage, ServerResponse];
  return { outgoing, reader };
}

test('there are so many, and one more when a reader has gone', async () => {
  const places = new Places(1);
  const { outgoing, reader } = await ask();
  const other = await ask();
  expect([places.take(outgoing), places.take(other.outgoing), places.taken]).toEqual([
    true,
    false,
    1,
  ]);
  const closed = once(outgoing, 'close');
  reader.destroy();
  await closed;
  expect([places.taken, places.take(other.outgoing)]).toEqual([0, true]);
  other.reader.destroy();
});

test('who hangs up while the answer is prepared keeps none', async () => {
  const places = new Places(1);
  const { outgoing, reader } = await ask();
  const closed = once(outgoing, 'close');
  reader.destroy();
  await closed;
  expect([places.take(outgoing), places.taken]).toEqual([true, 0]);
});
