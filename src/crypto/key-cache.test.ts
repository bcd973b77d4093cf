// The cache keeps the keys in use, forgets the others, and never keeps a refusal.
import { expect, test } from 'vitest';
import { KeyCache } from './key-cache.ts';

const key = (first: number): Uint8Array => new Uint8Array(32).fill(first, 0, 1);

test('a key is worked on once, whatever array its bytes are in', () => {
  const cache = new KeyCache<string>(4);
  expect(cache.get(key(1), () => 'made')).toBe('made');
  expect(cache.get(key(1), () => 'made again')).toBe('made');
});

test('keys that differ in one bit are different keys', () => {
  const cache = new KeyCache<string>(4);
  cache.get(key(1), () => 'one');
  expect(cache.get(key(129), () => 'other')).toBe('other');
});

test('the key used longest ago leaves first', () => {
  const cache = new KeyCache<string>(2);
  cache.get(key(1), () => 'first');
  cache.get(key(2), () => 'second');
  cache.get(key(1), () => 'unused');
  cache.get(key(3), () => 'third');
  expect(cache.get(key(1), () => 'made anew')).toBe('first');
  expect(cache.get(key(2), () => 'made anew')).toBe('made anew');
});

test('a refused key is asked about again and pushes nothing out', () => {
  const cache = new KeyCache<string>(1);
  cache.get(key(1), () => 'kept');
  expect(cache.get(key(2), () => null)).toBeNull();
  expect(cache.get(key(2), () => 'accepted later')).toBe('accepted later');
  cache.get(key(1), () => 'kept');
  for (let i = 3; i < 9; i++) cache.get(key(i), () => null);
  expect(cache.get(key(1), () => 'made anew')).toBe('kept');
});
