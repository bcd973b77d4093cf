// Base58btc against known values and an independent computation with big integers.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fromBase58btc, toBase58btc } from './base58.ts';
import { fromHex, utf8 } from './bytes.ts';

const ALPHABET = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';

// draft-msporny-base58-03, appendix test vectors.
test.each([
  [utf8('Hello World!'), '2NEpo7TZRRrLZSi2U'],
  [
    utf8('The quick brown fox jumps over the lazy dog.'),
    'USm3fpXnKG5EUBx2ndxBDMPVciP5hGey2Jh4NDv6gmeo1LkMeiKrLJUUBk6Z',
  ],
  [fromHex('0000287fb4cd') as Uint8Array, '11233QC4'],
  [new Uint8Array(0), ''],
])('%s is %s', (bytes, text) => {
  expect(toBase58btc(bytes)).toBe(text);
  expect(fromBase58btc(text)).toEqual(bytes);
});

function byBigInteger(bytes: Uint8Array): string {
  let digits = '';
  for (let n = BigInt(`0x${Buffer.from(bytes).toString('hex') || '0'}`); n > 0n; n /= 58n) {
    digits = ALPHABET.charAt(Number(n % 58n)) + digits;
  }
  const zeros = bytes.findIndex((byte) => byte !== 0);
  return '1'.repeat(zeros < 0 ? bytes.length : zeros) + digits;
}

test('bytes round-trip, leading zeros included, as big integers say', () => {
  const zerosFirst = fc
    .tuple(fc.nat(4), fc.uint8Array({ maxLength: 80 }))
    .map(([zeros, rest]) => Uint8Array.of(...new Uint8Array(zeros), ...rest));
  fc.assert(
    fc.property(zerosFirst, (bytes) => {
      const text = toBase58btc(bytes);
      expect(text).toBe(byBigInteger(bytes));
      expect(fromBase58btc(text)).toEqual(bytes);
    }),
    { numRuns: 500 },
  );
});

test('every string of the alphabet is the one spelling of some bytes', () => {
  const digits = fc.string({ unit: fc.constantFrom(...ALPHABET), maxLength: 90 });
  fc.assert(
    fc.property(digits, (text) => {
      expect(toBase58btc(fromBase58btc(text) as Uint8Array)).toBe(text);
    }),
    { numRuns: 500 },
  );
});

test.each(['0', 'O', 'I', 'l', '1 ', 'é', '🦞', '+'])('refuses %j', (text) => {
  expect(fromBase58btc(text)).toBeNull();
});

test('a long string is refused before it costs time', () => {
  expect(fromBase58btc('z'.repeat(1024))).not.toBeNull();
  expect(fromBase58btc('z'.repeat(1025))).toBeNull();
});
