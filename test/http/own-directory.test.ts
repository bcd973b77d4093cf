// A node's key directory over HTTP: open to anybody, and signed for the host that it is asked at.
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { Hono } from 'hono';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CommandContext, NodeIdentity } from '../../src/commands/context.ts';
import { createPeerClient } from '../../src/federation/peer-client.ts';
import type { Edge } from '../../src/http/edge.ts';
import type { Logger } from '../../src/http/logger.ts';
import { mountDiscovery } from '../../src/http/routes/discovery.ts';
import { type EdgeServer, startServer } from '../../src/http/server.ts';
import { createGuardedFetch } from '../../src/net/guarded-fetch.ts';
import { fromBase64url, utf8 } from '../../src/protocol/bytes.ts';
import { parseDid } from '../../src/protocol/did.ts';
import type { JsonObject } from '../../src/protocol/json.ts';
import {
  type DirectoryResponse,
  verifyDirectoryResponse,
} from '../../src/protocol/response-signature.ts';
import { DIRECTORY_PATH } from '../../src/protocol/signature-agent.ts';
import { crypto, identityOf } from '../sandbox.ts';
import { HttpNode } from './http-node.ts';

const verify = (response: DirectoryResponse, publicKey: Uint8Array, now: number) =>
  verifyDirectoryResponse(response, { publicKey, now }, crypto);

describe('a did:key node on loopback', () => {
  let node: HttpNode;
  beforeAll(async () => {
    node = await HttpNode.open({ name: 'directory' });
  });
  afterAll(() => node.close());

  async function ask(): Promise<DirectoryResponse> {
    const { status, headers, bytes } = await node.send(DIRECTORY_PATH);
    return { url: node.origin + DIRECTORY_PATH, status, headers: [...headers], body: bytes };
  }

  test('proves its key to whoever asks, for as long as a cache may keep the answer and longer', async () => {
    const now = node.clock.now / 1000;
    const publicKey = crypto.publicKeyOf(node.context.node.seed);
    const response = await ask();
    const fields = new Headers(response.headers as [string, string][]);
    expect(fields.get('content-type')).toBe('application/http-message-signatures-directory+json');
    expect(fields.get('cache-control')).toBe('public, max-age=300');
    const window = { created: now - 2, expires: now + 598 };
    expect(await verify(response, publicKey, now)).toMatchObject({ ok: true, ...window });
    expect(await verify(response, publicKey, now + 599)).toMatchObject({ reason: 'expired' });
  });

  test('signs each answer anew', async () => {
    const publicKey = crypto.publicKeyOf(node.context.node.seed);
    node.clock.now += 900_000;
    const now = node.clock.now / 1000;
    expect(await verify(await ask(), publicKey, now)).toMatchObject({ created: now - 2 });
  });

  test('signs no answer to HEAD, which has no body', async () => {
    const { status, headers } = await node.send(DIRECTORY_PATH, { method: 'HEAD' });
    expect([status, headers.get('signature')]).toEqual([200, null]);
  });
});

describe('a did:web node behind a proxy', () => {
  const authority = 'node.example';
  const did = parseDid(`did:web:${authority}`)!;
  const node: NodeIdentity = {
    ...identityOf('web'),
    did,
    authority,
    origin: `https://${authority}`,
  };
  const NOW = 1_763_600_000;
  let server: EdgeServer;
  beforeAll(async () => {
    const app = new Hono<Edge>();
    const context = { crypto, node, now: () => NOW * 1000 } as CommandContext;
    mountDiscovery(app, { context, name: 'Web', software: { name: 'exuvia', version: '0.0.0' } });
    const log: Logger = { debug() {}, info() {}, warn() {}, error() {} };
    const { origin } = node;
    server = await startServer({ app, origin, host: '127.0.0.1', port: 0, log });
  });
  afterAll(() => server.close(0));

  function ask(): Promise<{ headers: [string, string][]; body: string }> {
    const { port } = server.address;
    return new Promise((resolve, reject) => {
      const sent = request(
        { port, host: '127.0.0.1', path: DIRECTORY_PATH, headers: { host: authority } },
        (answer) => {
          const headers = Object.entries(answer.headers as Record<string, string>);
          resolve(text(answer).then((body) => ({ headers, body })));
        },
      );
      sent.on('error', reject).end();
    });
  }

  test('is known to another node by what its directory says', async () => {
    const { body } = await ask();
    const documents = new Map([[node.origin + DIRECTORY_PATH, JSON.parse(body) as JsonObject]]);
    const other = await HttpNode.open({ name: 'reader', documents });
    const fetch = createGuardedFetch({ loopback: true });
    const { now, random } = other.context;
    const client = createPeerClient({ fetch, crypto, node, now, random });
    expect(await client.send('GET', `${other.origin}/api/v1/posts`, null)).toMatchObject({
      ok: true,
    });
    const { text: counted } = await other.send('/metrics');
    expect(counted).toContain('{form="direct",agent="directory"} 1');
    const stranger = { ...node, seed: new Uint8Array(32).fill(8) };
    const impostor = createPeerClient({ fetch, crypto, node: stranger, now, random });
    expect(await impostor.send('GET', `${other.origin}/api/v1/posts`, null)).toMatchObject({
      problem: { code: 'key_not_in_directory' },
    });
    await fetch.close();
    await other.close();
  });

  test('signs for its public name with every key it lists', async () => {
    const { headers, body } = await ask();
    const { keys } = JSON.parse(body) as { keys: { x: string }[] };
    expect(keys).toHaveLength(1);
    const publicKey = fromBase64url(keys[0]!.x)!;
    const response = { url: node.origin + DIRECTORY_PATH, status: 200, headers, body: utf8(body) };
    expect(await verify(response, publicKey, NOW)).toMatchObject({ ok: true });
    const elsewhere = { ...response, url: `https://evil.example${DIRECTORY_PATH}` };
    expect(await verify(elsewhere, publicKey, NOW)).toMatchObject({ reason: 'bad_signature' });
    const logKey = crypto.publicKeyOf(node.logSeed);
    expect(await verify(response, logKey, NOW)).toMatchObject({
      reason: 'no_applicable_signature',
    });
  });
});
