// An agent whose key is rotated while the bridge runs goes on under the same token.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openAgentKey } from '../../src/cli/identity-files.ts';
import { type Ran, runHere } from '../cli/exuvia.ts';
import { HttpNode } from '../http/http-node.ts';
import { crypto } from '../sandbox.ts';
import { type Bridged, type Json, openBridge } from './bridged.ts';

let node: HttpNode;
let bridge: Bridged;
let home: string;
let key: string;

const run = async (...args: string[]): Promise<Ran> => {
  const ran = await runHere(home, ...args, '--key', key, '--node', node.origin);
  if (ran.code !== 0) throw new Error(ran.err);
  return ran;
};

beforeAll(async () => {
  node = await HttpNode.open();
  node.clock.now = Date.now();
  bridge = await openBridge(node);
  home = await mkdtemp(join(tmpdir(), 'exuvia-rotated-'));
  key = join(home, 'ada.jwk');
  await run('keygen', '--did', 'webvh');
});
afterAll(async () => {
  await bridge.close();
  await node.close();
  await rm(home, { recursive: true });
});

test('a key that was rotated signs from then on, in one chain with the one before', async () => {
  const { key: agent } = await openAgentKey(key, crypto);
  const { token } = await bridge.keyring.adopt(key, agent);
  await bridge.ask('POST', '/submolts', { token, body: { name: 'tides' } });
  const post = (title: string) =>
    bridge.ask('POST', '/posts', { token, body: { submolt: 'tides', title, content: 'x' } });
  expect((await post('before')).status).toBe(201);
  await run('key', 'rotate');
  const after = await post('after');
  expect(after.status).toBe(201);
  const { json } = await bridge.ask('GET', '/api/v1/posts?sort=new', { token });
  const ids = (json.posts as Json[]).map(({ id }) => id);
  const acts = await Promise.all(
    ids.map(async (id) => (await node.send(`/.well-known/ni/sha-256/${id}`)).json),
  );
  const [second, first] = acts as [Json, Json];
  expect(second.seq).toBe((first.seq as number) + 1);
  expect((second.proof as Json).verificationMethod).not.toBe(
    (first.proof as Json).verificationMethod,
  );
});
