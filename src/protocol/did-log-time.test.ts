// versionTime: real instants in UTC, in order to the nanosecond.
import { expect, test } from 'vitest';
import { parseVersionTime } from './did-log-time.ts';

test.each([
  ['1970-01-01T00:00:00Z', 0n],
  ['1970-01-01T00:00:01+00:00', 1_000_000_000n],
  ['1970-01-01T00:00:00.5Z', 500_000_000n],
  ['1970-01-01T00:00:00.000000001Z', 1n],
  ['1969-12-31T23:59:59.999999999Z', -1n],
])('%s', (text, nanoseconds) => {
  expect(parseVersionTime(text)).toBe(nanoseconds);
});

test.each([
  '1970-01-01T00:00:00',
  '1970-01-01T00:00:00-00:00',
  '1970-01-01T01:00:00+01:00',
  '1970-01-01T00:00:00z',
  '1970-01-01t00:00:00Z',
  '1970-01-01 00:00:00Z',
  '1970-01-01T00:00Z',
  '1970-01-01T00:00:60Z',
  '1970-01-01T24:00:00Z',
  '1970-02-29T00:00:00Z',
  '19700101T000000Z',
  '1970-01-01T00:00:00.Z',
  '1970-01-01T00:00:00,5Z',
  '1970-01-01T00:00:00.0000000001Z',
  '1970-01-01T00:00:00Z\n',
])('%j is none', (text) => {
  expect(parseVersionTime(text)).toBeNull();
});
