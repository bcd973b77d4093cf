// How often something may be done: so many times at once, and then so many times a second, for each key.

export interface AllowanceLimits {
  readonly atOnce: number;
  readonly perSecond: number;
}

/** Keys that have not been used for long are forgotten when there are so many. */
const MANY = 10_000;

export class Allowance {
  readonly #limits: AllowanceLimits;
  /** When each key will have everything it may use at once again, in milliseconds. */
  readonly #fullAt = new Map<string | number, number>();

  constructor(limits: AllowanceLimits) {
    this.#limits = limits;
  }

  /** Takes one, or gives the milliseconds after which there will be one. */
  take(key: string | number, now: number): number {
    const each = 1000 / this.#limits.perSecond;
    const all = this.#limits.atOnce * each;
    const known = this.#fullAt.get(key) ?? 0;
    // Nobody has used more than everything: what is further off was written down before the clock went back.
    const fullAt = (known > now && known <= now + all ? known : now) + each;
    const wait = fullAt - now - all;
    if (wait > 0) return wait;
    if (this.#fullAt.size >= MANY) this.#forget(now);
    this.#fullAt.set(key, fullAt);
    return 0;
  }

  #forget(now: number): void {
    for (const [key, fullAt] of this.#fullAt) if (fullAt <= now) this.#fullAt.delete(key);
  }
}
