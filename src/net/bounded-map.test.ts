// The bounded map keeps what is used and stays within both bounds.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BoundedMap } from './bounded-map.ts';

describe('BoundedMap', () => {
  it('forgets what was used longest ago', () => {
    const map = new BoundedMap<number>(2);
    map.set('a', 1);
    map.set('b', 2);
    map.get('a');
    map.set('c', 3);
    expect([map.get('a'), map.get('b'), map.get('c')]).toEqual([1, undefined, 3]);
  });

  it('never exceeds its bounds, whatever is set and deleted', () => {
    const operation = fc.tuple(
      fc.constantFrom('a', 'b', 'c', 'd', 'e'),
      fc.integer({ min: 0, max: 9 }),
    );
    fc.assert(
      fc.property(fc.array(operation), (operations) => {
        const map = new BoundedMap<number>(3, 12);
        const weights = new Map<string, number>();
        for (const [key, weight] of operations) {
          if (weight === 0) map.delete(key);
          else map.set(key, weight, weight);
          weights.set(key, weight);
          const kept = [...weights.keys()].flatMap((name) => map.get(name) ?? []);
          expect(kept.length).toBe(map.size);
          expect(map.size).toBeLessThanOrEqual(3);
          expect(kept.reduce((sum, each) => sum + each, 0)).toBeLessThanOrEqual(12);
          if (weight > 0) expect(map.get(key)).toBe(weight);
        }
      }),
    );
  });
});
