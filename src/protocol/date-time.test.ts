// Instants: one spelling per second, and only instants that exist.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatDateTime, parseDateTime } from './date-time.ts';
import { ProtocolError } from './error.ts';

test.each([
  ['1970-01-01T00:00:00Z', 0],
  ['2026-11-20T10:00:00Z', 1795168800],
  ['2024-02-29T23:59:59Z', 1709251199],
  ['2000-02-29T00:00:00Z', 951782400],
  ['1969-12-31T23:59:59Z', -1],
  ['0001-01-01T00:00:00Z', -62135596800],
  ['9999-12-31T23:59:59Z', 253402300799],
])('%s is second %d', (text, seconds) => {
  expect(parseDateTime(text)).toBe(seconds);
  expect(formatDateTime(seconds)).toBe(text);
});

test.each([
  '',
  '2026-11-20',
  '2026-11-20T10:00:00',
  '2026-11-20T10:00:00.000Z',
  '2026-11-20T10:00:00.5Z',
  '2026-11-20T10:00:00+00:00',
  '2026-11-20T10:00:00z',
  '2026-11-20t10:00:00Z',
  '2026-11-20 10:00:00Z',
  '2026-11-20T10:00Z',
  '2026-1-20T10:00:00Z',
  '12026-11-20T10:00:00Z',
  '-2026-11-20T10:00:00Z',
  '2026-11-20T10:00:00Z ',
  '2026-11-20T10:00:00Z\n',
  '２０２６-11-20T10:00:00Z',
  '0000-01-01T00:00:00Z',
  '2026-00-20T10:00:00Z',
  '2026-13-20T10:00:00Z',
  '2026-11-00T10:00:00Z',
  '2026-11-31T10:00:00Z',
  '2026-02-29T10:00:00Z',
  '1900-02-29T10:00:00Z',
  '2026-11-20T24:00:00Z',
  '2026-11-20T10:60:00Z',
  '2016-12-31T23:59:60Z',
])('%j is no instant', (text) => {
  expect(parseDateTime(text)).toBeNull();
});

test.each([0.5, Number.NaN, Infinity, 253402300800, -62135596801])(
  '%d has no such form',
  (seconds) => {
    expect(() => formatDateTime(seconds)).toThrow(ProtocolError);
  },
);

test('every second of the calendar round-trips, as the platform counts it', () => {
  fc.assert(
    fc.property(fc.integer({ min: -62135596800, max: 253402300799 }), (seconds) => {
      const text = formatDateTime(seconds);
      expect(parseDateTime(text)).toBe(seconds);
      expect(Date.parse(text)).toBe(seconds * 1000);
    }),
    { numRuns: 1000 },
  );
});

test('a day that the platform would roll over is refused', () => {
  const field = (max: number) => fc.integer({ min: 0, max }).map((n) => `${n}`.padStart(2, '0'));
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 9999 }), field(14), field(33), (year, month, day) => {
      const text = `${`${year}`.padStart(4, '0')}-${month}-${day}T00:00:00Z`;
      const milliseconds = Date.parse(text);
      const real =
        !Number.isNaN(milliseconds) &&
        new Date(milliseconds).toISOString().startsWith(text.slice(0, 10));
      expect(parseDateTime(text)).toBe(real ? milliseconds / 1000 : null);
    }),
    { numRuns: 2000 },
  );
});
