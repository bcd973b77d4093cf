// The record checker: exact members, precise paths, and types that cannot drift from schemas.
import { describe, expect, expectTypeOf, test } from 'vitest';
import type { JsonValue } from './json.ts';
import {
  byType,
  type Check,
  count,
  flag,
  line,
  list,
  literal,
  optional,
  pathOf,
  prose,
  record,
  type Shape,
  string,
} from './schema.ts';

interface Cup {
  readonly type: 'Cup';
  readonly name: string;
  readonly full?: boolean;
}

const cup = record<Cup>({ type: literal('Cup'), name: line(1, 3), full: optional(flag) });

function found(check: Check<unknown>, value: JsonValue | undefined): string {
  const problem = check(value, '');
  return problem === null ? 'none' : `${problem.reason} ${problem.path}: ${problem.detail}`;
}

describe('record', () => {
  test.each<[JsonValue, string]>([
    [{ type: 'Cup', name: 'a' }, 'none'],
    [{ name: 'a', full: true, type: 'Cup' }, 'none'],
    [{ type: 'Cup' }, 'member_missing name: must be 1 to 3 characters without control characters'],
    [{ type: 'Cup', name: 'a', full: null }, 'malformed full: must be true or false'],
    [
      { type: 'Cup', name: 'a', empty: 1 },
      'unknown_member empty: must be left out: not known here',
    ],
    [
      { type: 'Cup', name: 'a', toString: 1 },
      'unknown_member toString: must be left out: not known here',
    ],
    [{ type: 'Mug', name: 'a' }, 'malformed type: must be Cup'],
    [[], 'malformed : must be one object'],
    [null, 'malformed : must be one object'],
    ['Cup', 'malformed : must be one object'],
  ])('%j: %s', (value, expected) => {
    expect(found(cup, value)).toBe(expected);
  });

  test('takes a member called __proto__ for an unknown one', () => {
    const value = JSON.parse('{"type":"Cup","name":"a","__proto__":{"full":true}}');
    expect(found(cup, value)).toContain('unknown_member __proto__');
  });

  test('its rule sees only records that are right, and names the member to change', () => {
    const seen: Cup[] = [];
    const ruled = record<Cup>(
      { type: literal('Cup'), name: line(1, 3), full: optional(flag) },
      (value) => {
        seen.push(value);
        return value.name === 'tea' && !value.full ? ['full', 'true'] : undefined;
      },
    );
    expect(found(ruled, { type: 'Cup', name: 1 })).toContain('malformed name');
    expect(seen).toEqual([]);
    expect(found(ruled, { type: 'Cup', name: 'tea' })).toBe('malformed full: must be true');
    expect(found(ruled, { type: 'Cup', name: 'tea', full: true })).toBe('none');
  });

  test('its shape has the members of the type, and requires those that the type requires', () => {
    type Fits<S> = S extends Shape<Cup> ? true : false;
    type Text = Check<string>;
    type Bool = Check<boolean | undefined>;
    expectTypeOf<Fits<{ type: Check<'Cup'>; name: Text; full: Bool }>>().toEqualTypeOf<true>();
    expectTypeOf<Fits<{ type: Check<'Cup'>; name: Text }>>().toEqualTypeOf<false>();
    expectTypeOf<
      Fits<{ type: Check<'Cup'>; name: Check<string | undefined>; full: Bool }>
    >().toEqualTypeOf<false>();
    expectTypeOf<Fits<{ type: Check<'Mug'>; name: Text; full: Bool }>>().toEqualTypeOf<false>();
    expect(found(cup, { type: 'Cup', name: 'a' })).toBe('none');
  });
});

test('paths lead through records and lists', () => {
  const shelf = record<{ cups: readonly Cup[] }>({ cups: list(cup, 2) });
  const tea = { type: 'Cup', name: 'tea' };
  expect(found(shelf, { cups: [tea, { ...tea, name: '' }] })).toContain('malformed cups.1.name:');
  expect(found(shelf, { cups: [tea, tea, tea] })).toBe(
    'malformed cups: must be a list of at most 2',
  );
  expect(found(shelf, { cups: tea })).toBe('malformed cups: must be a list of at most 2');
  expect(found(shelf, { cups: [] })).toBe('none');
  expect(pathOf('a', 'b'.repeat(1000))).toHaveLength(66);
});

test.each<[JsonValue, boolean]>([
  [0, true],
  [Number.MAX_SAFE_INTEGER, true],
  [-1, false],
  [-0, false],
  [1.5, false],
  [2 ** 53, false],
  ['1', false],
  [null, false],
])('count of %j', (value, accepted) => {
  expect(count(value, '') === null).toBe(accepted);
});

describe('text', () => {
  test('is counted in UTF-16 code units', () => {
    expect(line(1, 2)('\u{1F375}', '')).toBeNull();
    expect(line(1, 1)('\u{1F375}', '')).not.toBeNull();
  });

  test('has no control characters, except line feed and tab in prose', () => {
    for (let code = 0; code < 0x100; code++) {
      const control = code < 0x20 || (code >= 0x7f && code < 0xa0);
      const character = String.fromCharCode(code);
      expect(line(0, 9)(character, '') === null).toBe(!control);
      expect(prose(0, 9)(character, '') === null).toBe(!control || code === 9 || code === 10);
    }
  });

  test('has no lone surrogates', () => {
    expect(prose(0, 9)('a\ud83c', '')).not.toBeNull();
    expect(prose(0, 9)('\udf75', '')).not.toBeNull();
  });

  test('is a string', () => {
    for (const value of [null, 1, true, [], {}]) expect(prose(0, 9)(value, '')).not.toBeNull();
    expect(string(() => true, 'x')(undefined, '')).not.toBeNull();
  });
});

describe('byType', () => {
  const mug = record<{ type: 'Mug' }>({ type: literal('Mug') });
  const vessel = byType<Cup | { type: 'Mug' }>({ Cup: cup, Mug: mug });

  test.each<[JsonValue, string]>([
    [{ type: 'Mug' }, 'none'],
    [{ type: 'Mug', name: 'a' }, 'unknown_member name: must be left out: not known here'],
    [{ type: 'Jug' }, 'unknown_type type: must be Cup or Mug'],
    [{ type: 'hasOwnProperty' }, 'unknown_type type: must be Cup or Mug'],
    [{ type: ['Mug'] }, 'malformed type: must be Cup or Mug'],
    [{}, 'member_missing type: must be Cup or Mug'],
    [[], 'malformed : must be one object'],
  ])('%j: %s', (value, expected) => {
    expect(found(vessel, value)).toBe(expected);
  });

  test('chooses by the type of a member', () => {
    const full = record<{ in: { type: 'Mug' } }>({ in: mug });
    const within = byType<{ in: { type: 'Mug' } }>({ Mug: full }, 'in');
    expect(found(within, { in: { type: 'Mug' } })).toBe('none');
    expect(found(within, { in: { type: 'Cup' } })).toBe('unknown_type in.type: must be Mug');
    expect(found(within, { in: 'Mug' })).toBe('malformed in: must be one object');
    expect(found(within, {})).toBe('malformed in: must be one object');
    expect(found(within, 'Mug')).toBe('malformed in: must be one object');
  });
});
