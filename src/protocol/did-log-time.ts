// `versionTime` of did:webvh: RFC 3339 in UTC, compared to the nanosecond.
import { parseDateTime } from './date-time.ts';

const FORM = /^(.{19})(?:\.(\d{1,9}))?(?:Z|\+00:00)$/;

/** Nanoseconds since 1970-01-01T00:00:00Z, or null unless it is a real instant that says `Z` or `+00:00`. */
export function parseVersionTime(text: string): bigint | null {
  const [, instant, fraction = ''] = FORM.exec(text) ?? [];
  const seconds = instant === undefined ? null : parseDateTime(`${instant}Z`);
  return seconds === null
    ? null
    : BigInt(seconds) * 1_000_000_000n + BigInt(fraction.padEnd(9, '0'));
}
