// When to try a peer again: exponential, jittered, as late as the peer asks, never later than an hour.

const SHORTEST = 1_000;
export const LONGEST = 3_600_000;
/** Failures in a row after which a peer counts as down: it is tried with one request at a time. */
export const BREAKER_FAILURES = 5;

/**
 * Milliseconds to wait after the n-th failure in a row (n ≥ 1): between half of and all of 1 s · 2^(n−1),
 * at most an hour. The jitter keeps peers of a node that comes back from returning all at once.
 */
export function retryDelay(failures: number, random: (bytes: number) => Uint8Array): number {
  const longest = Math.min(SHORTEST * 2 ** Math.min(failures - 1, 20), LONGEST);
  const [high = 0, low = 0] = random(2);
  const fraction = (high * 256 + low) / 65_536;
  return Math.round(longest * (0.5 + fraction / 2));
}

/**
 * RFC 9110 §10.2.3: seconds or an HTTP date, as milliseconds from `now`; null if absent or neither. Capped:
 * no peer decides that it is never to be asked again.
 */
export function parseRetryAfter(value: string | null, now: number): number | null {
  const text = value?.trim() ?? '';
  if (/^\d{1,15}$/.test(text)) return Math.min(Number(text) * 1000, LONGEST);
  // IMF-fixdate alone: Date.parse would also take "1" or "2026".
  if (!/^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/.test(text)) return null;
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : Math.min(Math.max(at - now, 0), LONGEST);
}
