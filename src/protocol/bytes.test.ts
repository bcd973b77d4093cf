// Text forms of bytes: one spelling each, round trips, and every other spelling refused.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  concatBytes,
  decodeUtf8,
  equalBytes,
  fromBase64,
  fromBase64url,
  fromHex,
  toBase64,
  toBase64url,
  toHex,
  utf8,
} from './bytes.ts';
import { ProtocolError } from './error.ts';

const anyBytes = fc.uint8Array({ maxLength: 100 });

describe('UTF-8', () => {
  test('well-formed text round-trips', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(decodeUtf8(utf8(text))).toBe(text);
      }),
    );
  });

  test('a byte order mark stays in the text', () => {
    expect(decodeUtf8(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61))).toBe('\ufeffa');
  });

  test('ill-formed bytes throw invalid_utf8', () => {
    const decode = () => decodeUtf8(Uint8Array.of(0xc0, 0xaf));
    expect(decode).toThrow(ProtocolError);
    expect(decode).toThrow(expect.objectContaining({ code: 'invalid_utf8' }));
  });
});

describe.each([
  ['hex', toHex, fromHex],
  ['base64', toBase64, fromBase64],
  ['base64url', toBase64url, fromBase64url],
] as const)('%s', (encoding, encode, decode) => {
  test('bytes round-trip, spelled as Node spells them', () => {
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        const text = encode(bytes);
        expect(text).toBe(Buffer.from(bytes).toString(encoding));
        expect(decode(text)).toEqual(bytes);
      }),
    );
  });

  test('whatever decodes is the one spelling of its bytes', () => {
    const near = fc
      .tuple(
        anyBytes,
        fc.nat(),
        fc.constantFrom('', '=', '==', 'A', 'B', '/', '_', '0', 'f', ' ', '\n', 'é'),
      )
      .map(([bytes, at, edit]) => {
        const text = encode(bytes);
        const position = text.length === 0 ? 0 : at % (text.length + 1);
        return text.slice(0, position) + edit + text.slice(position + (at % 2));
      });
    fc.assert(
      fc.property(near, (text) => {
        const bytes = decode(text);
        if (bytes !== null) expect(encode(bytes)).toBe(text);
        else expect(bytes).toBeNull();
      }),
      { numRuns: 1000 },
    );
  });
});

test.each([
  'A',
  'AB=',
  'AB',
  'AAA',
  'A===',
  '====',
  'AB==A',
  'AA=A',
  'AB==',
  'AAB=',
  'AA-_',
  'AA AA',
  'AAA=\n',
  'AÀ==',
])('base64 refuses %j', (text) => {
  expect(fromBase64(text)).toBeNull();
});

test.each(['A', 'AA==', 'AB', 'AAB', 'AA+/', 'AA=', 'AA AA', 'AAA\n', 'AAÀ', 'AA🦞'])(
  'base64url refuses %j',
  (text) => {
    expect(fromBase64url(text)).toBeNull();
  },
);

test.each(['0', 'AB', '0g', '0x00', ' 00', '00 ', '0０'])('hex refuses %j', (text) => {
  expect(fromHex(text)).toBeNull();
});

test('bytes are joined in order and compared by content', () => {
  const joined = concatBytes(Uint8Array.of(1), new Uint8Array(0), Uint8Array.of(2, 3));
  expect(joined).toEqual(Uint8Array.of(1, 2, 3));
  expect(equalBytes(joined, Uint8Array.of(1, 2, 3))).toBe(true);
  expect(equalBytes(joined, Uint8Array.of(1, 2, 4))).toBe(false);
  expect(equalBytes(joined, Uint8Array.of(1, 2))).toBe(false);
});
