// JWKs of Ed25519 keys and their thumbprints.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createNodeCrypto } from '../crypto/node.ts';
import { fromBase64url } from './bytes.ts';
import { ProtocolError } from './error.ts';
import { ed25519FromJwk, ed25519ToJwk, jwkThumbprint } from './thumbprint.ts';

const crypto = createNodeCrypto();

// RFC 8037 appendix A.2 and A.3.
const X = '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo';
const key = fromBase64url(X) as Uint8Array;

test('the thumbprint is that of RFC 8037 A.3', () => {
  expect(jwkThumbprint(key, crypto)).toBe('kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k');
});

test('a key and its JWK give one another', () => {
  expect(ed25519ToJwk(key)).toEqual({ kty: 'OKP', crv: 'Ed25519', x: X });
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (bytes) => {
      expect(ed25519FromJwk(ed25519ToJwk(bytes))).toEqual(bytes);
    }),
  );
});

const jwk = { kty: 'OKP', crv: 'Ed25519', x: X };

test.each([
  { ...jwk, kid: 'any label' },
  { ...jwk, use: 'sig', alg: 'EdDSA' },
  { ...jwk, alg: 'Ed25519', key_ops: ['verify'] },
])('reads %j', (value) => {
  expect(ed25519FromJwk(value)).toEqual(key);
});

test.each([
  ['null', null],
  ['a string', X],
  ['an array', [jwk]],
  ['another type', { ...jwk, kty: 'EC' }],
  ['another curve', { ...jwk, crv: 'X25519' }],
  ['no x', { kty: 'OKP', crv: 'Ed25519' }],
  ['an x that is no string', { ...jwk, x: 1 }],
  ['an x of 31 bytes', { ...jwk, x: X.slice(0, 42) }],
  ['a padded x', { ...jwk, x: `${X}=` }],
  ['an x with spare bits', { ...jwk, x: `${X.slice(0, 42)}p` }],
  ['a key for encryption', { ...jwk, use: 'enc' }],
  ['another algorithm', { ...jwk, alg: 'ES256' }],
  ['a private key', { ...jwk, d: X }],
])('passes over %s', (_, value) => {
  expect(ed25519FromJwk(value)).toBeNull();
});

test.each([0, 31, 33])('%i bytes are no key', (length) => {
  expect(() => jwkThumbprint(new Uint8Array(length), crypto)).toThrow(ProtocolError);
});
