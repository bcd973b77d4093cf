// Brings messages to other nodes, each node's in order, and tidies mailboxes now and then.
import { tidyMailboxes } from '../commands/keep-mailbox.ts';
import { listTargets } from '../store/queries/messages.ts';
import type { FederationContext } from './context.ts';
import { deliverMessages } from './deliver-messages.ts';
import type { Report } from './perform-task.ts';
import { BREAKER_FAILURES, retryDelay } from './retry.ts';
import type { Work } from './work-lanes.ts';

/** Somebody waits for an answer: a node that was down is asked sooner than for a log. */
const LONGEST_WAIT_MS = 300_000;
const DEFERRED_MS = 15_000;
const TIDY_EVERY_MS = 3_600_000;
/** Other processes on the same database take messages too, and tell nobody. */
const LOOK_EVERY_MS = 30_000;

export interface CourierWork {
  readonly work: Work;
  /** Milliseconds: from when on it is due. */
  readonly at: number;
  /** The node has not answered the last time. */
  readonly failing: boolean;
}

/** What is not written in the database is forgotten at a restart: then all is due. */
export class Courier {
  readonly #context: FederationContext;
  readonly #report: Report;
  readonly #waits = new Map<string, { readonly failures: number; readonly at: number }>();
  #tidyAt = 0;
  #targets: readonly string[] = [];
  #lookAt = 0;

  constructor(context: FederationContext, report: Report) {
    this.#context = context;
    this.#report = report;
  }

  /** Something was sent: what is remembered of who waits counts no more. */
  look(): void {
    this.#lookAt = 0;
  }

  /** Everything there is to do, what has been due for longest first. */
  async works(): Promise<readonly CourierWork[]> {
    const targets = await this.#waiting();
    for (const target of this.#waits.keys()) {
      if (!targets.includes(target)) this.#waits.delete(target);
    }
    const works = targets.map((target) => {
      const { at, failures } = this.#waits.get(target) ?? { at: 0, failures: 0 };
      const probe = failures >= BREAKER_FAILURES;
      const run = () => this.#deliver(target, failures);
      // One at a time for each node: what was written first comes first.
      const work = { key: `messages ${target}`, peer: target, probe, run };
      return { at, failing: failures > 0, work };
    });
    const tidy = { key: 'mailboxes', peer: 'mailboxes', probe: false, run: () => this.#tidy() };
    return [...works, { at: this.#tidyAt, failing: false, work: tidy }].toSorted(
      (one, other) => one.at - other.at,
    );
  }

  /** Asked for seldom: there is mostly nobody, and entries of logs come far more often than messages. */
  async #waiting(): Promise<readonly string[]> {
    const now = this.#context.now();
    if (now < this.#lookAt) return this.#targets;
    this.#lookAt = now + LOOK_EVERY_MS;
    this.#targets = await listTargets(this.#context.db);
    return this.#targets;
  }

  async #deliver(target: string, failures: number): Promise<void> {
    const { now, random } = this.#context;
    try {
      const delivered = await deliverMessages(this.#context, target);
      this.look();
      if (delivered.kind === 'unreachable') {
        const wait = delivered.waitMs ?? retryDelay(failures + 1, random);
        const at = now() + Math.min(wait, LONGEST_WAIT_MS);
        this.#waits.set(target, { failures: failures + 1, at });
        this.#report({ event: 'unreachable', peer: target, detail: delivered.detail });
        return;
      }
      const left = delivered.kind === 'answered' && delivered.left;
      this.#waits.set(target, { failures: 0, at: left ? now() + DEFERRED_MS : 0 });
    } catch (error) {
      this.#waits.set(target, { failures, at: now() + DEFERRED_MS });
      this.#fault(target, error);
    }
  }

  async #tidy(): Promise<void> {
    const { messages, now, sequencer } = this.#context;
    this.#tidyAt = now() + TIDY_EVERY_MS;
    try {
      await tidyMailboxes(this.#context, sequencer, messages);
    } catch (error) {
      this.#fault('mailboxes', error);
    }
  }

  /** Told to the operator, never the end of the worker. */
  #fault(peer: string, error: unknown): void {
    const detail = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    this.#report({ event: 'failed', peer, detail });
  }
}
