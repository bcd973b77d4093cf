// A node on https changes all its keys: what it has stated under the old node key is its own still, by the documents it shows.
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { createNodeCrypto } from '../../src/crypto/node.ts';
import { discoverNode } from '../../src/federation/discover-node.ts';
import { verifyArchive } from '../../src/log/archive-verify.ts';
import { peekKeys } from '../../src/log/key-chain.ts';
import { prepareKey } from '../../src/next-keys.ts';
import { type Node, startNode } from '../../src/node.ts';
import { keysFor } from '../../src/protocol/did-document.ts';
import type { KeyResolver } from '../../src/protocol/object.ts';

const ORIGIN = 'https://node.example';
const crypto = createNodeCrypto();
const machine = {
  now: () => Date.now(),
  random: (length: number) => globalThis.crypto.getRandomValues(new Uint8Array(length)),
};
let folder: string;
let port: number;
let node: Node;

function config(origin = ORIGIN) {
  return readConfig({
    ...{ EXUVIA_ORIGIN: origin, EXUVIA_HOST: '127.0.0.1', EXUVIA_PORT: String(port) },
    ...{ EXUVIA_DATA: folder, EXUVIA_LOG: 'silent', EXUVIA_PUBLISH_SECONDS: '0.1' },
  });
}

/** What the node's proxy would hand through. */
function get(path: string): Promise<Uint8Array> {
  const headers = { host: new URL(ORIGIN).host };
  return new Promise((resolve, reject) => {
    request({ port, host: '127.0.0.1', path, headers }, (answer) => resolve(buffer(answer)))
      .on('error', reject)
      .end();
  });
}

const json = async (path: string) => JSON.parse(Buffer.from(await get(path)).toString('utf8'));

/** Keys by the document that stands now, as somebody sees it who comes for the first time. */
const resolve: KeyResolver = async (did, id) => {
  const found = keysFor(await json('/.well-known/did.json'), did, 'assertionMethod');
  const key = found.ok ? found.keys.find((one) => one.id === id) : undefined;
  if (key !== undefined) return { ok: true, publicKey: key.publicKey };
  return { ok: false, reason: 'key_not_found', detail: `no ${id}`, retryable: false };
};

function discover() {
  const read = async (url: string) => {
    return { ok: true, body: await get(url.slice(ORIGIN.length)) } as const;
  };
  const keys = { resolve, published: resolve, cached: resolve, cachedAt: () => resolve };
  return discoverNode({ client: { read }, keys, crypto }, ORIGIN);
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'exuvia-node-keys-'));
  port = await new Promise((done) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port: free } = server.address() as { port: number };
      server.close(() => done(free));
    });
  });
  node = await startNode(config(), machine);
});
afterAll(async () => {
  await node.close();
  await rm(folder, { recursive: true });
});

test('a did:web node with other keys is who it was', async () => {
  const before = await discover();
  expect(before).toMatchObject({ ok: true, node: { formerDocuments: [] } });
  const { did, keyId } = node.identity;
  await node.close();
  const made = new Map<string, string>();
  for (const key of ['node-key', 'log-key', 'witness-key'] as const) {
    made.set(key, (await prepareKey(config(), key, crypto, machine.random)).next);
  }
  node = await startNode(config(), machine);
  expect((await readdir(folder)).filter((file) => file.includes('next'))).toEqual([]);
  expect(node.identity.did).toBe(did);
  expect(node.identity.keyId).not.toBe(keyId);

  // The document lists the new keys, and the first statement is signed with one that is not among them.
  const document = await json('/.well-known/did.json');
  expect(JSON.stringify(document)).not.toContain(keyId);
  expect(document.keys).toHaveLength(1);
  const { keyStatement } = await json('/.well-known/exuvia');
  expect(keyStatement).toHaveLength(2);
  expect(keyStatement[0].proof.verificationMethod).toBe(keyId);
  expect(keyStatement[1].proof.verificationMethod).toBe(node.identity.keyId);
  expect(keyStatement[1].object).toBe(made.get('log-key'));

  const after = await discover();
  expect(after).toMatchObject({ ok: true, node: { did } });
  if (!after.ok || !before.ok) throw new Error('not discovered');
  expect(after.node.formerDocuments).toHaveLength(1);
  const [first] = peekKeys(before.node.keyStatement);
  expect(peekKeys(after.node.keyStatement)[0]).toEqual(first);
  expect(after.node.witnessKey).toEqual(crypto.publicKeyOf(node.identity.witnessSeed));
});

test('its system log verifies from the first entry on, with the documents of both times', async () => {
  const archive = await get('/log/system/archive');
  async function* chunks() {
    yield archive;
  }
  const report = await verifyArchive(chunks(), { crypto, now: Date.now() });
  expect(report).toMatchObject({ code: 0, submolt: null, home: node.identity.did });
});

test('on loopback the node is its key', async () => {
  const loopback = { ...config('http://127.0.0.1:8787'), dataDir: folder };
  await expect(prepareKey(loopback, 'node-key', crypto, machine.random)).rejects.toMatchObject({
    code: 'node_key_is_did',
  });
});
