// Who takes gzip, as RFC 9110 has it said.
import { expect, test } from 'vitest';
import { takesGzip } from './compressed.ts';

test.each([
  ['gzip', true],
  ['GZIP', true],
  ['x-gzip', true],
  ['deflate, gzip;q=0.5', true],
  ['gzip, identity', true],
  ['br;q=1.0, *;q=0.1', true],
  ['*', true],
  ['', false],
  ['br', false],
  ['identity', false],
  ['gzip;q=0', false],
  ['gzip; q=0.000, *', false],
  ['*;q=0', false],
  ['gzip;q=x', false],
  ['xgzip, gzip2', false],
])('Accept-Encoding %j: %s', (field, takes) => {
  expect(takesGzip(field)).toBe(takes);
});
