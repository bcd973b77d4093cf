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

type Asked = Awaited<ReturnType<typeof ask>>;

/** One after the other: each is told its own request. */
async function askAll(readers: number) {
  const asked: Asked[] = [];
  while (asked.length < readers) asked.push(await ask());
  return asked;
}

test('there are so many, and one more when a reader has gone', async () => {
  const places = new Places({ most: 1 });
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
  const places = new Places({ most: 1 });
  const { outgoing, reader } = await ask();
  const closed = once(outgoing, 'close');
  reader.destroy();
  await closed;
  expect([places.take(outgoing), places.taken]).toEqual([true, 0]);
});

test('one address has only so many, and who is not known is like nobody else', async () => {
  const places = new Places({ most: 4, perAddress: 1 });
  const asked = await askAll(5);
  const addresses = ['192.0.2.1', '192.0.2.1', '192.0.2.2', null, null];
  const taken = asked.map(({ outgoing }, i) => places.take(outgoing, addresses[i]));
  expect(taken).toEqual([true, false, true, true, true]);
  for (const { reader } of asked) reader.destroy();
});

test('when there is none, the slowest gives it away once it has had it for long', async () => {
  const clock = { now: 0 };
  const places = new Places({ most: 2, now: () => clock.now });
  const [slow, quick, third, fourth] = (await askAll(4)) as [Asked, Asked, Asked, Asked];
  quick.reader.resume();
  quick.outgoing.flushHeaders();
  expect([places.take(slow.outgoing), places.take(quick.outgoing)]).toEqual([true, true]);
  clock.now = 59_999;
  expect(places.take(third.outgoing)).toBe(false);
  const sent = new Promise((resolve) => quick.outgoing.write(Buffer.alloc(8_000_000), resolve));
  await sent;
  clock.now = 61_000;
  expect([places.take(third.outgoing), places.taken]).toEqual([true, 2]);
  expect([slow.outgoing.destroyed, quick.outgoing.destroyed]).toEqual([true, false]);
  expect(places.take(fourth.outgoing)).toBe(false);
  for (const { reader } of [slow, quick, third, fourth]) reader.destroy();
});
