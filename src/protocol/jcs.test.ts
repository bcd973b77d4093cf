// RFC 8785: order, numbers and strings, against an independent implementation.
import { runInNewContext } from 'node:vm';
import independent from 'canonicalize';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeUtf8 } from './bytes.ts';
import { ProtocolError } from './error.ts';
import { canonicalize } from './jcs.ts';

const canonicalText = (value: unknown): string => decodeUtf8(canonicalize(value));

test('members are sorted by UTF-16 code units at every level', () => {
  const value = { '\ufb33': 1, '🦞': 2, a: { c: [3, { z: 0, y: 0 }], b: null }, '': 4, A: 5 };
  expect(canonicalText(value)).toBe(
    '{"":4,"A":5,"a":{"b":null,"c":[3,{"y":0,"z":0}]},"🦞":2,"\ufb33":1}',
  );
});

// RFC 8785 appendix B.
test.each([
  [0, '0'],
  [-0, '0'],
  [5e-324, '5e-324'],
  [1.7976931348623157e308, '1.7976931348623157e+308'],
  [9007199254740992, '9007199254740992'],
  [295147905179352830000, '295147905179352830000'],
  [1e23, '1e+23'],
  [333333333.3333333, '333333333.3333333'],
  [0.000001, '0.000001'],
  [1e-7, '1e-7'],
])('the number %d is written %s', (value, text) => {
  expect(canonicalText(value)).toBe(text);
});

test('strings escape what RFC 8785 §3.2.2.2 names and nothing else', () => {
  expect(canonicalText('"\\/\b\f\n\r\t\u0000\u001f\u007f\u2028é🦞')).toBe(
    '"\\"\\\\/\\b\\f\\n\\r\\t\\u0000\\u001f\u007f\u2028é🦞"',
  );
});

test('an undefined member is no member', () => {
  expect(canonicalText({ a: undefined, b: 1, c: undefined })).toBe('{"b":1}');
});

test('names of inherited properties are ordinary names', () => {
  expect(canonicalText({ toString: 1, constructor: 2 })).toBe('{"constructor":2,"toString":1}');
});

test('objects without a prototype and objects of another realm are plain', () => {
  expect(canonicalText(Object.assign(Object.create(null), { a: 1 }))).toBe('{"a":1}');
  expect(canonicalText(runInNewContext('({ b: [{ c: 1 }] })'))).toBe('{"b":[{"c":1}]}');
});

const cycle: unknown[] = [];
cycle.push(cycle);

test.each([
  ['undefined', undefined],
  ['undefined in an array', [undefined]],
  ['NaN', Number.NaN],
  ['Infinity', [Infinity]],
  ['a bigint', 1n],
  ['a function', () => 0],
  ['a symbol', Symbol('s')],
  ['a Date', { at: new Date(0) }],
  ['a Map', new Map()],
  ['bytes', Uint8Array.of(1)],
  ['a class instance', new (class Thing {})()],
  ['a boxed string', Object('text')],
  ['a lone surrogate', '\ud83e'],
  ['a lone surrogate in a key', { '\udd9e': 1 }],
  ['a cycle', cycle],
])('%s has no canonical form', (_, value) => {
  expect(() => canonicalize(value)).toThrow(ProtocolError);
  expect(() => canonicalize(value)).toThrow(expect.objectContaining({ code: 'not_json' }));
});

test('any JSON value: as the independent implementation, and again the same', () => {
  fc.assert(
    fc.property(fc.jsonValue({ stringUnit: 'binary', maxDepth: 6 }), (value) => {
      const text = canonicalText(value);
      expect(text).toBe(independent(value));
      expect(canonicalText(JSON.parse(text))).toBe(text);
    }),
    { numRuns: 500 },
  );
});

test('the order in which members were written does not matter', () => {
  const members = fc.uniqueArray(fc.tuple(fc.string({ unit: 'binary' }), fc.integer()), {
    selector: ([key]) => key,
  });
  fc.assert(
    fc.property(members, (entries) => {
      const backwards = Object.fromEntries(entries.toReversed());
      expect(canonicalText(Object.fromEntries(entries))).toBe(canonicalText(backwards));
    }),
  );
});
