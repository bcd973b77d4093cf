// What waits for the one writer: of each caller in the order it came, and the callers in turns.

/** Taken from its front; what was taken is let go of in large pieces. */
class Line<Job> {
  #jobs: Job[] = [];
  #taken = 0;

  get first(): Job | undefined {
    return this.#jobs[this.#taken];
  }

  push(job: Job): void {
    this.#jobs.push(job);
  }

  /** False once nothing is left. */
  drop(): boolean {
    this.#taken += 1;
    if (this.#taken > 64 && this.#taken * 2 > this.#jobs.length) {
      this.#jobs = this.#jobs.slice(this.#taken);
      this.#taken = 0;
    }
    return this.first !== undefined;
  }
}

export class FairQueue<Job> {
  /** In the order of their turns: who has had one stands at the end. */
  readonly #lines = new Map<string, Line<Job>>();

  get isEmpty(): boolean {
    return this.#lines.size === 0;
  }

  push(caller: string, job: Job): void {
    const line = this.#lines.get(caller) ?? new Line<Job>();
    line.push(job);
    this.#lines.set(caller, line);
  }

  /** Whose turn it is. */
  peek(): Job | undefined {
    const [line] = this.#lines.values();
    return line?.first;
  }

  /** Takes that. */
  next(): Job | undefined {
    for (const [caller, line] of this.#lines) return this.#take(caller, line);
    return undefined;
  }

  /**
   * Takes one of each caller in turn, and again, until there are so many: however much one caller has waiting, another one's
   * first comes with the first of everybody's. Lines whose first has no size keep their place.
   */
  takeMany(most: number, sizeOf: (job: Job) => number | null): Job[] {
    const taken: Job[] = [];
    let size = 0;
    // Who has more is added at the end, and so comes up again in this same loop.
    for (const [caller, line] of this.#lines) {
      const next = sizeOf(line.first as Job);
      if (next === null) continue;
      if (size + next > most) break;
      size += next;
      taken.push(this.#take(caller, line));
    }
    return taken;
  }

  #take(caller: string, line: Line<Job>): Job {
    const job = line.first as Job;
    this.#lines.delete(caller);
    if (line.drop()) this.#lines.set(caller, line);
    return job;
  }
}
