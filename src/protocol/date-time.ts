// Instants as signed objects write them: `YYYY-MM-DDTHH:MM:SSZ`, one spelling per second.
import { ProtocolError } from './error.ts';

// No fraction and no offset: verifiers that rewrite `.000Z` or `+00:00` would compute another hash.
const FORM = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)Z$/;
const DAYS_IN_MONTH = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const EARLIEST = -62_135_596_800; // 0001-01-01T00:00:00Z
const LATEST = 253_402_300_799; // 9999-12-31T23:59:59Z

function isLeapYear(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

/** Days from 1970-01-01 in the proleptic Gregorian calendar; months count from 1. */
function daysFromEpoch(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const shifted = (month + 9) % 12; // March is 0, so that the leap day ends the year
  const dayOfYear = Math.floor((153 * shifted + 2) / 5) + day - 1;
  return (
    365 * y + Math.floor(y / 4) - Math.floor(y / 100) + Math.floor(y / 400) + dayOfYear - 719468
  );
}

/** Seconds since 1970-01-01T00:00:00Z, or null unless it is a real instant (no second 60) in exactly this form. */
export function parseDateTime(text: string): number | null {
  const match = FORM.exec(text);
  if (match === null) return null;
  const [year, month, day, hour, minute, second] = match.slice(1).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  if (year < 1 || month < 1 || month > 12 || hour > 23 || minute > 59 || second > 59) return null;
  const days = month === 2 && isLeapYear(year) ? 29 : (DAYS_IN_MONTH[month - 1] as number);
  if (day < 1 || day > days) return null;
  return daysFromEpoch(year, month, day) * 86400 + hour * 3600 + minute * 60 + second;
}

/** The inverse of `parseDateTime`. Throws `invalid_argument` unless given whole seconds of the years 1 to 9999. */
export function formatDateTime(seconds: number): string {
  if (!Number.isInteger(seconds) || seconds < EARLIEST || seconds > LATEST) {
    throw new ProtocolError('invalid_argument', 'not whole seconds within the years 1 to 9999');
  }
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z`;
}
