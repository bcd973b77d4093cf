// Instants as signed objects write them: `YYYY-MM-DDTHH:MM:SSZ`, one spelling per second.
import { ProtocolError } from './error.ts';

// No fraction and no offset: verifiers that rewrite `.000Z` or `+00:00` would compute another hash.
const FORM = /^(?!0000)\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;
const EARLIEST = -62_135_596_800; // 0001-01-01T00:00:00Z
const LATEST = 253_402_300_799; // 9999-12-31T23:59:59Z

function written(seconds: number): string {
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z`;
}

/** Seconds since 1970-01-01T00:00:00Z, or null unless it is a real instant (no second 60) in exactly this form. */
export function parseDateTime(text: string): number | null {
  const seconds = FORM.test(text) ? Date.parse(text) / 1000 : Number.NaN;
  // ECMA-262 §21.4.1.32 leaves open whether 30 February is no date or 2 March; it is not written as 30 February.
  return Number.isNaN(seconds) || written(seconds) !== text ? null : seconds;
}

/** The inverse of `parseDateTime`. Throws `invalid_argument` unless given whole seconds of the years 1 to 9999. */
export function formatDateTime(seconds: number): string {
  if (!Number.isInteger(seconds) || seconds < EARLIEST || seconds > LATEST) {
    throw new ProtocolError('invalid_argument', 'not whole seconds within the years 1 to 9999');
  }
  return written(seconds);
}
