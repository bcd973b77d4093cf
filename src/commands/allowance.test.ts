// What may be done how often: so much at once, then steadily, for each key by itself.
import { expect, test } from 'vitest';
import { Allowance } from './allowance.ts';

test('so many at once, then one each time it is due', () => {
  const allowance = new Allowance({ atOnce: 3, perSecond: 2 });
  expect([1, 2, 3, 4].map(() => allowance.take('a', 0))).toEqual([0, 0, 0, 500]);
  expect(allowance.take('a', 400)).toBe(100);
  expect(allowance.take('a', 500)).toBe(0);
  expect(allowance.take('a', 500)).toBe(500);
});

test('keys do not know of one another, and time gives everything back', () => {
  const allowance = new Allowance({ atOnce: 1, perSecond: 1 });
  expect(['a', 'b', 'a'].map((key) => allowance.take(key, 0))).toEqual([0, 0, 1000]);
  expect(['a', 'a'].map((key) => allowance.take(key, 60_000))).toEqual([0, 1000]);
});

test('many keys change nothing for those in use', () => {
  const allowance = new Allowance({ atOnce: 1, perSecond: 1 });
  for (let i = 0; i < 10_001; i++) expect(allowance.take(i, i < 5_000 ? 0 : 5_000)).toBe(0);
  expect(allowance.take(10_000, 5_000)).toBe(1000);
});

test('a clock that goes back holds up nobody', () => {
  const allowance = new Allowance({ atOnce: 2, perSecond: 1 });
  expect([1, 2, 3].map(() => allowance.take('a', 7_200_000))).toEqual([0, 0, 1000]);
  expect([1, 2, 3].map(() => allowance.take('a', 0))).toEqual([0, 0, 1000]);
  expect(allowance.take('a', 1_000)).toBe(0);
});
