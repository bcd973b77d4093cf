// Identity tokens: what the maker and the verifier must not be asked, and whom the verifier asks.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { keyFromSeed } from '../client/keys.ts';
import { createNodeCrypto } from '../crypto/node.ts';
import { type Did, parseDid } from './did.ts';
import { buildDidWebDocument } from './did-document.ts';
import { createIdentityToken, verifyIdentityToken } from './identity-token.ts';

const crypto = createNodeCrypto();
const key = keyFromSeed(new Uint8Array(32).fill(7), crypto);
const did = parseDid('did:web:agents.example:ada') as Did;
const webKey = keyFromSeed(key.seed, crypto, { did });
const audience = 'https://forum.example';
const now = 1_795_000_000;
const random = (length: number) => globalThis.crypto.getRandomValues(new Uint8Array(length));
const request = { audience, now, random };
const expected = { audience, now, crypto };
const refusal = { name: 'ProtocolError', code: 'invalid_argument' };

describe('createIdentityToken', () => {
  test('makes each token anew, with no more than a DID, an audience, a window and chance in it', async () => {
    const tokens = [
      await createIdentityToken(key, request, crypto),
      await createIdentityToken(key, request, crypto),
    ];
    const [first, second] = tokens.map((token) =>
      JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()),
    );
    expect(first.jti).not.toBe(second.jti);
    expect({ ...first, jti: '' }).toEqual({
      iss: key.did,
      sub: key.did,
      aud: audience,
      iat: now,
      exp: now + 300,
      jti: '',
    });
  });

  test.each([
    ['an audience with a path', { audience: 'https://forum.example/login' }],
    ['plain http to another machine', { audience: 'http://forum.example' }],
    ['no address', { audience: 'forum.example' }],
    ['another scheme', { audience: 'ftp://forum.example' }],
    ['an opaque origin', { audience: 'null' }],
    ['six minutes', { lifetime: 360 }],
    ['no time at all', { lifetime: 0 }],
    ['half seconds', { lifetime: 0.5 }],
    ['a nonce with a line feed', { nonce: 'a\n' }],
    ['no clock', { now: Number.NaN }],
    ['a random source that gives too little', { random: () => new Uint8Array(15) }],
  ])('refuses %s', async (_, wrong) => {
    await expect(createIdentityToken(key, { ...request, ...wrong }, crypto)).rejects.toMatchObject(
      refusal,
    );
  });

  test("refuses a key that is not the DID's", async () => {
    const foreign = { ...key, verificationMethod: webKey.verificationMethod };
    await expect(createIdentityToken(foreign, request, crypto)).rejects.toMatchObject(refusal);
  });
});

describe('verifyIdentityToken', () => {
  test('asks nobody about a did:key', async () => {
    const token = await createIdentityToken(key, request, crypto);
    const resolveDocument = () => Promise.reject(new Error('asked'));
    const verdict = await verifyIdentityToken(token, { ...expected, resolveDocument });
    expect(verdict).toMatchObject({ ok: true, identity: { did: key.did, nonce: null } });
  });

  test('asks for a did:web once, and only when nothing else is wrong with the token', async () => {
    const asked: string[] = [];
    const keys = [
      { publicKey: crypto.publicKeyOf(key.seed), purposes: ['authentication'] as const },
    ];
    const document = buildDidWebDocument({ did, keys }, crypto);
    const resolveDocument = async (which: Did) => {
      asked.push(which);
      return { ok: true, document } as const;
    };
    const token = await createIdentityToken(webKey, request, crypto);
    const verify = (circumstances: object) =>
      verifyIdentityToken(token, { ...expected, ...circumstances, resolveDocument });
    expect(await verify({ now: now + 300 })).toMatchObject({ reason: 'expired' });
    expect(await verify({ audience: 'https://other.example' })).toMatchObject({ ok: false });
    expect(await verify({ nonce: 'n' })).toMatchObject({ reason: 'nonce_mismatch' });
    expect(asked).toEqual([]);
    expect(await verify({})).toMatchObject({ ok: true, identity: { did } });
    expect(asked).toEqual([did]);
  });

  test('refuses a token in which any character is another, gone or new', async () => {
    const token = await createIdentityToken(key, request, crypto);
    const character = fc.constantFrom(...'AZaz09-_.=+/ \n');
    const place = fc.nat({ max: token.length - 1 });
    const property = fc.asyncProperty(
      place,
      character,
      fc.nat({ max: 1 }),
      async (at, put, cut) => {
        const texts = [token.slice(0, at) + put + token.slice(at + cut)];
        texts.push(token.slice(0, at) + token.slice(at + 1));
        for (const text of texts.filter((other) => other !== token)) {
          expect(await verifyIdentityToken(text, expected)).toMatchObject({ ok: false });
        }
      },
    );
    await fc.assert(property, { numRuns: 300 });
  });

  test('is undecided about a did:web when it has nobody to ask', async () => {
    const token = await createIdentityToken(webKey, request, crypto);
    expect(await verifyIdentityToken(token, expected)).toMatchObject({
      ok: false,
      outcome: 'indeterminate',
      reason: 'key_unresolvable',
    });
  });

  test.each([
    ['an audience that is no origin', { audience: 'forum.example' }],
    ['a clock that does not tell the time', { now: Number.NaN }],
  ])('refuses to work with %s', async (_, wrong) => {
    const token = await createIdentityToken(key, request, crypto);
    await expect(verifyIdentityToken(token, { ...expected, ...wrong })).rejects.toMatchObject(
      refusal,
    );
  });
});
