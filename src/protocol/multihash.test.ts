// Multihashes: what sha256 and base58btc make, and one spelling for each.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createNodeCrypto } from '../crypto/node.ts';
import { toBase58btc } from './base58.ts';
import { utf8 } from './bytes.ts';
import { isMultihash, multihashOf } from './multihash.ts';

const crypto = createNodeCrypto();

test('the hash of nothing', () => {
  // SHA-256 of the empty string is e3b0c442…b855.
  expect(multihashOf(new Uint8Array(), crypto)).toBe(
    'QmdfTbBqBPQ7VNxZEYEj14VmRuZBkqFbiwReogJgS1zR1n',
  );
});

test('every hash has the one form', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (hash) => {
      const text = toBase58btc(Uint8Array.of(0x12, 32, ...hash));
      expect([text.length, text.slice(0, 2), isMultihash(text)]).toEqual([46, 'Qm', true]);
    }),
  );
});

test.each([
  ['a multibase prefix', `z${multihashOf(utf8('x'), crypto).slice(0, -1)}`],
  ['another algorithm', toBase58btc(Uint8Array.of(0x1b, 32, ...new Uint8Array(32)))],
  ['another length', toBase58btc(Uint8Array.of(0x12, 20, ...new Uint8Array(20)))],
  [
    'a stated length that is not there',
    toBase58btc(Uint8Array.of(0x12, 33, ...new Uint8Array(32))),
  ],
  ['nothing', ''],
])('%s is none', (_, text) => {
  expect(isMultihash(text)).toBe(false);
});
