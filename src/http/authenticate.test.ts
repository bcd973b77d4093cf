// Authentication at the edge: who gets in, with which code the others are turned away, and what is read of them.
import { createHash } from 'node:crypto';
import { type IncomingMessage, request as send } from 'node:http';
import { Hono } from 'hono';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createNodeCrypto } from '../crypto/node.ts';
import { toBase64, utf8 } from '../protocol/bytes.ts';
import { didKeyOf } from '../protocol/did.ts';
import { type RequestKeyLookup, signRequest } from '../protocol/request-signature.ts';
import { authenticate } from './authenticate.ts';
import type { Edge } from './edge.ts';
import { type EdgeServer, startServer } from './server.ts';

const crypto = createNodeCrypto();
const origin = 'http://node.example';
const seed = new Uint8Array(32).fill(7);
const did = didKeyOf(crypto.publicKeyOf(seed));
const agent = `https://agents.example/dids/${did}/did.json`;
const random = (bytes: number) => new Uint8Array(bytes).fill(9);
const NOW = 1_763_600_000;
const nobody: RequestKeyLookup = async () => ({
  ok: false,
  reason: 'discovery_failed',
  detail: 'nothing is fetched in this test',
  retryable: true,
});
const silent = { debug() {}, info() {}, warn() {}, error() {} };

let signed: EdgeServer;
let open: EdgeServer;

async function boot(reads: 'signed' | 'public'): Promise<EdgeServer> {
  const app = new Hono<Edge>();
  const enrolmentKeys = { published: nobody, held: nobody };
  const machine = { crypto, now: () => NOW * 1000, random };
  const options = { origin, reads, lookupKey: nobody, enrolmentKeys, ...machine };
  app.use(authenticate(options));
  app.all('*', (c) =>
    c.json({
      did: c.get('caller')?.did ?? null,
      bytes: c.get('body').length,
      seen: c.get('caller'),
    }),
  );
  return startServer({ app, origin, host: '127.0.0.1', port: 0, log: silent });
}

beforeAll(async () => {
  signed = await boot('signed');
  open = await boot('public');
});
afterAll(() => Promise.all([signed.close(0), open.close(0)]));

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Record<string, unknown>;
}

interface Sent {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Record<string, string>;
  readonly body?: Uint8Array;
  readonly to?: EdgeServer;
}

function exchange({ method = 'GET', path = '/api/v1/x', headers, body, to = signed }: Sent) {
  return new Promise<Answer>((resolve, reject) => {
    const { port } = to.address;
    const fields = { host: 'node.example', ...headers };
    const outgoing = send(
      { host: '127.0.0.1', port, method, path, headers: fields },
      (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          const { statusCode: status = 0, headers } = incoming;
          resolve({ status, headers, body: text ? JSON.parse(text) : {} });
        });
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

interface Signing {
  readonly created?: number;
  readonly window?: number;
  readonly nonce?: string | null;
  readonly by?: Uint8Array;
}

function sign(
  sent: Sent,
  { created = NOW, window = 60, nonce = 'n', by = seed }: Signing = {},
): Sent {
  const { method = 'GET', path = '/api/v1/x', body } = sent;
  const content = body === undefined ? {} : { body, contentType: 'application/json' };
  const expires = created + window;
  const headers = signRequest(
    { method, url: origin + path, ...content },
    { seed: by, signatureAgent: agent, created, expires, nonce },
    crypto,
  );
  return { ...sent, headers: { ...headers, ...sent.headers } };
}

const post = { method: 'POST', body: utf8('{"a":1}') };

describe('a signed request', () => {
  test('is known by the DID of its key, reads without a nonce too', async () => {
    const answer = await exchange(sign({}, { nonce: null }));
    expect(answer).toMatchObject({ status: 200, body: { did } });
  });

  test('hands its body and its nonce on', async () => {
    const { body } = await exchange(sign(post, { nonce: 'once' }));
    expect(body).toMatchObject({ bytes: 7, seen: { nonce: 'once', nonceExpires: NOW + 330 } });
  });

  test('may come with the SHA-512 of its body as well', async () => {
    const sha512 = createHash('sha512').update(post.body).digest();
    const both = `sha-512=:${toBase64(sha512)}:`;
    const wrong = `sha-512=:${toBase64(new Uint8Array(64))}:`;
    const path = '/log/x/bodies';
    const headers = { 'content-type': 'application/json' };
    const right = { ...post, path, headers: { ...headers, 'content-digest': both } };
    expect(await exchange(right)).toMatchObject({ status: 200, body: { bytes: 7 } });
    expect(
      await exchange({ ...post, path, headers: { ...headers, 'content-digest': wrong } }),
    ).toMatchObject({
      status: 400,
      body: { code: 'content_digest_mismatch' },
    });
  });
});

describe('a request without a signature', () => {
  test('is told what to sign, and not to keep the answer', async () => {
    const { status, headers, body } = await exchange({});
    expect({ status, code: body.code }).toEqual({ status: 403, code: 'signature_missing' });
    expect(headers['accept-signature']).toMatch(
      /^sig1=\("@method" "@target-uri" .*tag="web-bot-auth"/,
    );
    expect(headers['cache-control']).toBe('no-store');
    expect(headers['content-type']).toBe('application/problem+json');
  });

  test.each([
    '/',
    '/log/x/checkpoint',
    '/.well-known/did.json',
    '/healthz',
    '/apiv1',
    '/federationx',
  ])('reads %s, which is for everybody', async (path) => {
    expect(await exchange({ path })).toMatchObject({ status: 200, body: { did: null } });
  });

  test('reads the API where the operator has opened reads, and writes nowhere', async () => {
    expect((await exchange({ to: open })).status).toBe(200);
    const unsigned = { ...post, to: open, headers: { 'content-type': 'application/json' } };
    expect((await exchange(unsigned)).body.code).toBe('signature_missing');
  });

  test.each(['/api/v1', '/federation/peers', '/%61pi/v1/x', '/api%2Fv1/../x'])(
    'does not get past %s by spelling',
    async (path) => {
      expect((await exchange({ path })).status).toBeGreaterThanOrEqual(400);
    },
  );
});

describe('a request is refused', () => {
  const write = sign(post);
  const written = (headers: Record<string, string>): Sent => ({
    ...write,
    headers: { ...write.headers, ...headers },
  });
  test.each<[string, Sent, number, string]>([
    ['when it has another method', { ...write, method: 'PUT' }, 403, 'bad_signature'],
    ['when it has another query', { ...write, path: '/api/v1/x?y=z' }, 403, 'bad_signature'],
    [
      'when it has another body',
      { ...write, body: utf8('{"a":2}') },
      400,
      'content_digest_mismatch',
    ],
    ['when its body is cut', { ...write, body: utf8('{"a":1') }, 400, 'content_digest_mismatch'],
    [
      'when its digest does not parse',
      written({ 'content-digest': 'sha-256=abc' }),
      400,
      'digest_malformed',
    ],
    [
      'when its digest is md5',
      written({ 'content-digest': 'md5=:YWJj:' }),
      400,
      'digest_algorithm_refused',
    ],
    [
      'when another key signed',
      sign(post, { by: new Uint8Array(32).fill(8) }),
      403,
      'key_not_in_directory',
    ],
    [
      'when it was signed too long ago',
      sign(post, { created: NOW - 301, window: 900 }),
      403,
      'too_old',
    ],
    ['when it has expired', sign(post, { created: NOW - 200, window: 60 }), 403, 'expired'],
    ['when it comes from the future', sign(post, { created: NOW + 31 }), 403, 'not_yet_valid'],
    ['when it is valid for too long', sign(post, { window: 86_401 }), 403, 'window_too_long'],
    ['when it writes without a nonce', sign(post, { nonce: null }), 403, 'nonce_missing'],
    [
      'when it does not cover its body',
      { ...sign({ method: 'POST' }), body: post.body },
      415,
      'unsupported_media_type',
    ],
    [
      'when half of its signature is missing',
      { headers: { signature: 'sig1=:YQ==:' } },
      400,
      'signature_unpaired',
    ],
    [
      'when it is badly signed on an open path',
      { path: '/', headers: { 'signature-input': 'x' } },
      400,
      'signature_unpaired',
    ],
    [
      'when a read carries a body',
      { ...post, method: 'GET', headers: { 'content-length': '7' } },
      400,
      'unexpected_body',
    ],
    [
      'when its body is compressed',
      written({ 'content-encoding': 'gzip' }),
      415,
      'content_encoding_refused',
    ],
    [
      'when its body is a form',
      written({ 'content-type': 'text/plain' }),
      415,
      'unsupported_media_type',
    ],
  ])('%s', async (_, sent, status, code) => {
    const answer = await exchange(sent);
    expect({ status: answer.status, code: answer.body.code }).toEqual({ status, code });
  });

  test('when it is over the cap, by its own word before the signature is looked at', async () => {
    const body = new Uint8Array(262_145);
    const headers = { 'content-type': 'application/json' };
    expect((await exchange({ method: 'POST', body, headers })).body.code).toBe('too_large');
  });

  test('when it is over the cap without having said so', async () => {
    const body = new Uint8Array(300_000).fill(32);
    const headers = { 'transfer-encoding': 'chunked' };
    const answer = await exchange(sign({ method: 'POST', body, headers }));
    expect({ status: answer.status, code: answer.body.code }).toEqual({
      status: 413,
      code: 'too_large',
    });
  });
});

test('a body is left unread where no route takes one', async () => {
  const headers = { 'content-type': 'text/plain' };
  const answer = await exchange({ method: 'POST', path: '/', body: post.body, headers });
  expect(answer).toMatchObject({ status: 200, body: { did: null, bytes: 0 } });
});

test('federation takes batches of up to a megabyte', async () => {
  const body = new Uint8Array(1_000_000).fill(32);
  const answer = await exchange(sign({ method: 'POST', path: '/federation/entries', body }));
  expect(answer).toMatchObject({ status: 200, body: { bytes: 1_000_000 } });
});
