// Tells followers by ActivityPub what has been logged, in order, from the log itself: nothing waits anywhere else.
import { record } from '../commands/admit.ts';
import type { CommandContext } from '../commands/context.ts';
import type { Sequencer } from '../commands/sequencer.ts';
import type { FederationEvent } from '../federation/perform-task.ts';
import { BREAKER_FAILURES, LONGEST } from '../federation/retry.ts';
import { type Work, WorkLanes } from '../federation/work-lanes.ts';
import type { GuardedFetch } from '../net/guarded-fetch.ts';
import { dropUnused, raiseCursors, setCursor } from '../store/foreign-followers.ts';
import { isHeld, listHolds } from '../store/holds.ts';
import {
  type FollowedLog,
  type ForeignInbox,
  listFollowedLogs,
  listLaggingInboxes,
  listWaitingFollowers,
} from '../store/queries/foreign-followers.ts';
import { findEndOfActs } from '../store/queries/home-acts.ts';
import type { ActorKeys } from './actor-keys.ts';
import { groupUrl } from './addresses.ts';
import { answerFollower } from './answer-follower.ts';
import type { ActivityPubContext } from './context.ts';
import type { Delivered, SignatureForms } from './deliver.ts';
import { createActorCache } from './fetch-actor.ts';
import { Payloads } from './payloads.ts';
import { tellInbox } from './tell-inbox.ts';

export interface ActivityPubOptions {
  readonly context: CommandContext;
  readonly sequencer: Sequencer;
  readonly fetch: Pick<GuardedFetch, 'request'>;
  readonly keys: ActorKeys;
  readonly report?: (event: FederationEvent) => void;
  /** Counts what became of each request to an inbox. */
  readonly counted?: (kind: Delivered['kind']) => void;
}

/** Work that waits for a lane. */
interface Queued extends Work {
  readonly inbox: number;
  begun: boolean;
}

/** Inboxes that are written to at a time. */
const AT_ONCE = 8;
const LONGEST_SLEEP_MS = 60_000;
const AFTER_FAULT_MS = 5_000;
/** What is logged within so many milliseconds is planned for once. */
const GATHER_MS = 50;
/** How far inboxes have been told is written down so often: what is sent again after a crash has the same id. */
const WRITE_MS = 200;
/** A plan is as long as there are inboxes, so it is not made for each of them. */
const PLAN_MS = 1_000;
const SWEEP_MS = 3_600_000;
const MAX_WAITING = 256;
/** Entries without anything to tell, after which cursors are moved past them. */
const WORTH_RAISING = 1_000;
const DRAIN_MS = 2_000;

export class ActivityPub {
  /** For the routes of http/. */
  readonly context: ActivityPubContext;
  readonly #lanes = new WorkLanes(AT_ONCE);
  readonly #payloads: Payloads;
  readonly #forms: SignatureForms = new Map();
  readonly #options: ActivityPubOptions;
  readonly #stop = new AbortController();
  /** Index after the last act of each followed log, and how far the log has been looked through. */
  readonly #ends = new Map<number, { end: number; scanned: number }>();
  /** Origins of logs that somebody follows. */
  #followed = new Set<string>();
  /** How far inboxes have been told, and where that is not written down yet. */
  readonly #reached = new Map<string, number>();
  readonly #told = new Map<string, { log: number; inbox: number; next: number }>();
  /** What is due and has not begun: planned once for many inboxes. */
  #queue: Queued[] = [];
  #plannedAt = 0;
  #sweptAt = Number.NEGATIVE_INFINITY;
  #asker: string | null = null;
  #unlisten: (() => void) | null = null;
  #planning: Promise<void> | null = null;
  #writing: Promise<void> | null = null;
  #gathering: Promise<void> | null = null;
  #poked = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: ActivityPubOptions) {
    const { context, fetch, keys, sequencer } = options;
    const { crypto, node, now } = context;
    this.#options = options;
    const { signal } = this.#stop;
    const stoppable: typeof fetch = {
      request: (url, request) => fetch.request(url, { signal, ...request }),
    };
    const asker = () => this.#asker;
    const actors = createActorCache({ fetch: stoppable, crypto, keys, now, asker });
    this.context = {
      ...{ ...context, sequencer, keys, actors, fetch: stoppable },
      origin: node.origin,
      receiving: { count: 0 },
      askAs: (slug) => {
        this.#asker = groupUrl(node.origin, slug);
      },
      poke: () => this.poke(),
    };
    this.#payloads = new Payloads(this.context);
  }

  /** Begins to work: what was not told before is told now. */
  start(): void {
    this.#unlisten ??= this.context.sequencer.onCommit((grown) => {
      this.#payloads.forget();
      if (grown.some(({ origin }) => this.#followed.has(origin))) this.#gather();
    });
    this.poke();
  }

  /** There may be something to tell. Costs nothing where nobody follows. */
  poke(): void {
    if (this.#unlisten === null || this.#stop.signal.aborted) return;
    this.#poked = true;
    this.#planning ??= this.#planAll();
  }

  /** Fulfils when nothing is under way and nothing is due now. */
  async idle(): Promise<void> {
    while (this.#gathering || this.#planning || this.#writing || this.#lanes.busy) {
      await this.#gathering;
      await this.#planning;
      await this.#lanes.drained();
      await this.#writing;
    }
  }

  /** Gives what was logged last a moment to be told. */
  async drain(): Promise<void> {
    const late = Promise.withResolvers<void>();
    const timer = setTimeout(late.resolve, DRAIN_MS);
    await Promise.race([this.idle(), late.promise]);
    clearTimeout(timer);
  }

  /** Breaks off what is under way; it is told after the next start. */
  async stop(): Promise<void> {
    this.#stop.abort();
    this.#unlisten?.();
    clearTimeout(this.#timer);
    await this.idle();
  }

  #gather(): void {
    this.#gathering ??= pause(GATHER_MS).then(() => {
      this.#gathering = null;
      this.poke();
    });
  }

  async #planAll(): Promise<void> {
    while (this.#poked && !this.#stop.signal.aborted) {
      this.#poked = false;
      try {
        await this.#plan();
      } catch (error) {
        this.#fault('this node', error);
        this.#sleep(AFTER_FAULT_MS);
      }
    }
    this.#planning = null;
  }

  async #plan(): Promise<void> {
    const { db, now, sequencer } = this.context;
    this.#plannedAt = now();
    if (Math.abs(now() - this.#sweptAt) > SWEEP_MS) {
      this.#sweptAt = now();
      await record(this.context, sequencer, dropUnused());
    }
    const [holds, waiting, logs] = await Promise.all([
      listHolds(db),
      listWaitingFollowers(db, MAX_WAITING),
      listFollowedLogs(db),
    ]);
    this.#followed = new Set(logs.map(({ origin }) => origin));
    const works: Queued[] = [];
    let wakeAt = now() + LONGEST_SLEEP_MS;
    const offer = (inbox: ForeignInbox, run: () => Promise<void>) => {
      // What is further away was put down before the clock went back.
      const at = inbox.retryAt > now() + 2 * LONGEST ? 0 : inbox.retryAt;
      if (at <= now()) works.push(this.#work(inbox, run));
      else wakeAt = Math.min(wakeAt, at);
    };
    const deps = this.#deps();
    for (const follower of waiting) {
      offer(follower.inbox, () => answerFollower(this.context, deps, follower));
    }
    for (const log of logs) {
      if (isHeld(holds, log.origin)) continue;
      const end = await this.#endOf(log);
      for (const { inbox, next } of await listLaggingInboxes(db, log.id, end)) {
        const reached = () => Math.max(next, this.#reached.get(`${log.id} ${inbox.id}`) ?? 0);
        if (reached() >= end) continue;
        // What was planned may have been done by the time it begins.
        const tell = () => ({ inbox, log, start: reached(), end });
        offer(inbox, () => tellInbox(this.context, deps, tell()));
      }
    }
    this.#queue = works;
    this.#offer();
    this.#sleep(wakeAt - now());
  }

  /** Begins what there is room for. The database is asked again when nothing is left of the plan, or it is old. */
  #offer(): void {
    this.#lanes.offer(this.#queue, () => {
      const old = Math.abs(this.context.now() - this.#plannedAt) > PLAN_MS;
      if (this.#queue.length === 0 || old) this.poke();
      else if (!this.#stop.signal.aborted) this.#offer();
    });
    this.#queue = this.#queue.filter(({ begun }) => !begun);
  }

  #deps() {
    return {
      forms: this.#forms,
      payloads: this.#payloads,
      signal: this.#stop.signal,
      counted: (kind: Delivered['kind']) => this.#options.counted?.(kind),
      report: (event: FederationEvent) => this.#options.report?.(event),
      failed: (inbox: number) => {
        this.#queue = this.#queue.filter(({ inbox: of }) => of !== inbox);
      },
      told: (log: number, inbox: number, next: number) => {
        this.#reached.set(`${log} ${inbox}`, next);
        this.#told.set(`${log} ${inbox}`, { log, inbox, next });
        this.#writing ??= this.#write();
      },
    };
  }

  /** Votes are most of what is logged, and nobody is told of them: a log is looked through once, not once for each inbox. */
  async #endOf({ id, next, size }: FollowedLog): Promise<number> {
    const known = this.#ends.get(id) ?? { end: next, scanned: next };
    if (size > known.scanned) {
      known.end = Math.max(known.end, await findEndOfActs(this.context.db, id, known.scanned));
      known.scanned = size;
    }
    this.#ends.set(id, known);
    if (next >= known.end && size - next > WORTH_RAISING) {
      await record(this.context, this.context.sequencer, [raiseCursors(id, size)]);
    }
    return known.end;
  }

  #work({ failures, host, id, url }: ForeignInbox, run: () => Promise<void>): Queued {
    const work: Queued = {
      key: url,
      peer: host,
      inbox: id,
      begun: false,
      probe: failures >= BREAKER_FAILURES,
      run: () => {
        work.begun = true;
        return run().catch((error) => this.#fault(host, error));
      },
    };
    return work;
  }

  /** Many inboxes that were told, in one batch. */
  async #write(): Promise<void> {
    await pause(WRITE_MS);
    const written = [...this.#told];
    try {
      const statements = written.map(([, { inbox, log, next }]) => setCursor(log, inbox, next));
      await record(this.context, this.context.sequencer, statements);
      for (const [key, told] of written) {
        if (this.#told.get(key) === told) this.#told.delete(key);
      }
    } catch (error) {
      this.#fault('this node', error);
    }
    this.#writing = null;
  }

  #sleep(ms: number): void {
    clearTimeout(this.#timer);
    if (this.#stop.signal.aborted) return;
    this.#timer = setTimeout(() => this.poke(), ms);
    this.#timer.unref();
  }

  #fault(peer: string, error: unknown): void {
    if (this.#stop.signal.aborted) return;
    const detail = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    this.#options.report?.({ event: 'failed', peer, detail });
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
