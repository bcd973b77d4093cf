// Label IRIs: one base, short lower-case names.
import { expect, test } from 'vitest';
import { LABEL_BASE, LOCKED, LOG_KEYS, MODERATORS, PINNED, parseLabel } from './labels.ts';

test('every label with a meaning of its own has a name', () => {
  expect([LOCKED, PINNED, MODERATORS, LOG_KEYS].map(parseLabel)).toEqual([
    'locked',
    'featured',
    'moderators',
    'log-keys',
  ]);
});

test.each(['a', 'prompt-injection', 'a1-2', 'a'.repeat(64)])('accepts %s', (name) => {
  expect(parseLabel(LABEL_BASE + name)).toBe(name);
});

test.each(['', 'A', '1a', '-a', 'a-', 'a--b', 'a_b', 'a b', 'é', 'a\n', 'a'.repeat(65)])(
  'refuses %j',
  (name) => {
    expect(parseLabel(LABEL_BASE + name)).toBeNull();
  },
);

test('refuses another base', () => {
  expect(parseLabel('http://w3id.org/exuvia/label#locked')).toBeNull();
  expect(parseLabel('locked')).toBeNull();
});
