// Room for bodies: shared by all, and nobody's alone.
import { expect, test } from 'vitest';
import { BodyBudget } from './body-budget.ts';

test('one caller has a share, all have the whole, and what is given back is there again', () => {
  const budget = new BodyBudget({ total: 10, each: 4 });
  const first = budget.take(4, ['a', '192.0.2.1']);
  expect(budget.take(1, ['a'])).toBeNull();
  expect(budget.take(1, ['b', '192.0.2.1'])).toBeNull();
  const others = [budget.take(3, ['b']), budget.take(3, ['c'])];
  expect([budget.take(1, ['d']), budget.used]).toEqual([null, 10]);
  first?.();
  expect([budget.take(4, ['a']) === null, budget.used]).toEqual([false, 10]);
  for (const release of others) release?.();
  expect(budget.used).toBe(4);
});

test('large bodies leave room for small ones', () => {
  const budget = new BodyBudget({ total: 800_000, each: 800_000 });
  expect(budget.take(700_000, ['a'])).not.toBeNull();
  expect(budget.take(65_537, ['b'])).toBeNull();
  expect(budget.take(65_536, ['b'])).not.toBeNull();
});
