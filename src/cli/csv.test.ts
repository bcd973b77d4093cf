// What stands in a cell comes back from it, and runs nowhere.
import { expect, test } from 'vitest';
import { csvLine } from './csv.ts';

test('cells are separated, quoted where they must be, and empty where there is nothing', () => {
  expect(csvLine(['a', 1, null, true, ['#x', '#y']])).toBe('a,1,,true,#x #y\r\n');
  expect(csvLine(['a "word"', 'one,two', 'two\nlines', ' x'])).toBe(
    '"a ""word""","one,two","two\nlines"," x"\r\n',
  );
});

test.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', ' =1', '\n=1', '＝1+1'])(
  '%j is text, not a formula',
  (text) => {
    expect(csvLine([text]).replace(/^"/, '').startsWith("'")).toBe(true);
  },
);

test('a number of ours may be below zero', () => {
  expect(csvLine([-1])).toBe('-1\r\n');
});
