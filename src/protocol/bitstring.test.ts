// Status bits: which bit an index is, what gzip is taken, and how far it is expanded.
import { gunzipSync, gzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bitAt, createBitstring, decodeBitstring, encodeBitstring, withBit } from './bitstring.ts';
import { toBase64url } from './bytes.ts';

const refusal = { name: 'ProtocolError', code: 'invalid_argument' };
const packed = (bytes: Uint8Array) => `u${toBase64url(Uint8Array.from(gzipSync(bytes)))}`;

test('index 0 is the left-most bit', () => {
  const bits = withBit(withBit(createBitstring(), 0), 15);
  expect([...bits.subarray(0, 3)]).toEqual([0x80, 0x01, 0x00]);
  expect([bitAt(bits, 0), bitAt(bits, 1), bitAt(bits, 15)]).toEqual([true, false, true]);
});

test('there is nothing before the first bit and after the last', () => {
  const bits = createBitstring();
  expect([bitAt(bits, -1), bitAt(bits, 131_071), bitAt(bits, 131_072)]).toEqual([
    null,
    false,
    null,
  ]);
});

test.each([-1, 0.5, 131_072, Number.NaN])('does not set bit %s', (index) => {
  const bits = createBitstring();
  expect(() => withBit(bits, index)).toThrow(expect.objectContaining(refusal));
});

test.each([131_064, 131_073, 8_388_616])('does not make a list of %s', (entries) => {
  expect(() => createBitstring(entries)).toThrow(expect.objectContaining(refusal));
});

test('what was set reads back, and zlib reads it too', async () => {
  const index = fc.nat({ max: 131_071 });
  await fc.assert(
    fc.asyncProperty(fc.array(index, { maxLength: 20 }), index, async (set, other) => {
      const bits = set.reduce(withBit, createBitstring());
      const text = await encodeBitstring(bits);
      expect(await decodeBitstring(text)).toEqual({ ok: true, bits });
      expect(gunzipSync(Buffer.from(text.slice(1), 'base64url')).equals(bits)).toBe(true);
      expect(bitAt(bits, other)).toBe(set.includes(other));
    }),
    { numRuns: 20 },
  );
});

describe('decodeBitstring', () => {
  test('takes 16 KiB and 1 MiB', async () => {
    for (const length of [16_384, 1_048_576]) {
      const decoded = await decodeBitstring(packed(new Uint8Array(length)));
      expect(decoded.ok && decoded.bits.length).toBe(length);
    }
  });

  test.each([
    ['16 KiB less a byte', packed(new Uint8Array(16_383))],
    ['1 MiB and a byte', packed(new Uint8Array(1_048_577))],
    ['a text that says 64 MiB', packed(new Uint8Array(67_108_864))],
    ['nothing', ''],
    ['no more than u', 'u'],
    ['base64url without u', packed(new Uint8Array(16_384)).slice(1)],
    ['base58', `z${packed(new Uint8Array(16_384)).slice(1)}`],
    ['padding', `${packed(new Uint8Array(16_384))}=`],
    ['no gzip', `u${toBase64url(new Uint8Array(40))}`],
    ['gzip that ends early', packed(new Uint8Array(16_384)).slice(0, -8)],
  ])('refuses %s', async (_, text) => {
    expect(await decodeBitstring(text)).toMatchObject({ ok: false });
  });
});
