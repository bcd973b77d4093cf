// The node's side of federation: pulls what it follows, pushes to its followers, forwards what waits for other homes.
import type { CommandContext } from '../commands/context.ts';
import { MESSAGE_LIMITS, type MessageLimits } from '../commands/envelope-rules.ts';
import { holdLogs } from '../commands/hold-logs.ts';
import { recordContact } from '../commands/record-contact.ts';
import type { Sequencer } from '../commands/sequencer.ts';
import type { GuardedFetch } from '../net/guarded-fetch.ts';
import type { ObjectKeys } from '../net/object-keys.ts';
import { listHolds } from '../store/holds.ts';
import type { Peer } from '../store/peers.ts';
import { Agenda } from './agenda.ts';
import { Auditor } from './audit-logs.ts';
import type { FederationContext } from './context.ts';
import { Courier } from './courier.ts';
import { followSubmolt } from './follow-submolt.ts';
import { Gossip, type GossipDeps } from './gossip.ts';
import { keyOf, listWork, pullKey, type Task } from './list-work.ts';
import { noteContact } from './note-contact.ts';
import { createPeerClient, type PeerFailure } from './peer-client.ts';
import { type Memory, performTask, type Report } from './perform-task.ts';
import { Publisher, type PublisherOptions } from './publisher.ts';
import { Quarantine, type QuarantineLimits, type QuotaName } from './quarantine.ts';
import { refreshPeer } from './refresh-peer.ts';
import { BREAKER_FAILURES, retryDelay } from './retry.ts';
import { UnaskedPeers } from './unasked-peers.ts';
import { UntoldPeers } from './untold-peers.ts';
import { type Work, WorkLanes } from './work-lanes.ts';

export interface FederationOptions {
  readonly context: CommandContext;
  readonly sequencer: Sequencer;
  readonly fetch: Pick<GuardedFetch, 'request'>;
  readonly keys: ObjectKeys;
  /** URLs of submolt pages to follow from the start; tried until it succeeds. */
  readonly follow?: readonly string[];
  /** Milliseconds between pulls of a log that is in step. Default 30 s. */
  readonly pullEveryMs?: number;
  /** Has this node's logs cosigned, and states their heads; neither unless told. */
  readonly publish?: Omit<PublisherOptions, 'report'>;
  readonly report?: Report;
  /** How much is taken from other nodes; as much as comes unless told. */
  readonly quarantine?: QuarantineLimits;
  /** True while there is no room for what others have written. */
  readonly isFull?: () => boolean;
  /** Told of what was not taken. */
  readonly quotaMet?: (quota: QuotaName) => void;
  /** What one agent's mailbox may have; the usual unless told. */
  readonly messages?: MessageLimits;
  /** URL origins of nodes that have said already which heads of this node's logs they hold. */
  readonly asked?: Iterable<string>;
}

const PULL_EVERY_MS = 30_000;
const AT_ONCE = 4;
const LONGEST_SLEEP_MS = 60_000;
const AFTER_FAULT_MS = 5_000;
const DRAIN_MS = 2_000;
/** Peers that are all gone for good must not keep a node from stating anything. */
const UNSURE_MS = 600_000;
/** Commits can come hundreds of times a second; the entries of so many milliseconds make one push. */
const GATHER_MS = 20;

const UNLIMITED: QuarantineLimits = {
  objects: null,
  votes: null,
  bytes: null,
  together: 1,
  follows: null,
  followers: null,
  chosen: null,
};

export class Federation {
  /** For the routes of http/: what peers ask of this node. */
  readonly context: FederationContext;
  readonly #agenda = new Agenda();
  /** Pushes have lanes of their own: anybody may follow, and followers that answer slowly must hold up nothing else. */
  readonly #pushes = new WorkLanes(AT_ONCE);
  readonly #others = new WorkLanes(AT_ONCE);
  readonly #publishing = new WorkLanes(AT_ONCE);
  readonly #publisher: Publisher | null;
  readonly #auditor: Auditor;
  /** All peers are told of changed keys, those that have been down for days too. */
  readonly #announcements = new WorkLanes(AT_ONCE);
  readonly #untold = new UntoldPeers();
  readonly #courier: Courier;
  readonly #deliveries = new WorkLanes(AT_ONCE);
  /** To nodes that did not answer: anybody may name some that take their time, and those must hold up nobody else. */
  readonly #redeliveries = new WorkLanes(AT_ONCE);
  readonly #unasked: UnaskedPeers;
  readonly #memory: Memory;
  readonly #since: number;
  readonly #isFull: () => boolean;
  readonly #stop = new AbortController();
  /** Pages to follow, with the failures so far. */
  readonly #pages: Map<string, number>;
  #unlisten: (() => void) | null = null;
  #timer: NodeJS.Timeout | undefined;
  #planning: Promise<void> | null = null;
  #poked = false;
  #gathering: Promise<void> | null = null;
  readonly #refreshing = new Set<Promise<void>>();

  constructor(options: FederationOptions) {
    const { context, sequencer, fetch, keys } = options;
    const report = options.report ?? (() => undefined);
    const onEvidence = (log: string, detail: string) =>
      report({ event: 'forked', peer: log.slice(0, log.indexOf('/log/')), log, detail });
    const onOwnHead: GossipDeps['onOwnHead'] = async ({ checkpoint }, note, source) => {
      await holdLogs(context, sequencer, [{ checkpoint, note, source }]);
      const { origin: log, size } = checkpoint;
      const detail = `this node has signed ${log} at size ${size} and does not have that; nothing is signed before exuvia admin recover`;
      report({ event: 'held', peer: source, log, detail });
    };
    const onUnknownKey = (authority: string) => this.#refresh(authority);
    const gossip = new Gossip({ ...context, sequencer, onEvidence, onOwnHead, onUnknownKey });
    const client = createPeerClient({ ...context, fetch, gossip, signal: this.#stop.signal });
    this.context = {
      ...context,
      sequencer,
      client,
      gossip,
      onEvidence,
      keys,
      quarantine: new Quarantine(
        context,
        sequencer,
        options.quarantine ?? UNLIMITED,
        options.quotaMet,
      ),
      replicating: new Set(),
      introducing: new Set(),
      refreshed: new Map(),
      wantRefresh: (authority) => this.#refresh(authority),
      wantPull: (origin) => {
        this.#agenda.wish(pullKey(origin));
        this.poke();
      },
      peersChanged: () => {
        this.#publisher?.peersChanged();
        this.#unasked.look();
        this.poke();
      },
      poke: () => this.poke(),
      messages: options.messages ?? MESSAGE_LIMITS,
      messageWaits: () => {
        this.#courier.look();
        this.poke();
      },
    };
    this.#unasked = new UnaskedPeers(options.asked ?? []);
    this.#memory = {
      pullEveryMs: options.pullEveryMs ?? PULL_EVERY_MS,
      subscribedAt: new Map(),
      forwarded: new Map(),
      comparedAt: new Map(),
      asked: this.#unasked.asked,
      report,
    };
    this.#since = context.now();
    this.#isFull = options.isFull ?? (() => false);
    this.#publisher =
      options.publish === undefined
        ? null
        : new Publisher(this.context, { ...options.publish, report });
    this.#auditor = new Auditor(this.context);
    this.#courier = new Courier(this.context, report);
    this.#pages = new Map(options.follow?.map((page) => [page, 0]));
  }

  /** Begins to work; everything that was left undone is due at once. */
  start(): void {
    this.#unlisten ??= this.context.sequencer.onCommit((grown) => {
      this.#publisher?.grown(grown.map(({ origin }) => origin));
      this.#gather();
    });
    this.poke();
  }

  /** Something may be due: an entry was accepted, an object waits, a peer has come back. Costs little. */
  poke(): void {
    if (this.#unlisten === null || this.#stop.signal.aborted) return;
    this.#poked = true;
    this.#planning ??= this.#planAll();
  }

  /** Fulfils when nothing is under way and nothing is due now. */
  async idle(): Promise<void> {
    while (
      this.#gathering !== null ||
      this.#planning !== null ||
      this.#busy ||
      this.#refreshing.size > 0
    ) {
      await this.#gathering;
      await this.#planning;
      await Promise.all(this.#refreshing);
      await this.#pushes.drained();
      await this.#others.drained();
      await this.#publishing.drained();
      await this.#announcements.drained();
      await this.#deliveries.drained();
      await this.#redeliveries.drained();
    }
  }

  /** Gives followers a moment to get what was accepted last: nobody else has it. */
  async drain(): Promise<void> {
    const late = Promise.withResolvers<void>();
    const timer = setTimeout(late.resolve, DRAIN_MS);
    await Promise.race([this.idle(), late.promise]);
    clearTimeout(timer);
  }

  /** Breaks off what is under way and begins nothing more. What was not finished is done after the next start. */
  async stop(): Promise<void> {
    this.#stop.abort();
    this.#unlisten?.();
    clearTimeout(this.#timer);
    await this.idle();
  }

  get #busy(): boolean {
    const lanes = [
      this.#pushes,
      this.#others,
      this.#publishing,
      this.#announcements,
      this.#deliveries,
      this.#redeliveries,
    ];
    return lanes.some(({ busy }) => busy);
  }

  #refresh(authority: string): void {
    if (this.#stop.signal.aborted) return;
    const asked = refreshPeer(this.context, authority)
      .catch((error) => this.#fault(authority, error))
      .finally(() => this.#refreshing.delete(asked));
    this.#refreshing.add(asked);
  }

  #gather(): void {
    this.#gathering ??= new Promise<void>((resolve) => {
      setTimeout(resolve, GATHER_MS);
    }).then(() => {
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
    const holds = await listHolds(this.context.db);
    const tasks = await listWork(this.context, {
      holds,
      unasked: this.#unasked,
      untold: this.#untold,
    });
    const now = this.context.now();
    const pushes: Work[] = [];
    const others: Work[] = [];
    const announcements: Work[] = [];
    let next = now + LONGEST_SLEEP_MS;
    const offer = (list: Work[], work: Work, at: number) => {
      if (at <= now) list.push(work);
      else next = Math.min(next, at);
    };
    const due = {
      push: pushes,
      announce: announcements,
      pull: others,
      forward: others,
      compare: others,
      ask: others,
    };
    const isFull = this.#isFull();
    for (const task of tasks) {
      // What is not pulled now is there later.
      if (task.kind === 'pull' && isFull) continue;
      const key = keyOf(task);
      if (task.kind === 'forward') this.#agenda.wishFor(key, task.newest);
      offer(
        due[task.kind],
        this.#work(key, task),
        Math.max(task.peer.retryAt, this.#agenda.due(key)),
      );
    }
    for (const page of this.#pages.keys()) {
      offer(others, this.#follow(page), this.#agenda.due(page));
    }
    const audit = this.#auditor.work();
    offer(others, audit.work, audit.at);
    const deliveries: Work[] = [];
    const redeliveries: Work[] = [];
    for (const { at, failing, work } of await this.#courier.works()) {
      offer(failing ? redeliveries : deliveries, work, at);
    }
    const publishing: Work[] = [];
    // What this node states by itself can wait until somebody has said what it has signed before.
    const unsure = this.#memory.asked.size === 0 && tasks.some(({ kind }) => kind === 'ask');
    const from = unsure ? this.#since + UNSURE_MS : 0;
    for (const { at, work } of this.#publisher?.works(holds) ?? []) {
      offer(publishing, work, Math.max(at, from));
    }
    this.#agenda.keepOnly(new Set([...tasks.map(keyOf), ...this.#pages.keys()]));
    this.#pushes.offer(pushes, () => this.poke());
    this.#others.offer(others, () => this.poke());
    this.#publishing.offer(publishing, () => this.poke());
    this.#announcements.offer(announcements, () => this.poke());
    this.#deliveries.offer(deliveries, () => this.poke());
    this.#redeliveries.offer(redeliveries, () => this.poke());
    this.#sleep(next - now);
  }

  #sleep(ms: number): void {
    clearTimeout(this.#timer);
    if (this.#stop.signal.aborted) return;
    this.#timer = setTimeout(() => this.poke(), ms);
    this.#timer.unref();
  }

  #work(key: string, task: Task): Work {
    const { peer } = task;
    return {
      key,
      peer: peer.url,
      probe: peer.failures >= BREAKER_FAILURES,
      run: async () => {
        this.#agenda.begin(key);
        try {
          const { failure, restMs } = await performTask(this.context, this.#memory, task);
          this.#agenda.postpone(key, this.context.now() + restMs);
          await this.#settle(peer, failure);
        } catch (error) {
          this.#fault(peer.did, error);
          this.#agenda.postpone(key, this.context.now() + AFTER_FAULT_MS);
        }
      },
    };
  }

  /** An answer closes the breaker, whatever it says; trouble opens it a little more. */
  async #settle(peer: Peer, failure: PeerFailure | null): Promise<void> {
    if (this.#stop.signal.aborted) return;
    const answered = failure === null || (failure.status !== null && !failure.again);
    if (answered) return noteContact(this.context, peer.did);
    const { now, random, sequencer } = this.context;
    const wait = failure.retryAfterMs ?? retryDelay(peer.failures + 1, random);
    const error = failure.detail.slice(0, 500);
    const contact = { answered: false, error, retryAt: now() + wait } as const;
    await recordContact(this.context, sequencer, peer.did, contact);
    this.#memory.report({ event: 'unreachable', peer: peer.did, detail: error });
  }

  #follow(page: string): Work {
    return {
      key: page,
      peer: page,
      probe: false,
      run: async () => {
        try {
          const answer = await followSubmolt(this.context, null, { submolt: page });
          if (answer.ok) {
            this.#pages.delete(page);
            return;
          }
          this.#memory.report({ event: 'failed', peer: page, detail: answer.detail });
        } catch (error) {
          this.#fault(page, error);
        }
        const failures = (this.#pages.get(page) ?? 0) + 1;
        this.#pages.set(page, failures);
        const { now, random } = this.context;
        this.#agenda.postpone(page, now() + retryDelay(failures, random));
      },
    };
  }

  /** A fault of this program or its database: told to the operator, never the end of the worker. */
  #fault(peer: string, error: unknown): void {
    if (this.#stop.signal.aborted) return;
    const detail = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    this.#memory.report({ event: 'failed', peer, detail });
  }
}
