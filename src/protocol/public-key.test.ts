// Keys of three kinds: node:crypto agrees on the points, and every key has one Multikey and one JWK.
import { ECDH, generateKeyPairSync } from 'node:crypto';
import { Resolver } from 'did-resolver';
import * as fc from 'fast-check';
import { getResolver } from 'key-did-resolver';
import { describe, expect, test } from 'vitest';
import { createNodeCrypto } from '../crypto/node.ts';
import { toBase58btc } from './base58.ts';
import { compressPoint, decompressPoint } from './curve-point.ts';
import {
  acceptsPublicKey,
  publicKeyFromJwk,
  publicKeyFromMultibase,
  publicKeyToJwk,
  publicKeyToMultibase,
} from './public-key.ts';

const crypto = createNodeCrypto();
const curves = [
  { kind: 'P-256', name: 'prime256v1' },
  { kind: 'secp256k1', name: 'secp256k1' },
] as const;

function jwkOf(namedCurve: string) {
  return generateKeyPairSync('ec', { namedCurve }).publicKey.export({ format: 'jwk' });
}

describe.each(curves)('$kind', ({ kind, name }) => {
  test('keys that node:crypto makes go through Multikey and JWK unchanged', () => {
    for (let i = 0; i < 20; i++) {
      const jwk = jwkOf(name);
      const key = publicKeyFromJwk(jwk)!;
      expect(key).toMatchObject({ kind });
      expect(publicKeyToJwk(key)).toEqual(jwk);
      const multibase = publicKeyToMultibase(key);
      expect(multibase).toMatch(kind === 'P-256' ? /^zDn/ : /^zQ3s/);
      expect(publicKeyFromMultibase(multibase)).toEqual(key);
      expect(acceptsPublicKey(key, crypto)).toBe(true);
    }
  });

  test('an independent resolver finds the same key in the did:key', async () => {
    const resolver = new Resolver(getResolver() as never);
    const key = publicKeyFromJwk(jwkOf(name))!;
    const { didDocument } = await resolver.resolve(`did:key:${publicKeyToMultibase(key)}`);
    const { publicKeyJwk, publicKeyBase58 } = didDocument!.verificationMethod![0]!;
    if (publicKeyJwk) expect(publicKeyFromJwk(publicKeyJwk)).toEqual(key);
    else expect(publicKeyBase58).toBe(toBase58btc(key.bytes));
  });

  test('node:crypto knows the same points', () => {
    const bytes = fc.uint8Array({ minLength: 32, maxLength: 32 });
    fc.assert(
      fc.property(bytes, fc.constantFrom(2, 3), (x, sign) => {
        const compressed = Uint8Array.from([sign, ...x]);
        const point = decompressPoint(kind, compressed);
        const convert = () =>
          ECDH.convertKey(compressed, name, undefined, undefined, 'uncompressed') as Buffer;
        if (point === null) {
          expect(convert).toThrow();
          return;
        }
        expect(Uint8Array.from([4, ...point.x, ...point.y])).toEqual(Uint8Array.from(convert()));
        expect(compressPoint(kind, point)).toEqual(compressed);
        const off = point.y.with(31, (point.y[31] as number) ^ 1);
        expect(compressPoint(kind, { x: point.x, y: off })).toBeNull();
      }),
    );
  });

  test.each([
    ['32 bytes', new Uint8Array(32).fill(2)],
    ['an uncompressed point', new Uint8Array(65).fill(4)],
    ['infinity', new Uint8Array(1)],
    ['another first byte', Uint8Array.from([4, ...new Uint8Array(32).fill(1)])],
    ['an x that is not below p', new Uint8Array(33).fill(0xff).fill(3, 0, 1)],
  ])('%s is no compressed point', (_, bytes) => {
    expect(decompressPoint(kind, bytes)).toBeNull();
  });

  test.each([
    ['a private part', { d: 'AQ' }],
    ['no y', { y: undefined }],
    ['a short x', { x: 'AQ' }],
    ['a padded x', (jwk: { x?: string }) => ({ x: `${jwk.x}=` })],
    ['the other kind of key', { kty: 'OKP' }],
    ['another curve', { crv: 'P-384' }],
    ['another use', { use: 'enc' }],
    ['another algorithm', { alg: 'EdDSA' }],
  ])('a JWK with %s does not count', (_, change) => {
    const jwk = jwkOf(name);
    expect(publicKeyFromJwk(jwk)).not.toBeNull();
    const changes = typeof change === 'function' ? change(jwk) : change;
    expect(publicKeyFromJwk({ ...jwk, ...changes })).toBeNull();
  });
});

test('an Ed25519 key is the one that multikey.ts knows', () => {
  const bytes = crypto.publicKeyOf(new Uint8Array(32).fill(9));
  const key = { kind: 'Ed25519', bytes } as const;
  expect(publicKeyToMultibase(key)).toMatch(/^z6Mk/);
  expect(publicKeyFromMultibase(publicKeyToMultibase(key))).toEqual(key);
  expect(publicKeyFromJwk(publicKeyToJwk(key))).toEqual(key);
});

test('a key of the wrong length has no Multikey', () => {
  const short = { kind: 'P-256', bytes: new Uint8Array(32) } as const;
  expect(() => publicKeyToMultibase(short)).toThrow(
    expect.objectContaining({ code: 'invalid_length' }),
  );
});

test('no other text is a Multikey', () => {
  fc.assert(
    fc.property(fc.base64String({ maxLength: 60 }), (text) => {
      const key = publicKeyFromMultibase(`z${text}`);
      expect(key === null || publicKeyToMultibase(key) === `z${text}`).toBe(true);
    }),
  );
});
