// Rates as medians of several runs, so that one disturbed run does not become a figure.

export interface Rate {
  readonly what: string;
  /** Operations per second: the median run. */
  readonly perSecond: number;
  /** Slowest and fastest run. */
  readonly range: readonly [number, number];
}

/** Runs `run` several times; each gives how many operations it did, and is timed. */
export async function measure(
  what: string,
  run: () => Promise<number> | number,
  runs = 5,
): Promise<Rate> {
  const rates: number[] = [];
  for (let i = 0; i < runs; i++) {
    const start = performance.now();
    const operations = await run();
    rates.push(operations / ((performance.now() - start) / 1000));
  }
  return rateOf(what, rates);
}

/** As `measure`, for runs that time themselves. */
export function rateOf(what: string, rates: readonly number[]): Rate {
  const sorted = [...rates].sort((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)] ?? 0;
  return { what, perSecond: median, range: [sorted[0] ?? 0, sorted.at(-1) ?? 0] };
}

/** Repeats `operation` for about half a second and gives the count. */
export async function repeat(operation: (i: number) => unknown): Promise<number> {
  const end = performance.now() + 500;
  let count = 0;
  while (performance.now() < end) {
    for (let i = 0; i < 50; i++) await operation(count + i);
    count += 50;
  }
  return count;
}

export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** The value that so many of them, from 0 to 1, are below. */
export const quantile = (values: readonly number[], q: number): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length * q)] ?? 0;
