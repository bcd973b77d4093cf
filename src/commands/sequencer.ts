// The one writer: what arrives while a batch is being written is the next group, some of everybody's.
import type { VerifiedObject } from '../protocol/object.ts';
import type { Statement } from '../store/database.ts';
import { StoreError } from '../store/error.ts';
import { deleteExpiredNonces } from '../store/nonces.ts';
import { deleteOldRefusals } from '../store/pending.ts';
import type { Caller, CommandContext } from './context.ts';
import { CommandError } from './error.ts';
import { FairQueue } from './fair-queue.ts';
import { CheckpointSigners } from './origin.ts';
import {
  BrokenSubmission,
  type GroupResult,
  type Submission,
  submitGroup,
} from './submit-group.ts';
import type { GrownLog, SubmitOutcome } from './submit-outcome.ts';
import { withRetries } from './with-retries.ts';

export type { GrownLog, SubmitOutcome } from './submit-outcome.ts';

/** Objects in one group. */
const MAX_GROUP = 256;
/** Objects that may wait; more are turned away at once. */
const MAX_WAITING = 8192;
/** Of one caller: nobody fills the room of all. */
const MAX_WAITING_EACH = 1024;
/** The node itself, in whose name peers and agents have nothing done. */
const OWN = '';
const CLEAN_UP_EVERY_MS = 60_000;

interface Waiting {
  readonly submission: Submission;
  /** Before whom it came. */
  readonly arrived: number;
  readonly resolve: (outcomes: SubmitOutcome[]) => void;
  readonly reject: (error: unknown) => void;
}

type Job =
  | { readonly kind: 'submission'; readonly waiting: Waiting }
  | { readonly kind: 'task'; readonly run: () => Promise<void> };

export class Sequencer {
  readonly #context: CommandContext;
  readonly #signers: CheckpointSigners;
  readonly #listeners = new Set<(grown: readonly GrownLog[]) => void>();
  readonly #observers = new Set<(outcome: SubmitOutcome) => void>();
  readonly #jobs = new FairQueue<Job>();
  #waiting = 0;
  #arrivals = 0;
  readonly #waitingOf = new Map<string, number>();
  #draining: Promise<void> | null = null;
  #closed = false;
  #cleanUpAt = 0;

  constructor(context: CommandContext) {
    this.#context = context;
    this.#signers = new CheckpointSigners(context.node, context.crypto);
  }

  /**
   * Submits one object. Fulfils when the outcome is on disk. Rejects with CommandError (`overloaded`, `closed`,
   * `failed`) or StoreError; after `unreachable` the caller does not know, and may send the object again.
   */
  async submit({
    object,
    caller,
  }: {
    readonly object: VerifiedObject;
    readonly caller: Caller | null;
  }): Promise<SubmitOutcome> {
    const [outcome] = await this.submitAll([object], caller);
    return outcome as SubmitOutcome;
  }

  /** Submits all objects of one request under its one nonce, and gives their outcomes in order. */
  async submitAll(
    objects: readonly VerifiedObject[],
    caller: Caller | null,
  ): Promise<SubmitOutcome[]> {
    this.#refuseWhenClosed();
    if (this.#waiting + objects.length > MAX_WAITING) {
      throw new CommandError('overloaded', 'too many submissions are waiting; try again later');
    }
    if (objects.length > MAX_GROUP) {
      throw new CommandError('overloaded', `at most ${MAX_GROUP} objects at a time`);
    }
    if (objects.length === 0) return [];
    const key = caller?.did ?? OWN;
    const waitingBefore = this.#waitingOf.get(key) ?? 0;
    if (key !== OWN && waitingBefore + objects.length > MAX_WAITING_EACH) {
      throw new CommandError(
        'overloaded',
        `${MAX_WAITING_EACH} submissions of this caller are waiting already`,
      );
    }
    this.#waiting += objects.length;
    this.#waitingOf.set(key, waitingBefore + objects.length);
    const { promise, resolve, reject } = Promise.withResolvers<SubmitOutcome[]>();
    this.#arrivals += 1;
    const submission = { objects, caller };
    const waiting: Waiting = { submission, arrived: this.#arrivals, resolve, reject };
    this.#push(key, { kind: 'submission', waiting });
    return promise;
  }

  /** Runs `task` when no group is being written, and no group while it runs; in its caller's turn, if it has one. */
  async run<T>(task: () => Promise<T>, caller: Pick<Caller, 'did'> | null = null): Promise<T> {
    this.#refuseWhenClosed();
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    this.#push(caller?.did ?? OWN, { kind: 'task', run: () => task().then(resolve, reject) });
    return promise;
  }

  /**
   * Tells `listener` of each log that has grown, after the batch is on disk; of none when objects have only begun to
   * wait for another home. Gives the way to stop it.
   */
  onCommit(listener: (grown: readonly GrownLog[]) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Tells `observer` what became of each submitted object. Gives the way to stop it. */
  onOutcome(observer: (outcome: SubmitOutcome) => void): () => void {
    this.#observers.add(observer);
    return () => this.#observers.delete(observer);
  }

  /** For tasks that append to logs themselves. */
  announce(grown: readonly GrownLog[]): void {
    for (const listener of this.#listeners) listener(grown);
  }

  /** Takes nothing new, and fulfils when everything taken is done. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#draining;
  }

  #refuseWhenClosed(): void {
    if (this.#closed) throw new CommandError('closed', 'the node is shutting down');
  }

  #push(caller: string, job: Job): void {
    this.#jobs.push(caller, job);
    this.#draining ??= this.#drain();
  }

  async #drain(): Promise<void> {
    while (!this.#jobs.isEmpty) {
      // Requests that arrived during the last batch are read from their sockets first, and join the group.
      await nextTurn();
      await this.#runNext();
    }
    this.#draining = null;
  }

  async #runNext(): Promise<void> {
    const first = this.#jobs.peek();
    if (first?.kind === 'task') {
      this.#jobs.next();
      await first.run();
      return;
    }
    const jobs = this.#jobs.takeMany(MAX_GROUP, (job) =>
      job.kind === 'task' ? null : job.waiting.submission.objects.length,
    );
    // What is decided together is decided in the order of arrival.
    const group = jobs
      .flatMap((job) => (job.kind === 'task' ? [] : [job.waiting]))
      .sort((a, b) => a.arrived - b.arrived);
    try {
      await this.#settle(group);
    } finally {
      for (const { submission } of group) this.#settled(submission);
    }
  }

  #settled({ caller, objects }: Submission): void {
    const key = caller?.did ?? OWN;
    const left = (this.#waitingOf.get(key) ?? 0) - objects.length;
    this.#waiting -= objects.length;
    if (left > 0) this.#waitingOf.set(key, left);
    else this.#waitingOf.delete(key);
  }

  /** Answers everyone in the group; what cannot be answered is rejected, and never holds up its neighbours. */
  async #settle(group: readonly Waiting[]): Promise<void> {
    if (group.length === 0) return;
    try {
      const { outcomes, grown } = await this.#attempt(group.map((waiting) => waiting.submission));
      group.forEach((waiting, i) => {
        waiting.resolve(outcomes[i] as SubmitOutcome[]);
      });
      for (const outcome of outcomes.flat()) {
        for (const observe of this.#observers) observe(outcome);
      }
      const waits = outcomes.some((objects) => objects.some(({ kind }) => kind === 'pending'));
      if (waits || grown.length > 0) this.announce(grown);
    } catch (error) {
      if (error instanceof BrokenSubmission) {
        const broken = group[error.submission] as Waiting;
        broken.reject(failure(error.cause));
        await this.#settle(group.filter((waiting) => waiting !== broken));
      } else if (error instanceof StoreError && error.code === 'constraint' && group.length > 1) {
        for (const waiting of group) await this.#settle([waiting]);
      } else {
        const reason =
          error instanceof StoreError && error.code === 'constraint' ? failure(error) : error;
        for (const waiting of group) waiting.reject(reason);
      }
    }
  }

  #attempt(submissions: readonly Submission[]): Promise<GroupResult> {
    return withRetries(() =>
      submitGroup(this.#context, this.#signers, submissions, this.#cleanUp()),
    );
  }

  #cleanUp(): Statement[] {
    const now = this.#context.now();
    if (now < this.#cleanUpAt) return [];
    this.#cleanUpAt = now + CLEAN_UP_EVERY_MS;
    return [deleteExpiredNonces(now), deleteOldRefusals(now)];
  }
}

function failure(cause: unknown): CommandError {
  return new CommandError('failed', 'this submission could not be processed', { cause });
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
