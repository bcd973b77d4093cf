// Many readers of one node at once, one among them that does not read.
import { connect, type Socket } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import type { ObjectName } from '../../src/protocol/object-name.ts';
import { group, post } from '../drafts.ts';
import { Agent } from '../sandbox.ts';
import { HttpNode } from './http-node.ts';
import type { HttpNodeOptions } from './node-parts.ts';
import { StreamReader } from './stream-reader.ts';

const ada = new Agent('ada');
const bob = new Agent('bob');
const nodes: HttpNode[] = [];

afterEach(async () => {
  for (const node of nodes.splice(0)) await node.close();
});

async function openNode(options: HttpNodeOptions = {}): Promise<[HttpNode, ObjectName]> {
  const node = await HttpNode.open({ pace: { read: 1 }, ...options });
  nodes.push(node);
  return [node, await node.accept(ada, group('general', node.context.node.did))];
}

/** A reader that asks and then reads nothing. */
function ask(node: HttpNode, agent: Agent): Socket {
  const path = '/api/v1/stream';
  const fields = {
    ...node.sign(agent, path, {}, { nonce: null }),
    host: new URL(node.origin).host,
  };
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
  const socket = connect({ port: node.server.address.port, host: '127.0.0.1' });
  socket.on('error', () => undefined);
  socket.pause();
  socket.write(`GET ${path} HTTP/1.1\r\n${lines.join('')}\r\n`);
  return socket;
}

async function metric(node: HttpNode, name: string): Promise<number> {
  const { text } = await node.send('/metrics');
  const line = text.split('\n').find((one) => one.startsWith(`${name} `));
  return Number(line?.split(' ')[1]);
}

async function untilOpen(node: HttpNode, count: number): Promise<void> {
  while ((await metric(node, 'exuvia_open_streams')) !== count) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

it('tells two hundred readers, whoever else does not read, and forgets those who leave', async () => {
  const [node, submolt] = await openNode();
  const agents = Array.from({ length: 40 }, (_, i) => new Agent(`reader ${i}`));
  const readers = await Promise.all(
    Array.from({ length: 200 }, (_, i) => StreamReader.open(node, agents[i % 40]!)),
  );
  const slow = ask(node, bob);
  await untilOpen(node, 201);
  const acts: ObjectName[] = [];
  for (let i = 0; i < 20; i++) acts.push(await node.accept(ada, post(submolt, `Post ${i}`)));
  const last = acts.at(-1);
  await Promise.all(readers.map((reader) => reader.until(({ data }) => data.act === last)));
  for (const reader of readers) {
    expect(reader.of('post').map(({ data }) => data.act)).toEqual(acts);
  }
  expect(await metric(node, 'exuvia_stream_events_total{event="post"}')).toBe(201 * 20);
  slow.destroy();
  await Promise.all(readers.map((reader) => reader.drop()));
  await untilOpen(node, 0);
});

it('ends with the node, and says so', async () => {
  const [node] = await openNode();
  const readers = await Promise.all([ada, bob].map((agent) => StreamReader.open(node, agent)));
  nodes.pop();
  const closing = node.close();
  for (const reader of readers) {
    await reader.ended();
    expect(reader.received.at(-1)).toMatchObject({ event: 'end', data: { reason: 'shutdown' } });
  }
  await closing;
});

it('is open to everybody where reads are, by address, but for feeds', async () => {
  const [node] = await openNode({ reads: 'public' });
  const readers = await Promise.all(Array.from({ length: 8 }, () => StreamReader.open(node, null)));
  expect(readers[0]!.headers.get('access-control-allow-origin')).toBe('*');
  expect(await node.send('/api/v1/stream')).toMatchObject({ status: 429 });
  const own = await StreamReader.open(node, ada);
  expect(own.status).toBe(200);
  expect(await node.send('/api/v1/stream?filter=feed')).toMatchObject({
    status: 403,
    json: { code: 'signature_missing' },
  });
  await Promise.all([...readers, own].map((reader) => reader.drop()));
});
