// A key that is rotated at one real node stops at another, which hears of it by itself, even if it was down meanwhile.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { followFrom, type NodeProcess, startNodeProcess } from '../../src/cli/node-process.ts';
import { connect } from '../../src/client/connection.ts';
import { ExuviaClient } from '../../src/client/exuvia-client.ts';
import { agentKeyOf, type IdentityKeys, memoryIdentity } from '../../src/client/identity.ts';
import { createIdentity, publishIdentity, rotateKey } from '../../src/client/identity-acts.ts';
import { createKey } from '../../src/client/keys.ts';
import { loadCrypto } from '../../src/crypto/platform.ts';
import type { Crypto } from '../../src/protocol/crypto.ts';
import { formatDateTime } from '../../src/protocol/date-time.ts';
import { scidOf } from '../../src/protocol/did.ts';
import { signObject } from '../../src/protocol/object.ts';
import type { ObjectName } from '../../src/protocol/object-name.ts';
import { post } from '../drafts.ts';

let crypto: Crypto;
let folder: string;
let a: NodeProcess;
let b: NodeProcess;
/** Founded on B, and followed by A. */
let reef: ObjectName;
let keys: IdentityKeys;

const random = (length: number) => globalThis.crypto.getRandomValues(new Uint8Array(length));
const contextAt = ({ origin }: NodeProcess, storage = memoryIdentity()) => ({
  storage,
  crypto,
  random,
  origin,
});

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 15_000;
  while (!(await holds().catch(() => false))) {
    if (Date.now() > end) throw new Error(`waited in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function versionAt({ origin }: NodeProcess, { did }: IdentityKeys): Promise<number> {
  const response = await fetch(`${origin}/dids/${scidOf(did)}/did.jsonl`);
  return response.ok ? (await response.text()).trimEnd().split('\n').length : 0;
}

/** Has B judge an object under these keys that somebody else brings. */
function bring(old: IdentityKeys): Promise<unknown> {
  const created = formatDateTime(Math.floor(Date.now() / 1000));
  const key = { ...agentKeyOf(old, crypto), created };
  const { bytes } = signObject(post(reef, `Brought ${Math.random()}`), key, crypto);
  const { send } = connect({ origin: b.origin, key: createKey(random, crypto), crypto });
  return send({ method: 'POST', path: '/api/v1/activities', body: bytes });
}

beforeAll(async () => {
  crypto = await loadCrypto();
  folder = await mkdtemp(join(tmpdir(), 'exuvia-announcements-'));
  a = await startNodeProcess(join(folder, 'a'));
  b = await startNodeProcess(join(folder, 'b'));
  const founder = new ExuviaClient({
    origin: b.origin,
    key: createKey(random, crypto),
    crypto,
    random,
  });
  reef = (await founder.foundSubmolt({ slug: 'reef', name: 'Reef' })).id;
  await followFrom(a, `${b.origin}/m/reef`, crypto);
  keys = await createIdentity(a.origin, contextAt(a));
  for (const node of [a, b]) await publishIdentity(agentKeyOf(keys, crypto), contextAt(node));
  await bring(keys);
}, 60_000);

afterAll(async () => {
  await Promise.all([a.stop(), b.stop()]);
  await rm(folder, { recursive: true });
});

test('a key that is rotated at A is refused by B within seconds, without any act', async () => {
  const old = keys;
  ({ keys } = await rotateKey(contextAt(a, memoryIdentity(old))));
  await until('B has been told', async () => (await versionAt(b, keys)) === 2);
  await expect(bring(old)).rejects.toMatchObject({ code: 'key_not_found' });
  await bring(keys);
}, 30_000);

test('B is told of what happened while it was down', async () => {
  const old = keys;
  await b.kill();
  ({ keys } = await rotateKey(contextAt(a, memoryIdentity(old))));
  expect(await versionAt(a, keys)).toBe(3);
  b = await startNodeProcess(b.dataDir, b.origin);
  await until('B has been told', async () => (await versionAt(b, keys)) === 3);
  await expect(bring(old)).rejects.toMatchObject({ code: 'key_not_found' });
  await bring(keys);
}, 60_000);

test('B keeps nothing of agents that have never been there', async () => {
  const stranger = await createIdentity(a.origin, contextAt(a));
  await publishIdentity(agentKeyOf(stranger, crypto), contextAt(a));
  await rotateKey(contextAt(a, memoryIdentity(stranger)));
  // What is told later has come, so this has come too.
  ({ keys } = await rotateKey(contextAt(a, memoryIdentity(keys))));
  await until('B has been told', async () => (await versionAt(b, keys)) === 4);
  expect([await versionAt(a, stranger), await versionAt(b, stranger)]).toEqual([2, 0]);
}, 30_000);
