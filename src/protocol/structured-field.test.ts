// Dictionaries that two readers could take for two different things are refused.
import fc from 'fast-check';
import { Token as OtherToken, parseDictionary, serializeDictionary } from 'structured-headers';
import { describe, expect, it } from 'vitest';
import { isInnerList, parseStrictDictionary, Token, writeMember } from './structured-field.ts';

describe('parseStrictDictionary', () => {
  it.each([
    ['', 0],
    ['  ', 0],
    ['a=1', 1],
    ['a=1, b="x, y; z"', 2],
    ['a="say \\"a=1, b\\"", b', 2],
    ['a=("x";p "y";p=1);q="1;2", b=:AA==:;r', 2],
    ['a=?1;x=token/with:chars', 1],
    ['a=0, b=-1;p=10, c=a0', 3],
    ['a="=1.0";x1.5=t1.5, b=("(1.0 \\" 1.0")', 2],
  ])('reads %s', (field, size) => {
    expect(parseStrictDictionary(field)?.size).toBe(size);
  });

  it.each([
    ['a key twice', 'a=1, a=1'],
    ['a key twice with another between', 'a=1, b=2, a=3'],
    ['a bare key twice', 'a, a'],
    ['a parameter twice', 'a=1;p=1;p=1'],
    ['a parameter of a list twice', 'a=("x");p;p'],
    ['a parameter of an item in a list twice', 'a=("x";p;p)'],
    ['a decimal', 'a=1.0'],
    ['a decimal as parameter', 'a="1.0";p=-1.5'],
    ['a decimal in a list', 'a=("x" 1.0)'],
    ['a zero before an integer', 'a=01'],
    ['a zero before an integer in a list', 'a=(1 -02)'],
    ['minus zero', 'a=1;p=-0'],
    ['bytes without padding', 'a=:AA:'],
    ['bytes with more padding than there is room for', 'a=:AAA==:'],
    ['bytes whose spare bits are set', 'a=1;p=:AB==:'],
    ['a date', 'a=@1'],
    ['a date as parameter', 'a=1;p=@1'],
    ['a display string', 'a=%"x"'],
    ['a display string in a list', 'a=(%"x")'],
    ['a trailing comma', 'a=1,'],
    ['an upper-case key', 'A=1'],
    ['a line feed in a string', 'a="x\n"'],
    ['a character outside ASCII', 'a="ä"'],
    ['an open string', 'a="x'],
    ['an item', '"x"'],
  ])('refuses %s', (_what, field) => {
    expect(parseStrictDictionary(field)).toBeNull();
  });

  it('never throws', () => {
    const text = fc.string({ unit: fc.constantFrom(...'ab=;,"\\():?@% \t1.-*') });
    fc.assert(
      fc.property(text, (field) => {
        const read = parseStrictDictionary(field);
        expect(read === null || read instanceof Map).toBe(true);
      }),
    );
  });
});

describe('beside an independent parser', () => {
  const plain = (value: unknown): unknown => {
    if (value instanceof Token || value instanceof OtherToken) return { token: String(value) };
    if (value instanceof ArrayBuffer) return [...new Uint8Array(value)];
    if (value instanceof Uint8Array) return [...value];
    if (value instanceof Map) return [...value].map(([key, entry]) => [key, plain(entry)]);
    return Array.isArray(value) ? value.map(plain) : value;
  };
  const other = (field: string) => {
    try {
      return parseDictionary(field);
    } catch {
      return null;
    }
  };

  it('what is read here is read there as the same, and written the same', () => {
    const piece = fc.constantFrom(
      ...[
        'a',
        'b',
        '=',
        '=',
        ';',
        ';',
        ',',
        ', ',
        ' ',
        '"x"',
        '"\\""',
        '1',
        '-5',
        '01',
        '-0',
        '1.5',
      ],
      ...[
        '?1',
        '?0',
        ':AQI=:',
        ':AQ:',
        ':AR==:',
        '(',
        ')',
        '(a "b";c 1)',
        'tok:en/*',
        '\t',
        '@1',
        '%"x"',
      ],
    );
    let read = 0;
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const field = pieces.join('');
        const ours = parseStrictDictionary(field);
        if (ours === null) return;
        read += 1;
        const theirs = other(field);
        expect(plain(theirs)).toEqual(plain(ours));
        const written = [...ours].map(([key, member]) =>
          !isInnerList(member) && member[0] === true
            ? key + writeMember(member).slice('?1'.length)
            : `${key}=${writeMember(member)}`,
        );
        expect(written.join(', ')).toBe(serializeDictionary(theirs!));
      }),
      { numRuns: 3000 },
    );
    expect(read).toBeGreaterThan(100);
  });

  it('refuses beyond it only what has a second reading', () => {
    const canonical = fc.constantFrom('1', '"x"', '?0', 'tok', ':AQI=:', '(a b)', '("x";p 1)');
    const members = fc.uniqueArray(fc.tuple(fc.constantFrom(...'abcdef'), canonical), {
      selector: ([key]) => key,
    });
    fc.assert(
      fc.property(members, (entries) => {
        const field = entries.map(([key, value]) => `${key}=${value};p;q=1`).join(' \t,  ');
        expect(plain(parseStrictDictionary(field))).toEqual(plain(other(field)));
      }),
    );
  });
});
