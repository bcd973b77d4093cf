// What a request makes the node fetch: requests against a server that counts, over the guarded client and both caches.
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createNodeCrypto } from '../crypto/node.ts';
import { utf8 } from '../protocol/bytes.ts';
import { type Did, parseDid } from '../protocol/did.ts';
import { buildDidWebDocument } from '../protocol/did-document.ts';
import { REQUEST_WINDOW, signRequest, verifyRequest } from '../protocol/request-signature.ts';
import { COMPAT_ALL } from '../protocol/signature-agent.ts';
import { createGuardedFetch } from './guarded-fetch.ts';
import { createResolution } from './resolution.ts';

const crypto = createNodeCrypto();
const SEED = new Uint8Array(32).fill(5);
const ALICE = parseDid('did:web:agents.example.com:alice') as Did;
const AGENT = 'https://agents.example.com/alice/did.json';
const BODY = utf8('{"type":"Like"}');
const NOW = 1_763_600_000;

const guarded = createGuardedFetch({ loopback: true });
let answer: (out: ServerResponse) => void;
let asked: string[] = [];
const server = createServer((incoming, out) => {
  asked.push(incoming.url ?? '');
  answer(out);
});
let origin: string;
let lookup: ReturnType<typeof createResolution>['requestKeys'];
const clock = { now: NOW * 1000 };

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  await guarded.close();
  server.close();
});
beforeEach(() => {
  asked = [];
  clock.now = NOW * 1000;
  answer = json(document());
  lookup = createResolution({
    crypto,
    now: () => clock.now,
    loopback: true,
    findDidLog: async () => null,
    // The one thing that is not as in a node: public hosts are all this server.
    fetch: {
      request: (url, request) =>
        guarded.request(url.replace(/^https:\/\/[^/]+/, origin), { ...request, timeMs: 300 }),
    },
  }).requestKeys;
});

function document(): object {
  const keys = [{ publicKey: crypto.publicKeyOf(SEED), purposes: ['authentication'] as const }];
  return buildDidWebDocument({ did: ALICE, keys }, crypto);
}

const json = (value: object, type = 'application/json') => {
  return (out: ServerResponse) =>
    void out.writeHead(200, { 'content-type': type }).end(JSON.stringify(value));
};

interface Change {
  readonly signed?: Partial<Parameters<typeof signRequest>[1]>;
  readonly fields?: (fields: Record<string, string>) => Record<string, string | null>;
  readonly method?: string;
  readonly target?: string;
  readonly host?: string;
}

async function ask({ signed, fields, method = 'POST', target = '/api/v1/x', host }: Change = {}) {
  const made = signRequest(
    {
      method: 'POST',
      url: 'https://node.example/api/v1/x',
      body: BODY,
      contentType: 'application/json',
    },
    { seed: SEED, signatureAgent: AGENT, created: NOW, expires: NOW + 60, nonce: 'n', ...signed },
    crypto,
  );
  const all = { host: host ?? 'node.example', 'content-length': '15', ...made, ...fields?.(made) };
  const headers = Object.entries(all).flatMap(([name, value]): [string, string][] =>
    value === null ? [] : [[name, value]],
  );
  const verdict = await verifyRequest(
    { method, target, scheme: 'https', authority: 'node.example', headers },
    {
      write: true,
      hasBody: true,
      now: NOW,
      ...REQUEST_WINDOW,
      compat: COMPAT_ALL,
      loopback: false,
      authorities: ['node.example'],
    },
    lookup,
    crypto,
  );
  return verdict.ok ? verdict.did : verdict.reason;
}

const input = (pattern: string | RegExp, text: string): Change => ({
  fields: (made) => ({
    'signature-input': (made['signature-input'] ?? '').replace(pattern, text),
  }),
});

describe('a request that fails without a key', () => {
  test.each<[string, Change]>([
    ['signature_missing', { fields: () => ({ 'signature-input': null, signature: null }) }],
    ['signature_unpaired', { fields: () => ({ signature: null }) }],
    ['malformed', input(';nonce', ';nonce="m";nonce')],
    ['malformed', input('"@method"', '"@method" "@method"')],
    ['limit_exceeded', { fields: () => ({ 'content-digest': 'x'.repeat(17_000) }) }],
    ['unsupported_component', input('"@method"', '"@method" "host";sf')],
    ['no_applicable_signature', input('web-bot-auth', 'other')],
    ['missing_parameter', input(/;expires=\d+/, '')],
    ['nonce_missing', { signed: { nonce: null } }],
    ['parameter_malformed', input(/;created=\d+/, ';created="1"')],
    ['keyid_malformed', input(/keyid="[^"]+"/, 'keyid="did:key:z"')],
    ['algorithm_mismatch', input('"ed25519"', '"rsa-pss-sha512"')],
    ['window_invalid', { signed: { expires: NOW - 1 } }],
    ['window_too_long', { signed: { expires: NOW + 86_401 } }],
    ['not_yet_valid', { signed: { created: NOW + 31, expires: NOW + 60 } }],
    ['too_old', { signed: { created: NOW - 301 } }],
    ['expired', { signed: { created: NOW - 60, expires: NOW - 30 } }],
    ['insufficient_coverage', input('"@target-uri" ', '')],
    ['digest_not_covered', input('"content-digest" ', '')],
    ['missing_component', { fields: () => ({ 'content-digest': null }) }],
    ['missing_component', { fields: () => ({ 'content-type': null }) }],
    ['digest_malformed', { fields: () => ({ 'content-digest': 'sha-256=:AAAA:' }) }],
    ['digest_algorithm_refused', { fields: () => ({ 'content-digest': 'md5=:AAAA:' }) }],
    ['signature_agent_member_not_covered', input(' "signature-agent";key="sig1"', '')],
    ['signature_agent_malformed', { fields: () => ({ 'signature-agent': 'sig1=a' }) }],
    [
      'signature_agent_scheme',
      { fields: () => ({ 'signature-agent': 'sig1="http://a.example.com/b/did.json"' }) },
    ],
    ['signature_agent_parameters', { fields: () => ({ 'signature-agent': `sig1="${AGENT}";x` }) }],
    [
      'discovery_refused',
      { fields: () => ({ 'signature-agent': 'sig1="https://10.0.0.1/b/did.json"' }) },
    ],
    ['discovery_refused', { fields: () => ({ 'signature-agent': `sig1="${AGENT}?a"` }) }],
    ['misdirected', { host: 'evil.example' }],
    ['non_canonical_target', { target: '/api/../x' }],
    ['bad_target', { target: 'https://node.example/x' }],
  ])('has nothing fetched: %s', async (reason, change) => {
    expect(await ask(change)).toBe(reason);
    expect(asked).toEqual([]);
  });
});

describe('a document', () => {
  test('is fetched once for many requests, good and bad', async () => {
    const many = await Promise.all(Array.from({ length: 20 }, () => ask()));
    expect(new Set(many)).toEqual(new Set([ALICE]));
    expect(await ask({ method: 'PUT' })).toBe('bad_signature');
    expect(asked).toEqual(['/alice/did.json']);
  });

  test.each<[string, (out: ServerResponse) => void]>([
    ['directory_status', (out) => void out.writeHead(404).end()],
    ['directory_status', (out) => void out.writeHead(503).end()],
    ['directory_status', (out) => void out.writeHead(203).end('{}')],
    ['directory_redirected', (out) => void out.writeHead(302, { location: '/bob/did.json' }).end()],
    ['directory_media_type', json(document(), 'text/html')],
    ['directory_media_type', json(document(), 'text/json')],
    [
      'directory_encoded',
      (out) => void out.writeHead(200, { 'content-encoding': 'gzip' }).end('x'),
    ],
    ['directory_too_large', (out) => void out.writeHead(200, { 'content-length': '262145' }).end()],
    ['directory_malformed', (out) => void json({})(out)],
    [
      'directory_malformed',
      (out) =>
        void out.writeHead(200, { 'content-type': 'application/json' }).end('{"id":1,"id":2}'),
    ],
    ['directory_too_many_keys', json({ ...document(), keys: new Array(101).fill({}) })],
    ['did_mismatch', json({ ...document(), id: 'did:web:agents.example.com:bob' })],
    ['discovery_failed', (out) => void out.destroy()],
    // Headers, and then nothing: the clock on the wall ends it.
    [
      'discovery_failed',
      (out) => void out.writeHead(200, { 'content-type': 'application/json' }).write('{'),
    ],
  ])('is refused and not asked for again at once: %s', async (reason, reply) => {
    answer = reply;
    const many = await Promise.all(Array.from({ length: 5 }, () => ask()));
    expect(new Set(many)).toEqual(new Set([reason]));
    expect(await ask()).toBe(reason);
    expect(asked).toEqual(['/alice/did.json']);
  });

  test('that failed is asked for again after five minutes at the latest', async () => {
    answer = (out) => void out.writeHead(404).end();
    expect(await ask()).toBe('directory_status');
    answer = json(document());
    clock.now += 5 * 60_000;
    expect(await ask()).toBe(ALICE);
  });

  test('that cannot be had any more leaves the keys that were in it', async () => {
    expect(await ask()).toBe(ALICE);
    answer = (out) => void out.writeHead(500).end();
    clock.now += 2 * 3_600_000;
    expect(await ask()).toBe(ALICE);
    expect(asked).toHaveLength(2);
  });

  test('that lists a key for another controller, or not to authenticate, is looked at once more a minute later', async () => {
    const listed = document() as { verificationMethod: object[] };
    const others = listed.verificationMethod.map((method) => ({
      ...method,
      controller: 'did:web:b.example',
    }));
    answer = json({ ...listed, verificationMethod: others });
    expect(await ask()).toBe('key_controller_mismatch');
    answer = json({ ...listed, authentication: [] });
    expect(await ask()).toBe('key_controller_mismatch');
    clock.now += 60_000;
    expect(await ask()).toBe('key_not_for_authentication');
    answer = json(listed);
    clock.now += 60_000;
    expect(await ask()).toBe(ALICE);
    expect(asked).toHaveLength(3);
  });
});
