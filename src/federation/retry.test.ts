// Waiting times: growth, jitter, cap, and both forms of Retry-After.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LONGEST, parseRetryAfter, retryDelay } from './retry.ts';

const lowest = () => Uint8Array.of(0, 0);
const highest = () => Uint8Array.of(255, 255);

describe('retryDelay', () => {
  it('doubles from a second up to an hour', () => {
    const delays = [1, 2, 3, 4, 12, 13, 100].map((failures) => retryDelay(failures, highest));
    expect(delays).toEqual([1000, 2000, 4000, 8000, 2_047_984, LONGEST - 27, LONGEST - 27]);
  });

  it('stays between half of and all of the longest wait', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1000 }),
        fc.uint8Array({ minLength: 2, maxLength: 2 }),
        (n, two) => {
          const delay = retryDelay(n, () => two);
          expect(delay).toBeGreaterThanOrEqual(retryDelay(n, lowest));
          expect(delay).toBeLessThanOrEqual(Math.min(1000 * 2 ** (n - 1), LONGEST));
          expect(retryDelay(n, lowest)).toBe(Math.min(1000 * 2 ** (n - 1), LONGEST) / 2);
        },
      ),
    );
  });
});

describe('parseRetryAfter', () => {
  const now = Date.parse('Fri, 20 Nov 2026 10:00:00 GMT');

  it.each([
    ['0', 0],
    ['120', 120_000],
    [' 7 ', 7_000],
    ['Fri, 20 Nov 2026 10:01:30 GMT', 90_000],
    ['Fri, 20 Nov 2026 09:00:00 GMT', 0],
    ['999999999999', LONGEST],
    ['Wed, 20 Nov 2126 10:00:00 GMT', LONGEST],
  ])('reads %s', (text, expected) => {
    expect(parseRetryAfter(text, now)).toBe(expected);
  });

  it.each([null, '', '-1', '1.5', 'soon', '2026-11-20T10:00:00Z', '9'.repeat(400)])(
    'ignores %s',
    (text) => {
      expect(parseRetryAfter(text, now)).toBeNull();
    },
  );
});
