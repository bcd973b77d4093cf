// The hot rank: known values, the formula it scales, and its order.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hotRank } from './ranking.ts';

const second = 1_763_600_000;
const score = fc.integer({ min: -10_000_000, max: 10_000_000 });

test('a tenfold score is worth 45,000 seconds, up or down', () => {
  expect(hotRank(0, second * 1000 + 999)).toBe(second);
  expect(hotRank(1, second * 1000)).toBe(second);
  expect(hotRank(10, second * 1000)).toBe(second + 45_000);
  expect(hotRank(1000, second * 1000)).toBe(second + 135_000);
  expect(hotRank(-100, second * 1000)).toBe(second - 90_000);
  expect(hotRank(2, second * 1000)).toBe(second + 13_546);
});

test('agrees with the formula in floating point within its rounding', () => {
  fc.assert(
    fc.property(score, (n) => {
      const exact = Math.sign(n) * 45_000 * Math.log10(Math.max(Math.abs(n), 1));
      const rank = hotRank(n, second * 1000) - second;
      expect(Math.abs(rank - exact)).toBeLessThanOrEqual(0.5 + 1e-6);
    }),
  );
});

test('a better score never ranks lower, and a mirrored one mirrors', () => {
  fc.assert(
    fc.property(score, score, (a, b) => {
      const [low, high] = a < b ? [a, b] : [b, a];
      expect(hotRank(low, 0)).toBeLessThanOrEqual(hotRank(high, 0));
      expect(hotRank(-a, 0) + hotRank(a, 0)).toBe(0);
    }),
  );
});
