// Names of objects: one spelling per hash.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createNodeCrypto } from '../crypto/node.ts';
import { toHex } from './bytes.ts';
import { ProtocolError } from './error.ts';
import { canonicalize } from './jcs.ts';
import {
  hashOf,
  idOf,
  nameFromHash,
  nameFromId,
  nameOf,
  type ObjectName,
  parseObjectName,
} from './object-name.ts';

const crypto = createNodeCrypto();
const ID = 'f4OxZX_x_FO5LcGBSKHWXfwtSx-j1ncoSt3SABJtkGk';

// RFC 6920 §8.1 gives this hash for "Hello World!".
test('a name is the RFC 6920 URI of the SHA-256 hash', () => {
  const hash = crypto.sha256(new TextEncoder().encode('Hello World!'));
  expect(nameFromHash(hash)).toBe(`ni:///sha-256;${ID}`);
});

test('the name of an object is that of its canonical bytes', () => {
  const bytes = canonicalize({ b: 1, a: 2 });
  const name = nameOf(bytes, crypto);
  expect(toHex(hashOf(name))).toBe(toHex(crypto.sha256(new TextEncoder().encode('{"a":2,"b":1}'))));
});

test('hash, id and name give one another', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (hash) => {
      const name = nameFromHash(hash);
      expect(hashOf(name)).toEqual(hash);
      expect(parseObjectName(name)).toBe(name);
      expect(nameFromId(idOf(name))).toBe(name);
    }),
  );
});

test.each([
  '',
  ID,
  `ni:///sha-256;${ID}=`,
  `ni:///sha-256;${ID.slice(0, 42)}`,
  `ni:///sha-256;${ID}A`,
  `ni:///sha-256;${ID.slice(0, 42)}l`,
  `ni:///sha-256;${ID.slice(0, 42)}+`,
  `ni:///sha-256;${ID}?ct=text/plain`,
  `ni:///sha-256;${ID}#`,
  `ni:///sha-256;${ID}\n`,
  `ni://example.com/sha-256;${ID}`,
  `ni:///sha-256-128;${ID}`,
  `ni:///sha-512;${ID}`,
  `NI:///sha-256;${ID}`,
  `nih:sha-256;${ID}`,
  ` ni:///sha-256;${ID}`,
])('%j is no name', (text) => {
  expect(parseObjectName(text)).toBeNull();
});

test.each(['', ID.slice(0, 42), `${ID}A`, `${ID.slice(0, 42)}l`, `ni:///sha-256;${ID}`, `${ID}\n`])(
  '%j is no id',
  (id) => {
    expect(nameFromId(id)).toBeNull();
  },
);

test('all 64 last characters: only those with two zero bits end an id', () => {
  const ends = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'];
  const accepted = ends.filter((end) => nameFromId('A'.repeat(42) + end) !== null);
  expect(accepted.join('')).toBe('AEIMQUYcgkosw048');
  for (const end of accepted) {
    const name = nameFromId('A'.repeat(42) + end) as ObjectName;
    expect(nameFromHash(hashOf(name))).toBe(name);
  }
});

test.each([0, 31, 33])('%i bytes are no SHA-256 hash', (length) => {
  expect(() => nameFromHash(new Uint8Array(length))).toThrow(ProtocolError);
});
