// What an attacker can do to a signed request, and what a signer and a verifier of ours say to each other.

import fc from 'fast-check';
import { verifySignature as libraryVerify } from 'http-message-sig';
import { describe, expect, it } from 'vitest';
import { createNodeCrypto } from '../crypto/node.ts';
import { decodeUtf8, toBase64url, utf8 } from './bytes.ts';
import { contentDigest } from './content-digest.ts';
import { didKeyOf } from './did.ts';
import { parseSignatures } from './http-signature.ts';
import { describeCovered, type RawRequest, readRequest } from './request-message.ts';
import {
  REQUEST_WINDOW,
  type RequestKeyLookup,
  type RequestPolicy,
  type RequestSigner,
  signRequest,
  verifyRequest,
} from './request-signature.ts';
import { agentUrlOfDidKey, COMPAT_ALL } from './signature-agent.ts';
import { signatureBase } from './signature-base.ts';
import { jwkThumbprint } from './thumbprint.ts';

const crypto = createNodeCrypto();
const seed = new Uint8Array(32).fill(1);
const otherSeed = new Uint8Array(32).fill(2);
const did = didKeyOf(crypto.publicKeyOf(seed));
const ORIGIN = 'https://node.example';
const CREATED = 1_763_600_000;

const noKeys: RequestKeyLookup = async (url) => {
  const reason = url === null ? 'no_identifier' : 'discovery_failed';
  return { ok: false, reason, detail: 'nothing can be fetched here', retryable: false };
};

function policy(changes: Partial<RequestPolicy> = {}): RequestPolicy {
  return {
    write: true,
    hasBody: true,
    now: CREATED + 2,
    ...REQUEST_WINDOW,
    compat: COMPAT_ALL,
    loopback: false,
    authorities: ['node.example'],
    ...changes,
  };
}

function signer(changes: Partial<RequestSigner> = {}): RequestSigner {
  return {
    seed,
    signatureAgent: agentUrlOfDidKey(ORIGIN, did),
    created: CREATED,
    expires: CREATED + 120,
    nonce: toBase64url(new Uint8Array(64).fill(3)),
    ...changes,
  };
}

interface Parts {
  method: string;
  target: string;
  body: Uint8Array;
  contentType?: string;
}

function send({ method, target, body, contentType = 'application/json' }: Parts, by = signer()) {
  const url = ORIGIN + target;
  const added = signRequest({ method, url, body, contentType }, by, crypto);
  const headers: [string, string][] = [
    ['Host', 'node.example'],
    ['Content-Length', String(body.length)],
    ...Object.entries(added),
  ];
  const request: RawRequest = {
    method,
    target,
    scheme: 'https',
    authority: 'node.example',
    headers,
  };
  return request;
}

function withHeader(
  request: RawRequest,
  name: string,
  change: (value: string) => string,
): RawRequest {
  const headers = request.headers.map(
    ([header, value]) => [header, header === name ? change(value) : value] as const,
  );
  return { ...request, headers };
}

const verify = (request: RawRequest, changes: Partial<RequestPolicy> = {}, lookup = noKeys) =>
  verifyRequest(request, policy(changes), lookup, crypto);

const write: Parts = {
  method: 'POST',
  target: '/api/v1/activities?x=1',
  body: utf8('{"type":"Like"}'),
};

describe('a request of our own signer', () => {
  it('is accepted, and says everything a caller needs', async () => {
    const result = await verify(send(write));
    expect(result).toMatchObject({
      ok: true,
      did,
      keyid: jwkThumbprint(crypto.publicKeyOf(seed), crypto),
      verificationMethod: `${did}#${did.slice(8)}`,
      nonce: signer().nonce,
      created: CREATED,
      expires: CREATED + 120,
      contentDigest: contentDigest(write.body, crypto),
      label: 'sig1',
      form: 'direct',
    });
  });

  it('is accepted as a read without body and nonce', async () => {
    const url = `${ORIGIN}/api/v1/posts`;
    const added = signRequest({ method: 'GET', url }, signer({ nonce: null }), crypto);
    const request: RawRequest = {
      method: 'GET',
      target: '/api/v1/posts',
      scheme: 'https',
      authority: 'node.example',
      headers: [['Host', 'node.example'], ...Object.entries(added)],
    };
    const read = await verify(request, { write: false, hasBody: false });
    expect(read).toMatchObject({ ok: true, nonce: null, contentDigest: null });
    const asWrite = await verify(request, { write: true, hasBody: false });
    expect(asWrite).toMatchObject({ ok: false, reason: 'nonce_missing' });
  });

  it('has the base that the library hands to its own verifier', async () => {
    const request = send(write);
    const read = readRequest(request, ['node.example']);
    if (!read.ok) throw new Error(read.detail);
    const field = (name: string) => read.message.fields.get(name)!;
    const parsed = parseSignatures(field('signature-input'), field('signature'));
    if (!parsed.ok) throw new Error(parsed.detail);
    const [candidate] = parsed.value;
    const ours = signatureBase(describeCovered(read.message, candidate!.components), candidate!);
    let theirs = '';
    await libraryVerify(
      {
        kind: 'request',
        method: 'POST',
        targetUri: ORIGIN + write.target,
        fields: request.headers.map(([name, value]) => ({ name, value })),
      },
      {
        policy: {
          algorithms: ['ed25519'],
          requiredComponents: [],
          requiredParameters: [],
          now: CREATED,
        },
        resolveVerifier: () => ({
          algorithm: 'ed25519',
          verify: (base) => {
            theirs = decodeUtf8(base);
            return true;
          },
        }),
      },
    );
    expect(ours.ok && decodeUtf8(ours.base)).toBe(theirs);
  });
});

describe('a changed request is refused', () => {
  const changes: [string, (request: RawRequest) => RawRequest][] = [
    ['the method', (request) => ({ ...request, method: 'PUT' })],
    ['the path', (request) => ({ ...request, target: '/api/v1/activity?x=1' })],
    ['the query', (request) => ({ ...request, target: '/api/v1/activities?x=2' })],
    ['the scheme', (request) => ({ ...request, scheme: 'http' })],
    ['the node', (request) => ({ ...request, authority: 'other.example' })],
    ['the digest', (r) => withHeader(r, 'content-digest', () => contentDigest(utf8('{}'), crypto))],
    ['the content type', (r) => withHeader(r, 'content-type', () => 'text/plain')],
    ['the agent', (r) => withHeader(r, 'signature-agent', (v) => v.replace('node', 'other'))],
    ['created', (r) => withHeader(r, 'signature-input', (v) => v.replace('600000', '600001'))],
    ['expires', (r) => withHeader(r, 'signature-input', (v) => v.replace('600120', '600121'))],
    [
      'the nonce',
      (r) => withHeader(r, 'signature-input', (v) => v.replace('nonce="A', 'nonce="B')),
    ],
    [
      'the order of components',
      (r) =>
        withHeader(r, 'signature-input', (v) =>
          v.replace('"@method" "@target-uri"', '"@target-uri" "@method"'),
        ),
    ],
  ];
  it.each(changes)('%s', async (_what, change) => {
    const result = await verify(change(send(write)));
    expect(result).toMatchObject({ ok: false, outcome: 'invalid', reason: 'bad_signature' });
  });

  it('when a signature is moved to another request of the same agent', async () => {
    const from = send(write);
    const to = send({ ...write, body: utf8('{"type":"Dislike"}') });
    const signature = from.headers.find(([name]) => name === 'signature')![1];
    const input = from.headers.find(([name]) => name === 'signature-input')![1];
    const moved = withHeader(
      withHeader(to, 'signature', () => signature),
      'signature-input',
      () => input,
    );
    expect(await verify(moved)).toMatchObject({ ok: false, reason: 'bad_signature' });
  });

  it('when a covered field is sent once more', async () => {
    const request = send(write);
    const repeated = { ...request, headers: [...request.headers, ['Content-Digest', 'a=:AA==:']] };
    const result = await verify(repeated as RawRequest);
    expect(result).toMatchObject({ ok: false, reason: 'bad_signature' });
  });
});

describe('several signatures', () => {
  function both(first: RawRequest, second: RawRequest): RawRequest {
    const find = (request: RawRequest, name: string) =>
      request.headers.find(([header]) => header === name)![1];
    const join = (name: string) => (value: string) =>
      `${value}, ${find(second, name).replace(/^sig1/, 'sig2')}`;
    return withHeader(
      withHeader(first, 'signature', join('signature')),
      'signature-input',
      join('signature-input'),
    );
  }

  it('one under another label is still good', async () => {
    const rename = (value: string) => value.replace(/^sig1/, 'proxy');
    const request = withHeader(
      withHeader(send(write), 'signature', rename),
      'signature-input',
      rename,
    );
    expect(await verify(request)).toMatchObject({ ok: true, did, label: 'proxy' });
  });

  it('two good ones of one agent are accepted', async () => {
    const again = send(write, signer({ expires: CREATED + 60 }));
    const signatures = ['sig1', 'sig2'].map((label) => ({ label, form: 'direct' }));
    const expected = { ok: true, did, label: 'sig1', signatures };
    expect(await verify(both(send(write), again))).toMatchObject(expected);
  });

  it('the nonce of two is kept until neither can be used again', async () => {
    const late = send(write, signer({ created: CREATED + 1, expires: CREATED + 60 }));
    const window = { created: CREATED + 1, expires: CREATED + 120 };
    expect(await verify(both(send(write), late))).toMatchObject({ ok: true, ...window });
    expect(await verify(both(late, send(write)))).toMatchObject({ ok: true, ...window });
  });

  it('two with different nonces are refused: each alone would be the same request once more', async () => {
    const again = send(write, signer({ nonce: 'second' }));
    const expected = { ok: false, outcome: 'invalid', reason: 'ambiguous_signer' };
    expect(await verify(both(send(write), again))).toMatchObject(expected);
  });

  it('a bad one is never ignored, whichever comes first', async () => {
    const forged = send(write, signer({ seed: otherSeed }));
    const expected = { ok: false, outcome: 'unverified', reason: 'key_not_in_directory' };
    expect(await verify(both(send(write), forged))).toMatchObject(expected);
    expect(await verify(both(forged, send(write)))).toMatchObject(expected);
  });
});

describe('the key lookup', () => {
  const agentUrl = 'https://agents.example/alice/did.json';
  const request = send(write, signer({ signatureAgent: agentUrl }));
  const found = { ok: true, did, verificationMethod: `${did}#x` } as const;

  it('is asked for the URL and the keyid together', async () => {
    const asked: unknown[] = [];
    await verify(request, {}, async (...question) => {
      asked.push(question);
      return { ...found, publicKey: crypto.publicKeyOf(seed) };
    });
    expect(asked).toEqual([[agentUrl, jwkThumbprint(crypto.publicKeyOf(seed), crypto)]]);
  });

  it('cannot answer with another key', async () => {
    const publicKey = crypto.publicKeyOf(otherSeed);
    const result = await verify(request, {}, async () => ({ ...found, publicKey }));
    expect(result).toMatchObject({ ok: false, reason: 'key_not_in_directory' });
  });

  it('is not asked for a did:key, nor for a request that fails without a key', async () => {
    let asked = 0;
    const count: RequestKeyLookup = async (...question) => {
      asked++;
      return noKeys(...question);
    };
    await verify(send(write), {}, count);
    await verify(request, { now: CREATED + 400 }, count);
    await verify({ ...request, target: '/a/../b' }, {}, count);
    expect(asked).toBe(0);
  });

  it('may hold the key of a request without Signature-Agent', async () => {
    const bare = send(write, signer({ signatureAgent: null }));
    const publicKey = crypto.publicKeyOf(seed);
    const held: RequestKeyLookup = async (url, keyid) =>
      url === null ? { ...found, publicKey } : noKeys(url, keyid);
    expect(await verify(bare, {}, held)).toMatchObject({ ok: true, agentUrl: null, form: 'none' });
    expect(await verify(bare)).toMatchObject({ ok: false, reason: 'no_identifier' });
  });
});

describe('for every request', () => {
  const unreserved = [...'abcXYZ019-._~'];
  const segment = fc
    .string({ unit: fc.constantFrom(...unreserved), minLength: 1, maxLength: 8 })
    .filter((text) => !/^\.+$/.test(text));
  const target = fc
    .tuple(fc.array(segment, { maxLength: 4 }), fc.option(segment))
    .map(([path, query]) => `/${path.join('/')}${query === null ? '' : `?q=${query}`}`);
  const parts = fc.record({
    method: fc.constantFrom('POST', 'PUT', 'DELETE', 'PATCH'),
    target,
    body: fc.uint8Array({ maxLength: 64 }),
  });
  const nonce = fc.uint8Array({ minLength: 1, maxLength: 64 }).map(toBase64url);

  it('what we sign we accept', async () => {
    await fc.assert(
      fc.asyncProperty(parts, nonce, fc.nat(120), async (request, value, age) => {
        const result = await verify(send(request, signer({ nonce: value })), {
          now: CREATED + age,
        });
        expect(result).toMatchObject({ ok: true, did, nonce: value });
      }),
    );
  });

  it('what is changed afterwards we refuse', async () => {
    const change = fc.constantFrom('method', 'target', 'digest', 'created', 'signature');
    await fc.assert(
      fc.asyncProperty(parts, parts, change, fc.nat(63), async (sent, other, what, byte) => {
        fc.pre(sent.method !== other.method && sent.target !== other.target);
        fc.pre(toBase64url(sent.body) !== toBase64url(other.body));
        const request = send(sent);
        const changed: Record<typeof what, () => RawRequest> = {
          method: () => ({ ...request, method: other.method }),
          target: () => ({ ...request, target: other.target }),
          digest: () =>
            withHeader(request, 'content-digest', () => contentDigest(other.body, crypto)),
          created: () =>
            withHeader(request, 'signature-input', (value) =>
              value.replace(`created=${CREATED}`, `created=${CREATED - byte - 1}`),
            ),
          signature: () =>
            withHeader(request, 'signature', (value) => {
              const bytes = Uint8Array.from(atob(value.slice(6, -1)), (c) => c.charCodeAt(0));
              bytes[byte] = bytes[byte]! ^ 1;
              return `sig1=:${btoa(String.fromCharCode(...bytes))}:`;
            }),
        };
        const result = await verify(changed[what]());
        expect(result).toMatchObject({ ok: false, outcome: 'invalid', reason: 'bad_signature' });
      }),
    );
  });

  it('a long run of blanks is read once, not once for each blank', async () => {
    const request = send(write);
    // Long enough that a pattern which starts anew at every blank would not come to an end here.
    const blanks = `a${' '.repeat(400_000)}b`;
    const uncovered: RawRequest = { ...request, headers: [...request.headers, ['X', blanks]] };
    expect(await verify(uncovered)).toMatchObject({ ok: true });
    const covered = withHeader(request, 'content-type', () => blanks);
    expect(await verify(covered)).toMatchObject({ ok: false, reason: 'bad_signature' });
  });

  it('nothing that can stand in the fields makes the verifier throw', async () => {
    const text = fc.string({ unit: 'binary', maxLength: 200 });
    await fc.assert(
      fc.asyncProperty(text, text, text, text, async (input, signature, agent, path) => {
        const request = send(write);
        const headers: [string, string][] = [
          ['Host', 'node.example'],
          ['Signature-Input', input],
          ['Signature', signature],
          ['Signature-Agent', agent],
        ];
        const odd = await verify({ ...request, headers, target: path });
        const mixed = withHeader(request, 'signature-agent', () => agent);
        expect([odd.ok, (await verify(mixed)).ok]).toEqual([false, false]);
      }),
    );
  });
});
