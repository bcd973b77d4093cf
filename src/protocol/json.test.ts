// The I-JSON gate: what it reads, and every way in which it refuses.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import accepted from '../../spec/vectors/json-gate/accepted.json' with { type: 'json' };
import refused from '../../spec/vectors/json-gate/refused.json' with { type: 'json' };
import { fromHex, utf8 } from './bytes.ts';
import { parseIJson } from './json.ts';

interface Input {
  readonly text?: string;
  readonly hex?: string;
  readonly padTo?: number;
}

function bytesOf({ text, hex, padTo = 0 }: Input): Uint8Array {
  if (hex !== undefined) return fromHex(hex) as Uint8Array;
  return utf8((text as string).padEnd(padTo));
}

describe('published vectors', () => {
  test.each(accepted.cases as (Input & { comment: string; expected: unknown })[])(
    'reads $comment',
    (given) => {
      expect(parseIJson(bytesOf(given))).toEqual({ ok: true, value: given.expected });
    },
  );

  test.each(refused.cases as (Input & { comment: string; error: string })[])(
    'refuses $comment: $error',
    (given) => {
      expect(parseIJson(bytesOf(given))).toMatchObject({ ok: false, reason: given.error });
    },
  );

  test('have a case for every reason', () => {
    expect(new Set(refused.cases.map((given) => given.error))).toEqual(
      new Set([
        'too_large',
        'invalid_utf8',
        'invalid_json',
        'duplicate_key',
        'lone_surrogate',
        'noncharacter',
        'unsafe_number',
        'too_deep',
        'forbidden_key',
      ]),
    );
  });
});

describe('limits', () => {
  test('a caller may read less', () => {
    expect(parseIJson(utf8('[[]]'), { maxDepth: 1 })).toMatchObject({ reason: 'too_deep' });
    expect(parseIJson(utf8('[[]]'), { maxDepth: 2 })).toMatchObject({ ok: true });
    expect(parseIJson(utf8('[]'), { maxBytes: 1 })).toMatchObject({ reason: 'too_large' });
    expect(parseIJson(utf8('[]'), { maxBytes: 2 })).toMatchObject({ ok: true });
  });

  test('bytes are counted, not characters', () => {
    expect(parseIJson(utf8('"🦞"'), { maxBytes: 5 })).toMatchObject({ reason: 'too_large' });
    expect(parseIJson(utf8('"🦞"'), { maxBytes: 6 })).toMatchObject({ ok: true });
  });

  test('a hundred thousand brackets are refused without harm, whatever depth is asked for', () => {
    const brackets = utf8('['.repeat(100_000) + ']'.repeat(100_000));
    expect(parseIJson(brackets)).toMatchObject({ reason: 'too_deep' });
    expect(parseIJson(brackets, { maxDepth: Infinity })).toMatchObject({ reason: 'too_deep' });
  });
});

const integer = fc.maxSafeInteger().map((n) => (Object.is(n, -0) ? 0 : n));
// Noncharacters have their own vectors.
const text = fc
  .string({ unit: 'binary' })
  .filter((value) => !/\p{Noncharacter_Code_Point}/u.test(value));
const key = text.filter((value) => value !== '__proto__');
const { value: jsonValue } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 8, withCrossShrink: true },
    fc.constant(null),
    fc.boolean(),
    integer,
    text,
    fc.array(tie('value'), { maxLength: 5 }),
    fc.dictionary(key, tie('value'), { maxKeys: 5, noNullPrototype: true }),
  ),
}));

describe('for any value within the limits', () => {
  test('reading what JSON.stringify writes gives the value back', () => {
    fc.assert(
      fc.property(jsonValue, fc.constantFrom(undefined, 1, '\t'), (value, space) => {
        const written = JSON.stringify(value, null, space);
        expect(parseIJson(utf8(written))).toEqual({ ok: true, value: JSON.parse(written) });
      }),
    );
  });

  test('a second member of one name is refused at any depth', () => {
    const path = fc.array(fc.oneof(fc.constant('['), key), { maxLength: 8 });
    fc.assert(
      fc.property(path, key, jsonValue, jsonValue, (steps, name, first, second) => {
        const member = JSON.stringify(name);
        let inner = `{${member}:${JSON.stringify(first)},"${'x'.repeat(9)}":0,${member}:${JSON.stringify(second)}}`;
        for (const step of steps) {
          inner = step === '[' ? `[0,${inner}]` : `{${JSON.stringify(step)}:${inner}}`;
        }
        expect(parseIJson(utf8(inner))).toMatchObject({ ok: false, reason: 'duplicate_key' });
      }),
    );
  });
});

test('any bytes: no throw, and what is accepted is what JSON.parse sees', () => {
  const tokens = fc.constantFrom(
    ...[
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"',
      '"a"',
      '"b":',
      '\\',
      '\\u',
      'd83e',
      '0',
      '-',
      '1',
      '.',
      'e',
      'true',
    ],
    ...[
      'null',
      ' ',
      '\n',
      '\u0000',
      '🦞',
      '\ufffe',
      '{"a":1}',
      '[1]',
      '"\\ud83e"',
      '1.0',
      '"__proto__":',
    ],
  );
  const soup = fc.array(tokens, { maxLength: 24 }).map((parts) => utf8(parts.join('')));
  fc.assert(
    fc.property(fc.oneof(soup, fc.uint8Array({ maxLength: 40 })), (bytes) => {
      const result = parseIJson(bytes);
      if (result.ok) {
        expect(result.value).toEqual(JSON.parse(new TextDecoder().decode(bytes)));
      } else {
        expect(result.detail).not.toBe('');
      }
    }),
    { numRuns: 2000 },
  );
});
