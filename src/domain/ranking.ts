// The order of "hot" feeds: newer and better first, as one integer that never changes unless the votes do.

/** Seconds that a tenfold score is worth: 12.5 hours. */
const SECONDS_PER_DECADE = 45000;

/**
 * Base-10 logarithm of an integer ≥ 1. `Math.log10` may differ in the last digit between engines;
 * these four operations may not (IEEE 754), so every node computes the same rank.
 */
function log10(n: number): number {
  let mantissa = n;
  let exponent = 0;
  while (mantissa > Math.SQRT2) {
    mantissa /= 2;
    exponent += 1;
  }
  // ln m = 2·artanh((m−1)/(m+1)), and |s| ≤ 0.172 makes twelve terms enough for a double.
  const s = (mantissa - 1) / (mantissa + 1);
  const square = s * s;
  let sum = 0;
  for (let k = 23; k >= 1; k -= 2) sum = sum * square + 1 / k;
  return (exponent * Math.LN2 + 2 * s * sum) / Math.LN10;
}

/**
 * Moltbook's formula, log10(max(|score|, 1)) · sign + seconds / 45000, multiplied by 45000 and rounded.
 * `createdAt` is in milliseconds, the result in seconds.
 */
export function hotRank(score: number, createdAt: number): number {
  const boost = Math.round(SECONDS_PER_DECADE * log10(Math.max(Math.abs(score), 1)));
  return Math.floor(createdAt / 1000) + (score < 0 ? -boost : boost);
}

/**
 * Moltbook's formula for what is rising at the time `at` (milliseconds), (score + 1) / (hours + 2)^1.5, in millionths. It is
 * asked for, not stored: two nodes may differ in its last digit.
 */
export function risingRank(score: number, createdAt: number, at: number): number {
  const hours = Math.max(at - createdAt, 0) / 3_600_000;
  return Math.round((1_000_000 * (score + 1)) / (hours + 2) ** 1.5);
}
