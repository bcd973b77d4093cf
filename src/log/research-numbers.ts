// The small formulas of analysis, rounded alike everywhere.

/** Six decimals: what is beyond depends on the order of additions. */
export function rounded(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}

/** Null where there is nothing to have a share of. */
export function ratio(part: number, whole: number): number | null {
  return whole === 0 ? null : rounded(part / whole);
}

/**
 * Gini coefficient of how a sum is spread: 0 where all have the same, towards 1 where one has all.
 * Σ (2i − n − 1) xᵢ / (n Σ xᵢ) over the values in ascending order, i from 1. Null for nothing.
 */
export function giniOf(values: readonly number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  const sum = sorted.reduce((total, value) => total + value, 0);
  if (sum === 0) return null;
  const n = sorted.length;
  const weighted = sorted.reduce((total, value, i) => total + (2 * (i + 1) - n - 1) * value, 0);
  return rounded(weighted / (n * sum));
}

/** Share of the sum that the largest tenth has, of at least one value. */
export function topTenth(values: readonly number[]): number | null {
  const sorted = values.toSorted((a, b) => b - a);
  const sum = sorted.reduce((total, value) => total + value, 0);
  const top = sorted.slice(0, Math.ceil(sorted.length / 10));
  return ratio(
    top.reduce((total, value) => total + value, 0),
    sum,
  );
}

/** Least-squares slope; points without a value are left out. Null below two of them. */
export function slopeOf(
  all: readonly { readonly x: number; readonly y: number | null }[],
): number | null {
  const points = all.flatMap(({ x, y }) => (y === null ? [] : [{ x, y }]));
  const n = points.length;
  if (n < 2) return null;
  const meanX = points.reduce((sum, { x }) => sum + x, 0) / n;
  const meanY = points.reduce((sum, { y }) => sum + y, 0) / n;
  const over = points.reduce((sum, { x, y }) => sum + (x - meanX) * (y - meanY), 0);
  const under = points.reduce((sum, { x }) => sum + (x - meanX) ** 2, 0);
  return rounded(over / under);
}
