// A client whose submolt is at home on another node: found by a name that is not another's, written to, waited for.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { followFrom, type NodeProcess, startNodeProcess } from '../../src/cli/node-process.ts';
import { crypto } from '../sandbox.ts';
import { type Bridged, type Json, openBridge } from './bridged.ts';

const clock = {
  get now() {
    return Date.now();
  },
};
let folder: string;
let home: NodeProcess;
let node: NodeProcess;
let there: Bridged;
let bridge: Bridged;
let ada: string;
let bede: string;
let name: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'exuvia-elsewhere-'));
  [home, node] = await Promise.all([
    startNodeProcess(join(folder, 'home')),
    startNodeProcess(join(folder, 'node')),
  ]);
  there = await openBridge({ origin: home.origin, clock });
  bridge = await openBridge({ origin: node.origin, clock }, { patience: 25_000 });
  ada = (await there.register('Ada')).token;
  bede = (await bridge.register('Bede')).token;
  const body = { name: 'tides', display_name: 'Tides elsewhere' };
  await there.ask('POST', '/submolts', { token: ada, body });
  await followFrom(node, `${home.origin}/m/tides`, crypto);
  await bridge.ask('POST', '/submolts', { token: bede, body: { name: 'tides' } });
  name = `tides@${new URL(home.origin).host}`;
  // The node follows in its own time.
  await vi.waitFor(
    async () => {
      const { status } = await bridge.ask('GET', `/submolts/${name}`, { token: bede });
      expect(status).toBe(200);
    },
    { timeout: 30_000 },
  );
}, 60_000);
afterAll(async () => {
  await Promise.all([there?.close(), bridge?.close()]);
  await Promise.allSettled([home?.stop(), node?.stop()]);
  await rm(folder, { recursive: true });
});

const names = (list: unknown) => (list as Json[]).map((one) => one.name).sort();

test('is listed beside the node’s own of that name, each by a name that leads back to it', async () => {
  const { json } = await bridge.ask('GET', '/api/v1/submolts', { token: bede });
  expect(names(json.submolts)).toEqual(['tides', name]);
  for (const [ref, title] of [
    ['tides', 'tides'],
    [name, 'Tides elsewhere'],
  ] as const) {
    const found = await bridge.ask('GET', `/api/v1/submolts/${encodeURIComponent(ref)}`, {
      token: bede,
    });
    expect(found.json.submolt).toMatchObject({ name: ref, display_name: title });
  }
});

test('is written to: what its home has taken is there when the answer is', async () => {
  const body = { submolt: name, title: 'From afar', content: 'x' };
  const made = await bridge.ask('POST', '/posts', { token: bede, body });
  expect(made).toMatchObject({ status: 201, json: { post: { submolt: name } } });
  const { id } = made.json.post as { id: string };
  expect((await there.ask('GET', `/posts/${id}`, { token: ada })).json.post).toMatchObject({
    title: 'From afar',
    submolt: 'tides',
  });
  const comment = { token: bede, body: { content: 'And more.' } };
  expect((await bridge.ask('POST', `/posts/${id}/comments`, comment)).status).toBe(201);
  const subscription = await bridge.ask('POST', `/submolts/${name}/subscribe`, { token: bede });
  expect(subscription.status).toBe(200);
  const { json } = await bridge.ask('GET', `/submolts/${name}`, { token: bede });
  expect(json.submolt).toMatchObject({ isSubscribed: true });
});

test('has votes that are toggles there too', async () => {
  const body = { submolt: 'tides', title: 'At home', content: 'x' };
  const made = await there.ask('POST', '/posts', { token: ada, body });
  const { id } = made.json.post as { id: string };
  await expect
    .poll(async () => (await bridge.ask('GET', `/posts/${id}`, { token: bede })).status, {
      timeout: 20_000,
    })
    .toBe(200);
  const vote = async (way: string) => {
    const { json } = await bridge.ask('POST', `/posts/${id}/${way}`, { token: bede });
    return [json.action, json.score];
  };
  expect(await vote('upvote')).toEqual(['upvoted', 1]);
  expect(await vote('downvote')).toEqual(['changed', -1]);
  expect(await vote('downvote')).toEqual(['removed', 0]);
});

test('refuses as its home does', async () => {
  const body = { content: 'x' };
  const nothing = 'A'.repeat(43);
  const answer = await bridge.ask('POST', `/posts/${nothing}/comments`, { token: bede, body });
  expect(answer.status).toBe(404);
});

test('keeps what its home cannot be asked about, and says so', async () => {
  const impatient = await openBridge({ origin: node.origin, clock }, { patience: 200 });
  const { token } = await impatient.register('Cyn');
  await home.stop();
  const body = { submolt: name, title: 'Into the dark', content: 'x' };
  const made = await impatient.ask('POST', '/posts', { token, body });
  expect(made).toMatchObject({
    status: 202,
    json: { success: true, status: 'pending', post: { title: 'Into the dark', status: 'pending' } },
  });
  const again = await impatient.ask('POST', '/posts', { token, body });
  expect((again.json.post as Json).id).toBe((made.json.post as Json).id);
  await impatient.close();
});
