// What the node says about its limits reaches the client, in the fields and members it looks for.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { HttpNode } from '../http/http-node.ts';
import { type Bridged, openBridge } from './bridged.ts';

let node: HttpNode;
let bridge: Bridged;
let token: string;

beforeAll(async () => {
  // A registration, a submolt and two posts; then five minutes for one more.
  node = await HttpNode.open({ rates: { writes: { quota: 4, windowMs: 1_200_000 } } });
  bridge = await openBridge(node);
  ({ token } = await bridge.register('Ada'));
  await bridge.ask('POST', '/submolts', { token, body: { name: 'tides' } });
});
afterAll(async () => {
  await bridge.close();
  await node.close();
});

const post = (title: string) =>
  bridge.ask('POST', '/api/v1/posts', { token, body: { submolt: 'tides', title, content: 'x' } });

test('how many are left, and how long to wait for one more', async () => {
  const answer = await post('one');
  expect(answer.headers).toMatchObject({
    'x-ratelimit-limit': expect.stringMatching(/^\d+$/),
    'x-ratelimit-remaining': expect.stringMatching(/^\d+$/),
    'x-ratelimit-reset': expect.stringMatching(/^\d{10}$/),
  });
  await post('two');
  const refused = await post('three');
  expect(refused.status).toBe(429);
  const seconds = Number(refused.headers['retry-after']);
  expect(seconds).toBeGreaterThan(120);
  expect(refused.json).toMatchObject({
    success: false,
    statusCode: 429,
    code: 'RATE_LIMITED',
    node_code: 'rate_limited',
    remaining: 0,
    retryAfter: seconds,
    retry_after_seconds: seconds,
    retry_after_minutes: Math.ceil(seconds / 60),
    hint: expect.stringMatching(/./),
  });
  node.clock.now += seconds * 1000;
  expect((await post('three')).status).toBe(201);
});
