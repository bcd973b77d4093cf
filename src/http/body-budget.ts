// How many bytes of bodies may be in memory at a time, of all requests and of one caller.

export interface BodyBudgetOptions {
  readonly total: number;
  readonly each: number;
}

/** Bytes of a body for which there is always some room: large ones leave that part of all. */
const SMALL = 65_536;
const FOR_SMALL = 0.125;

/** All of one agent, or all from one address, come to at most `each`. */
export class BodyBudget {
  readonly #options: BodyBudgetOptions;
  readonly #of = new Map<string, number>();
  #used = 0;

  constructor(options: BodyBudgetOptions) {
    this.#options = options;
  }

  get used(): number {
    return this.#used;
  }

  /** The way to give them back; null if there are not so many. */
  take(bytes: number, callers: readonly string[]): (() => void) | null {
    const { each, total } = this.#options;
    const most = bytes > SMALL ? total * (1 - FOR_SMALL) : total;
    if (this.#used + bytes > most) return null;
    if (callers.some((caller) => (this.#of.get(caller) ?? 0) + bytes > each)) return null;
    this.#add(bytes, callers);
    return () => this.#add(-bytes, callers);
  }

  #add(bytes: number, callers: readonly string[]): void {
    this.#used += bytes;
    for (const caller of callers) {
      const now = (this.#of.get(caller) ?? 0) + bytes;
      if (now === 0) this.#of.delete(caller);
      else this.#of.set(caller, now);
    }
  }
}
