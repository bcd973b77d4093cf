// Quotas that come back evenly, and tables that stay small whoever comes.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RateTable, RecentlySeen } from './rate.ts';

const MINUTE = 60_000;

describe('a quota', () => {
  test('is there at once, then comes back evenly', () => {
    const table = new RateTable({ quota: 60, windowMs: MINUTE });
    for (let i = 59; i >= 0; i--)
      expect(table.take('a', 0)).toMatchObject({ remaining: i, waitMs: 0 });
    expect(table.take('a', 0)).toMatchObject({ remaining: 0, waitMs: 1_000, resetMs: MINUTE });
    expect(table.take('a', 999).waitMs).toBe(1);
    expect(table.take('a', 1_000)).toMatchObject({ remaining: 0, waitMs: 0 });
    expect(table.take('a', 1_000).waitMs).toBe(1_000);
  });

  test('is one for each key, and asking takes nothing', () => {
    const table = new RateTable({ quota: 1, windowMs: 1_000 });
    expect(table.peek('a', 5).waitMs).toBe(0);
    table.take('a', 5);
    expect(table.peek('a', 5).waitMs).toBe(1_000);
    expect(table.peek('b', 5)).toMatchObject({ remaining: 1, resetMs: 0, waitMs: 0 });
  });

  test('is not used up for ever by a clock that goes back', () => {
    const table = new RateTable({ quota: 2, windowMs: 1_000 });
    table.take('a', 1_000_000);
    table.take('a', 1_000_000);
    expect(table.take('a', 1_000).waitMs).toBe(0);
  });

  test('never lets through more than itself and what has come back', () => {
    const steps = fc.array(fc.integer({ min: 0, max: 300 }), { maxLength: 200 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), steps, (quota, pauses) => {
        const table = new RateTable({ quota, windowMs: 1_000 });
        let [now, taken] = [1_000_000, 0];
        for (const pause of pauses) {
          now += pause;
          if (table.take('a', now).waitMs === 0) taken += 1;
        }
        const passed = now - 1_000_000;
        expect(taken).toBeLessThanOrEqual(quota + Math.floor((passed * quota) / 1_000) + 1);
      }),
    );
    expect.hasAssertions();
  });

  test('stays as large as it may be under a million names, and forgets who was away longest', () => {
    const table = new RateTable({ quota: 1, windowMs: MINUTE }, 1_000);
    table.take('steady', 0);
    for (let i = 0; i < 1_000_000; i++) {
      table.take(`stranger ${i}`, i / 1_000);
      if (i % 500 === 0) table.take('steady', i / 1_000);
    }
    expect(table.size).toBe(1_000);
    expect(table.take('stranger 999999', 1_000).waitMs).toBeGreaterThan(0);
    expect(table.take('stranger 1', 1_000).waitMs).toBe(0);
  });
});

test('what was seen is remembered until so much else was', () => {
  const seen = new RecentlySeen(2);
  expect(['a', 'a', 'b', 'c', 'a'].map((one) => seen.see(one))).toEqual([
    false,
    true,
    false,
    false,
    false,
  ]);
});
