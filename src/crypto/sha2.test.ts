// Our SHA-2 against the published digests and against node:crypto.
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { toHex, utf8 } from '../protocol/bytes.ts';
import { sha256, sha512 } from './sha2.ts';

test.each([
  ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
  [
    'abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq',
    '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
  ],
])('SHA-256 of %j is as FIPS 180-4 examples have it', (message, digest) => {
  expect(toHex(sha256(utf8(message)))).toBe(digest);
});

test('SHA-512 of "abc" is as FIPS 180-4 examples have it', () => {
  expect(toHex(sha512(utf8('abc')))).toBe(
    'ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a' +
      '2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f',
  );
});

function native(algorithm: 'sha256' | 'sha512', message: Uint8Array): string {
  return createHash(algorithm).update(message).digest('hex');
}

test('every length around the block borders has the digest of node:crypto', () => {
  for (let length = 0; length <= 300; length++) {
    const message = Uint8Array.from({ length }, (_, i) => (i * 31 + length) & 0xff);
    expect(toHex(sha256(message)), `${length} bytes`).toBe(native('sha256', message));
    expect(toHex(sha512(message)), `${length} bytes`).toBe(native('sha512', message));
  }
});

test('any message has the digest of node:crypto, and hashing leaves it as it was', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 2000 }), (message) => {
      const before = toHex(message);
      expect(toHex(sha256(message))).toBe(native('sha256', message));
      expect(toHex(sha512(message))).toBe(native('sha512', message));
      expect(toHex(message)).toBe(before);
    }),
  );
});
