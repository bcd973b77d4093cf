// How often each of many may do something: a quota for each key that comes back evenly, in a table that cannot grow.

export interface Rate {
  /** How many at once. */
  readonly quota: number;
  /** Milliseconds in which a used-up quota comes back whole. */
  readonly windowMs: number;
}

/** Where a key stands. */
export interface Standing {
  readonly rate: Rate;
  /** How many more at once. */
  readonly remaining: number;
  /** Milliseconds until the whole quota is there again. */
  readonly resetMs: number;
  /** Milliseconds until the next one; 0 if there is one. */
  readonly waitMs: number;
}

/**
 * Keys in one table. Beyond it the one that was used longest ago is forgotten: whoever comes under so many names has as many
 * quotas anyway, and nobody else's is touched.
 */
const MOST = 65_536;

/** GCRA: one number for each key, the time at which its quota will be whole. */
export class RateTable {
  readonly rate: Rate;
  readonly #most: number;
  /** In the order of use, so that the first is the one to forget. */
  readonly #fullAt = new Map<string, number>();

  constructor(rate: Rate, most = MOST) {
    this.rate = rate;
    this.#most = most;
  }

  get size(): number {
    return this.#fullAt.size;
  }

  /** Takes one if there is one; `waitMs` above 0 says that there was none, and nothing was taken. */
  take(key: string, now: number): Standing {
    const before = this.#usedUntil(key, now);
    const after = before + this.rate.windowMs / this.rate.quota;
    const wait = after - now - this.rate.windowMs;
    if (wait > 0) return this.#standing(before, now, wait);
    this.#fullAt.delete(key);
    this.#fullAt.set(key, after);
    if (this.#fullAt.size > this.#most) {
      const [oldest] = this.#fullAt.keys();
      this.#fullAt.delete(oldest as string);
    }
    return this.#standing(after, now, 0);
  }

  /** Where the key stands, taking nothing. */
  peek(key: string, now: number): Standing {
    const before = this.#usedUntil(key, now);
    const wait = before + this.rate.windowMs / this.rate.quota - now - this.rate.windowMs;
    return this.#standing(before, now, Math.max(0, wait));
  }

  /** Nobody has used more than everything: what is further off was written down before the clock went back. */
  #usedUntil(key: string, now: number): number {
    const known = this.#fullAt.get(key) ?? 0;
    return known > now && known <= now + this.rate.windowMs ? known : now;
  }

  #standing(fullAt: number, now: number, waitMs: number): Standing {
    const { rate } = this;
    const resetMs = fullAt - now;
    const free = (1 - resetMs / rate.windowMs) * rate.quota;
    // Whole ones: what rounding has taken from the last of them is not missing.
    const remaining = waitMs > 0 ? 0 : Math.max(0, Math.floor(free + 1e-6));
    return { rate, remaining, resetMs, waitMs };
  }
}

/** Remembers what was seen lately, so much of it and no more. */
export class RecentlySeen {
  readonly #most: number;
  readonly #seen = new Set<string>();

  constructor(most: number) {
    this.#most = most;
  }

  /** True if it was there; it is from now on. */
  see(one: string): boolean {
    if (this.#seen.has(one)) return true;
    this.#seen.add(one);
    if (this.#seen.size > this.#most) {
      const [oldest] = this.#seen;
      this.#seen.delete(oldest as string);
    }
    return false;
  }
}
