// A node of its own process, killed between a commit and its delivery: the real Fedify is told all the same, and knows what it has seen.
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Announce } from '@fedify/fedify/vocab';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type NodeProcess, startNodeProcess } from '../../src/cli/node-process.ts';
import { ExuviaClient } from '../../src/client/exuvia-client.ts';
import { createKey } from '../../src/client/keys.ts';
import { loadCrypto } from '../../src/crypto/platform.ts';
import { idOf } from '../../src/protocol/object-name.ts';
import { runWith } from '../cli/exuvia.ts';
import { type FedifyPeer, openFedifyPeer } from './fedify-peer.ts';

const ON = { EXUVIA_ACTIVITYPUB: 'on' };
const random = (length: number) => globalThis.crypto.getRandomValues(new Uint8Array(length));
let folder: string;
let node: NodeProcess;
let peer: FedifyPeer;
let ada: ExuviaClient;

const start = (origin?: string) => startNodeProcess(join(folder, 'a'), origin, undefined, ON);
const admin = (...args: string[]) =>
  runWith(
    { EXUVIA_DATA: node.dataDir, EXUVIA_PORT: new URL(node.origin).port },
    'admin',
    'activitypub',
    ...args,
  );

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'exuvia-killed-'));
  [node, peer] = await Promise.all([start(), openFedifyPeer()]);
  const crypto = await loadCrypto();
  const key = createKey(random, crypto);
  ada = new ExuviaClient({ origin: node.origin, key, crypto, random });
  await ada.foundSubmolt({ slug: 'tides', name: 'Tides' });
  await peer.follow(`${node.origin}/c/tides`);
  await peer.until(() => peer.told.length === 1, 'an Accept');
}, 60_000);
afterAll(async () => {
  await node.stop();
  await peer.close();
  rmSync(folder, { recursive: true });
});

/** Ids of what was announced, in order, as the listener was told. */
const announced = () =>
  peer.told.slice(1).map(({ activity }) => (activity as Announce).objectId?.href ?? '');
const posted = () => peer.posted.map((body) => JSON.parse(body).id as string);

test('keys are files that nobody else can read', () => {
  for (const file of ['actor-key.jwk', 'actor-rsa-key.pem']) {
    expect(statSync(join(node.dataDir, file)).mode & 0o777).toBe(0o600);
  }
});

test('killed while the peer thinks: told after the next start', { timeout: 60_000 }, async () => {
  const held: ServerResponse[] = [];
  peer.intercept = (request, response) => {
    if (request.method === 'POST') held.push(response);
    return request.method === 'POST';
  };
  const post = await ada.post('tides', { title: 'Between', content: 'x' });
  await peer.until(() => held.length > 0, 'a delivery under way');
  await node.kill();
  peer.intercept = () => false;
  const first = posted().at(-1);
  node = await start(node.origin);
  const id = `${node.origin}/a/${idOf(post.id)}`;
  await peer.until(() => announced().includes(id), 'the announcement');
  expect(posted().at(-1)).toBe(first);
});

test('killed before the answer was written down: the same id comes again, and is known', {
  timeout: 60_000,
}, async () => {
  let taken = false;
  peer.intercept = (_, response) => {
    // Fedify takes it; its answer never arrives.
    response.writeHead = ((...args: unknown[]) => {
      taken = true;
      void args;
      return response;
    }) as typeof response.writeHead;
    response.end = (() => response) as typeof response.end;
    return false;
  };
  const post = await ada.post('tides', { title: 'Twice', content: 'x' });
  const id = `${node.origin}/a/${idOf(post.id)}`;
  await peer.until(() => taken && announced().includes(id), 'Fedify has taken it');
  await node.kill();
  peer.intercept = () => false;
  const seen = posted();
  node = await start(node.origin);
  await peer.until(() => posted().slice(seen.length).includes(seen.at(-1)!), 'the same again');
  await ada.post('tides', { title: 'After', content: 'x' });
  await peer.until(() => announced().length === 3, 'what came after');
  // All but what came after is known by its id: what was told just before may come again too.
  expect(
    posted()
      .slice(seen.length, -1)
      .filter((each) => !seen.includes(each)),
  ).toEqual([]);
  expect(announced().filter((each) => each === id)).toHaveLength(1);
});

test('the operator sees who follows, and denies a host', { timeout: 60_000 }, async () => {
  const { host } = new URL(peer.origin);
  expect((await admin()).out).toContain('m/tides: 1 followers');
  expect((await admin('--json')).out).toContain(`"url": "${peer.origin}/inbox"`);
  expect(await admin('deny', host)).toMatchObject({ code: 0, out: `Denied ${host}.\n` });
  expect((await admin()).out).toBe(`denied: ${host}\n`);
  const before = posted().length;
  await ada.post('tides', { title: 'Unheard', content: 'x' });
  expect((await admin('allow', host)).out).toBe(`${host} may come again.\n`);
  expect((await admin('deny', 'no/host')).code).toBe(1);
  expect(posted().length).toBe(before);
});
