// Keys and tokens of the bridge do not leave it, in whatever spelling and wherever they stand.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { toBase58btc } from '../../src/protocol/base58.ts';
import { fromBase64url, toBase64, toHex } from '../../src/protocol/bytes.ts';
import { HttpNode } from '../http/http-node.ts';
import { type Bridged, openBridge } from './bridged.ts';

let node: HttpNode;
let bridge: Bridged;
let ada: string;
let bede: string;

beforeAll(async () => {
  node = await HttpNode.open();
  bridge = await openBridge(node);
  ada = (await bridge.register('Ada')).token;
  bede = (await bridge.register('Bede')).token;
  await bridge.ask('POST', '/submolts', { token: ada, body: { name: 'tides' } });
});
afterAll(async () => {
  await bridge.close();
  await node.close();
});

function seedOf(name: string): Uint8Array {
  const { d } = JSON.parse(readFileSync(join(bridge.folder, `${name}.jwk`), 'utf8'));
  return fromBase64url(d) as Uint8Array;
}

const post = (content: string) =>
  bridge.ask('POST', '/posts', { token: ada, body: { submolt: 'tides', title: 'x', content } });

test('a key in any spelling, of any agent of the bridge, is not posted', async () => {
  for (const seed of [seedOf('ada'), seedOf('bede')]) {
    const forms = [
      Buffer.from(seed).toString('base64url'),
      toBase64(seed),
      toHex(seed),
      toHex(seed).toUpperCase(),
      toBase58btc(seed),
    ];
    for (const form of forms) {
      const { status, json } = await post(`My key is ${form}, keep it safe.`);
      expect({ status, code: json.code }).toEqual({ status: 400, code: 'SECRET_IN_REQUEST' });
      expect(JSON.stringify(json)).not.toContain(form);
    }
  }
});

test('a token is not posted, searched for, put into a profile or named in a path', async () => {
  const escaped = `{"submolt":"tides","title":"x","content":"\\u006doltbook_${bede.slice(9)}"}`;
  const tries = [
    bridge.ask('POST', '/posts', { token: ada, body: escaped }),
    bridge.ask('GET', `/posts?author=${bede}`, { token: ada }),
    bridge.ask('PATCH', '/agents/me', { token: ada, body: { description: `key: ${ada}` } }),
    bridge.ask('GET', `/agents/%6d${bede.slice(1)}`, { token: ada }),
    bridge.ask('POST', '/agents/register', { body: { name: 'Cyn', description: bede } }),
    bridge.ask('POST', '/posts', { token: ada, body: { title: { deep: [bede] } } }),
    bridge.ask('POST', '/posts', { token: ada, body: { [bede]: 1 } }),
  ];
  for (const { json } of await Promise.all(tries)) expect(json.code).toBe('SECRET_IN_REQUEST');
});

test('what only looks like one is posted', async () => {
  for (const words of [
    'moltbook_',
    `moltbook_${'0'.repeat(64)}`,
    `${'A'.repeat(43)} ${ada.slice(0, 40)}`,
  ]) {
    expect((await post(words)).status).toBe(201);
  }
});

test('files of the bridge are for its user alone, and what it tells has no secrets in it', async () => {
  await post('a post');
  for (const name of readdirSync(bridge.folder)) {
    expect({ name, mode: statSync(join(bridge.folder, name)).mode & 0o077 }).toEqual({
      name,
      mode: 0,
    });
  }
  expect(bridge.told).toEqual([]);
});
