// Every platform against the published Ed25519 vectors, and against what callers may rely on.
import { describe, expect, test } from 'vitest';
import adversarial from '../../spec/vectors/ed25519/adversarial.json' with { type: 'json' };
import rfc8032 from '../../spec/vectors/ed25519/rfc8032.json' with { type: 'json' };
import speccheck from '../../spec/vectors/ed25519/speccheck.json' with { type: 'json' };
import { ed25519Cases } from '../../test/ed25519-cases.ts';
import { fromHex, toHex } from '../protocol/bytes.ts';
import { ProtocolError } from '../protocol/error.ts';
import { createLibsodium } from './libsodium.ts';
import { createNoble, createNobleVerifier } from './noble.ts';
import { createNodeCrypto } from './node.ts';

const bytes = (hex: string): Uint8Array => fromHex(hex) as Uint8Array;
const published = [rfc8032, speccheck, adversarial].flatMap(({ cases }) => [...cases]);

describe.each([await createLibsodium(), createNodeCrypto(), createNoble()])('$name', (crypto) => {
  test.each(published)('$comment: $expected', (given) => {
    const key = bytes(given.publicKey);
    expect(crypto.acceptsKey(key)).toBe(given.keyAccepted);
    expect(crypto.verify(key, bytes(given.message), bytes(given.signature))).toBe(given.expected);
  });

  test.each(rfc8032.cases)('signs as RFC 8032 does: $comment', (given) => {
    expect(toHex(crypto.publicKeyOf(bytes(given.seed)))).toBe(given.publicKey);
    expect(toHex(crypto.sign(bytes(given.seed), bytes(given.message)))).toBe(given.signature);
  });

  test('accepts what it signs, from and into plain byte arrays', () => {
    for (let i = 0; i < 50; i++) {
      // Views into a larger buffer, as bodies read from a socket are.
      const seed = new Uint8Array(40).fill(i).subarray(4, 36);
      const message = new Uint8Array(i + 8).fill(7).subarray(3, 3 + i);
      const publicKey = crypto.publicKeyOf(seed);
      const signature = crypto.sign(seed, message);
      expect(Object.getPrototypeOf(publicKey)).toBe(Uint8Array.prototype);
      expect(Object.getPrototypeOf(signature)).toBe(Uint8Array.prototype);
      expect(crypto.verify(publicKey, message, signature)).toBe(true);
    }
  });

  test('has the SHA-256 of FIPS 180-4', () => {
    const digest = crypto.sha256(Uint8Array.of(0x61, 0x62, 0x63));
    expect(Object.getPrototypeOf(digest)).toBe(Uint8Array.prototype);
    expect(toHex(digest)).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });

  test.each([0, 31, 33, 64])('refuses a seed of %i bytes', (length) => {
    const seed = new Uint8Array(length);
    expect(() => crypto.sign(seed, seed)).toThrow(ProtocolError);
    expect(() => crypto.publicKeyOf(seed)).toThrow(ProtocolError);
  });
});

test.each(published)('noble that only verifies, $comment: $expected', (given) => {
  const verdict = createNobleVerifier().verify(
    bytes(given.publicKey),
    bytes(given.message),
    bytes(given.signature),
  );
  expect(verdict).toBe(given.expected);
});

test('the published adversarial cases are those of the generator', () => {
  const made = new Set(ed25519Cases('published').map((given) => toHex(given.signature)));
  expect(adversarial.cases.filter((given) => !made.has(given.signature))).toEqual([]);
});
