// Differences as a person reads them: what went, what came, and a little around it.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { lineDiff } from './line-diff.ts';

test('two equal texts have none', () => {
  expect(lineDiff('a\nb', 'a\nb')).toEqual([]);
});

test('a line that changed stands between its neighbours, and what is far away is left out', () => {
  const before = ['1', '2', '3', '4', '5', '6', '7'].join('\n');
  expect(lineDiff(before, before.replace('4', 'four'))).toEqual([
    ...['…', ' 2', ' 3', '-4', '+four', ' 5', ' 6'],
  ]);
});

test('lines that come and go in several places are each in theirs', () => {
  expect(lineDiff('a\nb\nc\nd', 'x\na\nc\nd\ne')).toEqual(['+x', ' a', '-b', ' c', ' d', '+e']);
});

test('a text that was not there comes whole', () => {
  expect(lineDiff('', 'a\nb')).toEqual(['-', '+a', '+b']);
});

test('very long texts are shown one after the other', () => {
  const lines = (name: string) =>
    Array.from({ length: 3_000 }, (_, i) => `${name} ${i}`).join('\n');
  const shown = lineDiff(lines('old'), lines('new'));
  expect(shown.length).toBe(6_000);
  expect([shown[0], shown[3_000]]).toEqual(['-old 0', '+new 0']);
});

test('whatever goes is in the old text and whatever comes in the new one, in order', () => {
  const text = fc.array(fc.constantFrom('a', 'b', 'c', '')).map((lines) => lines.join('\n'));
  fc.assert(
    fc.property(text, text, (before, after) => {
      const shown = lineDiff(before, after);
      const of = (sign: string) =>
        shown.filter((line) => line.startsWith(sign)).map((line) => line.slice(1));
      expect(isWithin(of('-'), before.split('\n'))).toBe(true);
      expect(isWithin(of('+'), after.split('\n'))).toBe(true);
    }),
  );
});

function isWithin(some: string[], all: string[]): boolean {
  let at = 0;
  for (const line of all) if (line === some[at]) at++;
  return at === some.length;
}
