// Examines an archive's bodies on all cores: threads that take batches, and this thread for what they cannot do.
import { Worker } from 'node:worker_threads';
import type { BodyBatch } from '../log/body-batch.ts';
import {
  createExaminer,
  type Examiner,
  type SignatureCheck,
  type SignatureVerdict,
} from '../log/body-examiner.ts';
import type { ExaminedBatch } from '../log/examined-batch.ts';
import type { Crypto } from '../protocol/crypto.ts';
import type { Answer, Task } from './examine-messages.ts';

/** More would wait for the one thread that reads the archive. */
const MAX_THREADS = 32;
/** Tasks that a thread has at a time, so that it finds the next one when it is done with one. */
const AT_A_TIME = 2;
/** Fewer signatures than a message is worth. */
const FEW = 8;

/** What a thread parses is garbage at once; its heap would grow for as long as it may. */
const LIMITS = { maxYoungGenerationSizeMb: 4, maxOldGenerationSizeMb: 128 };

const built = import.meta.url.endsWith('.js');
const threadFile = new URL(`./examine-thread.${built ? 'js' : 'ts'}`, import.meta.url);

type Result = ExaminedBatch | readonly SignatureVerdict[];

interface Job {
  readonly task: Task;
  /** On this thread, from what the task was made of. */
  readonly here: () => Promise<Result>;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

interface Thread {
  readonly worker: Worker;
  readonly jobs: Map<number, Job>;
}

export interface ExaminerPool extends Examiner {
  close(): Promise<void>;
}

/** Threads that cannot be started or that fail are done without. */
export function createExaminerPool(
  crypto: Crypto,
  threads: number,
  file = threadFile,
): ExaminerPool {
  const here = createExaminer(crypto);
  if (threads < 2) return { ...here, close: async () => {} };
  const pool = new Pool(here, Math.min(threads, MAX_THREADS), file);
  return {
    examine: (batch) => pool.examine(batch),
    allocate,
    check: (signatures) => pool.check(signatures),
    close: () => pool.close(),
  };
}

/** Shared with the threads: copies of batches would be garbage there, which no thread is in a hurry to collect. */
function allocate(bytes: number): Uint8Array {
  return new Uint8Array(new SharedArrayBuffer(bytes));
}

class Pool {
  readonly #here: Examiner;
  readonly #threads: Thread[] = [];
  #waiting: Job[] = [];
  #lastId = 0;

  constructor(here: Examiner, threads: number, file: URL) {
    this.#here = here;
    for (let i = 0; i < threads; i++) this.#start(file);
  }

  examine(batch: BodyBatch): Promise<ExaminedBatch> {
    const here = () => this.#here.examine(batch);
    if (batch.commitments.length === 0) return here();
    const task: Task = { kind: 'examine', id: ++this.#lastId, batch };
    return this.#run(task, here, 'last') as Promise<ExaminedBatch>;
  }

  check(signatures: readonly SignatureCheck[]): Promise<readonly SignatureVerdict[]> {
    if (signatures.length < FEW) return this.#here.check(signatures);
    const id = ++this.#lastId;
    const here = () => this.#here.check(signatures);
    // Everything that is examined ahead waits for these.
    const result = this.#run({ kind: 'check', id, signatures }, here, 'first');
    return result as Promise<readonly SignatureVerdict[]>;
  }

  async close(): Promise<void> {
    await Promise.all(this.#threads.splice(0).map(({ worker }) => worker.terminate()));
  }

  #start(file: URL): void {
    const worker = new Worker(file, { resourceLimits: LIMITS });
    const thread: Thread = { worker, jobs: new Map() };
    this.#threads.push(thread);
    worker.on('message', (answer: Answer) => this.#take(thread, answer));
    worker.on('error', () => this.#giveUp(thread));
    worker.on('exit', () => this.#giveUp(thread));
  }

  #run(task: Task, here: Job['here'], place: 'first' | 'last'): Promise<Result> {
    const { promise, resolve, reject } = Promise.withResolvers<Result>();
    const job: Job = { task, here, resolve, reject };
    if (place === 'first') this.#waiting.unshift(job);
    else this.#waiting.push(job);
    this.#handOut();
    return promise;
  }

  #handOut(): void {
    if (this.#threads.length === 0) {
      for (const job of this.#waiting.splice(0)) job.here().then(job.resolve, job.reject);
    }
    while (this.#waiting.length > 0) {
      const [idlest] = this.#threads.toSorted((a, b) => a.jobs.size - b.jobs.size);
      if (idlest === undefined || idlest.jobs.size >= AT_A_TIME) return;
      const job = this.#waiting.shift() as Job;
      idlest.jobs.set(job.task.id, job);
      idlest.worker.postMessage(job.task);
    }
  }

  #take(thread: Thread, answer: Answer): void {
    const job = thread.jobs.get(answer.id);
    thread.jobs.delete(answer.id);
    this.#handOut();
    if (answer.kind === 'examine') job?.resolve(answer.examined);
    else if (answer.kind === 'check') job?.resolve(answer.verdicts);
    else job?.here().then(job.resolve, job.reject);
  }

  /** What it had is given to the others. */
  #giveUp(thread: Thread): void {
    const at = this.#threads.indexOf(thread);
    if (at >= 0) this.#threads.splice(at, 1);
    this.#waiting.unshift(...thread.jobs.values());
    thread.jobs.clear();
    this.#handOut();
  }
}
