// One visit of an agent to its node: only when it is due, only reads, only by instructions that were seen before.
import { toHex, utf8 } from '../protocol/bytes.ts';
import { amountAt, type HeartbeatPlan, type HeartbeatTask } from '../protocol/heartbeat-plan.ts';
import type { JsonValue } from '../protocol/json.ts';
import { SKILL_PATH } from '../protocol/signed-guide.ts';
import { type Connection, type ConnectionOptions, connect } from './connection.ts';
import { ClientError } from './error.ts';
import {
  fetchPlan,
  fetchSkillFile,
  findForgeries,
  type PinnedNode,
  type SignedPlan,
} from './guides.ts';
import {
  dueTasks,
  fraction,
  heldBack,
  nextVisit,
  putOff,
  type Schedule,
  settled,
  UNSCHEDULED,
} from './heartbeat-schedule.ts';

/** What was read and accepted: the node's key, the texts, and what there is to read how often. */
export interface PinnedGuides {
  readonly node: PinnedNode;
  readonly plan: HeartbeatPlan;
  readonly created: string;
  /** By path. */
  readonly texts: Readonly<Record<string, string>>;
}

/** What an agent keeps between two visits, as JSON; nothing secret is in it. */
export interface HeartbeatState {
  readonly pinned: PinnedGuides | null;
  readonly schedule: Schedule;
  /** Hash of the changes that were reported last: these are what can be accepted. */
  readonly reported?: string | null;
}

export interface HeartbeatStore {
  load(): Promise<HeartbeatState | undefined>;
  save(state: HeartbeatState): Promise<void>;
}

export interface HeartbeatOptions extends ConnectionOptions {
  readonly store: HeartbeatStore;
  /** Takes what has changed at the node, if it is what was reported last: its files, what it asks to be read, its key. */
  readonly accept?: boolean;
}

/** Something that is not as it was accepted; null where there is nothing. */
export interface GuideChange {
  /** The path of a file, `tasks`, or `node` for its DID or its key. */
  readonly what: string;
  readonly before: string | null;
  readonly after: string | null;
}

export interface TodoItem {
  readonly task: string;
  readonly kind: string;
  readonly at: string;
  readonly amount: number;
}

/**
 * `early`: nothing was due and nothing was asked. `done`: what was due was read. `changed`: it was, by what was accepted
 * before, and there are changes to accept; of a new key nothing was read. `failed`: the node could not be read; `error`.
 */
export interface HeartbeatReport {
  readonly status: 'early' | 'done' | 'changed' | 'failed';
  /** Milliseconds since the epoch: nothing will be asked before. */
  readonly next: number;
  /** Version of the skill files that were accepted. */
  readonly version: string | null;
  /** The node's key and files were seen for the first time and are kept. */
  readonly first: boolean;
  readonly changes: readonly GuideChange[];
  /** Paths whose files the node serves otherwise than it has signed them. */
  readonly forged: readonly string[];
  readonly answers: readonly { readonly task: string; readonly value: JsonValue }[];
  readonly todo: readonly TodoItem[];
  readonly error: ClientError | null;
}

/**
 * Visits the node if a visit is due. The first visit keeps the node's key and files; what is another than these later on is
 * reported and not followed until it is accepted. The state is written before anything is read: who is killed in between
 * does not come back at once. Rejects for what is wrong on this side alone.
 */
export async function beat(options: HeartbeatOptions): Promise<HeartbeatReport> {
  // A failure is answered by coming back later, never by trying at once.
  const connection = connect({ ...options, attempts: 1 });
  return new Visit(connection, options, (await options.store.load()) ?? null).run();
}

class Visit {
  readonly #connection: Connection;
  readonly #options: HeartbeatOptions;
  readonly #chance: number;
  #pinned: PinnedGuides | null;
  #reported: string | null;
  #schedule: Schedule;
  #changes: readonly GuideChange[] = [];
  #first = false;
  #read: Pick<HeartbeatReport, 'answers' | 'forged' | 'todo'> = {
    answers: [],
    forged: [],
    todo: [],
  };

  constructor(connection: Connection, options: HeartbeatOptions, state: HeartbeatState | null) {
    this.#connection = connection;
    this.#options = options;
    this.#pinned = state?.pinned ?? null;
    this.#schedule = state?.schedule ?? UNSCHEDULED;
    this.#reported = state?.reported ?? null;
    this.#chance = fraction(
      options.random ?? ((length) => globalThis.crypto.getRandomValues(new Uint8Array(length))),
    );
  }

  async run(): Promise<HeartbeatReport> {
    const now = this.#connection.now();
    const plan = this.#pinned?.plan ?? null;
    if (now < nextVisit(plan, this.#schedule, now) && !this.#options.accept) {
      return this.#report('early');
    }
    const due = plan === null ? [] : dueTasks(plan, this.#schedule, now);
    // Until it has gone well it counts as failed.
    const before = this.#schedule;
    this.#schedule = heldBack(before, plan, { now, chance: this.#chance, retryAfter: null });
    await this.#save();
    try {
      const signed = await fetchPlan(this.#connection, this.#pinned?.node ?? null);
      const trusted = await this.#compare(signed);
      if (trusted) await this.#readAll(plan === null ? signed.plan.tasks : due, signed);
      this.#schedule = settled(this.#schedule);
      await this.#save();
      return this.#report(this.#changes.length > 0 ? 'changed' : 'done');
    } catch (error) {
      if (!(error instanceof ClientError)) throw error;
      const { retryAfter } = error;
      this.#schedule = heldBack({ ...this.#schedule, failures: before.failures }, plan, {
        now: this.#connection.now(),
        chance: this.#chance,
        retryAfter,
      });
      await this.#save();
      return this.#report('failed', error);
    }
  }

  /** Pins what is new or accepted, notes what has changed. False if the node itself is another than the one that is known. */
  async #compare(signed: SignedPlan): Promise<boolean> {
    const pinned = this.#pinned;
    const changes = pinned === null ? [] : await this.#changesTo(pinned, signed);
    const { crypto } = this.#connection;
    const found = changes.length === 0 ? null : toHex(crypto.sha256(utf8(JSON.stringify(changes))));
    // Nobody agrees to what was put in its place since they read it.
    const agreed = this.#options.accept === true && found !== null && found === this.#reported;
    this.#reported = agreed ? null : found;
    if (pinned === null || agreed) {
      this.#pinned = await this.#pin(signed, pinned);
      this.#first = pinned === null;
      await this.#save();
      return true;
    }
    this.#changes = changes;
    // How often is for the node to say: it knows its load.
    if (changes.length === 0) this.#pinned = { ...pinned, plan: signed.plan };
    return !changes.some(({ what }) => what === 'node');
  }

  async #changesTo(pinned: PinnedGuides, { created, node, plan }: SignedPlan) {
    const changes: GuideChange[] = [];
    const named = ({ did, key, multikey }: PinnedNode) => `${did}\n${key}\n${multikey}`;
    if (named(pinned.node) !== named(node)) {
      changes.push({ what: 'node', before: named(pinned.node), after: named(node) });
    }
    const asked = ({ tasks }: HeartbeatPlan) => tasks.map(describeTask).join('\n');
    if (asked(pinned.plan) !== asked(plan)) {
      changes.push({ what: 'tasks', before: asked(pinned.plan), after: asked(plan) });
    }
    const known = new Map(pinned.plan.files.map(({ path, sha256 }) => [path, sha256]));
    for (const file of plan.files) {
      if (known.get(file.path) === file.sha256) continue;
      const after = await fetchSkillFile(this.#connection, file);
      changes.push({ what: file.path, before: pinned.texts[file.path] ?? null, after });
    }
    const served = new Set(plan.files.map(({ path }) => path));
    for (const path of known.keys()) {
      if (!served.has(path)) {
        changes.push({ what: path, before: pinned.texts[path] ?? null, after: null });
      }
    }
    // An old guide is as well signed as a new one: whoever shows it again takes back what has been put right since.
    if (changes.length > 0 && created < pinned.created) {
      changes.push({ what: 'created', before: pinned.created, after: created });
    }
    return changes;
  }

  async #pin({ created, node, plan }: SignedPlan, pinned: PinnedGuides | null) {
    const texts: Record<string, string> = {};
    const known = new Map(pinned?.plan.files.map(({ path, sha256 }) => [path, sha256]));
    for (const file of plan.files) {
      const kept = known.get(file.path) === file.sha256 ? pinned?.texts[file.path] : undefined;
      texts[file.path] = kept ?? (await fetchSkillFile(this.#connection, file));
    }
    return { node, plan, created, texts };
  }

  /** The tasks that are due, by the plan that was accepted. */
  async #readAll(tasks: readonly HeartbeatTask[], signed: SignedPlan): Promise<void> {
    const plan = this.#pinned?.plan ?? signed.plan;
    const answers: { task: string; value: JsonValue }[] = [];
    const todo: TodoItem[] = [];
    let forged: readonly string[] = [];
    for (const { id } of tasks) {
      const task = plan.tasks.find((one) => one.id === id);
      if (task === undefined) continue;
      if (task.path === SKILL_PATH) {
        forged = await findForgeries(this.#connection, signed);
      } else {
        const value = await this.#ask(task);
        answers.push({ task: id, value });
        for (const { at, kind } of task.todo) {
          const amount = amountAt(value, at);
          if (amount > 0) todo.push({ task: id, kind, at, amount });
        }
      }
      const now = this.#connection.now();
      this.#schedule = putOff(task, plan, this.#schedule, { now, chance: this.#chance });
      this.#read = { answers, forged, todo };
    }
  }

  async #ask({ path, signed }: HeartbeatTask): Promise<JsonValue> {
    const request = { method: 'GET', path, unsigned: !signed } as const;
    return (await this.#connection.json<JsonValue>(request)).value;
  }

  #save(): Promise<void> {
    const [pinned, schedule, reported] = [this.#pinned, this.#schedule, this.#reported];
    return this.#options.store.save({ pinned, schedule, reported });
  }

  #report(status: HeartbeatReport['status'], error: ClientError | null = null): HeartbeatReport {
    const plan = this.#pinned?.plan ?? null;
    return {
      status,
      next: nextVisit(plan, this.#schedule, this.#connection.now()),
      version: plan?.version ?? null,
      first: this.#first,
      changes: this.#changes,
      ...this.#read,
      error,
    };
  }
}

function describeTask({ id, path, signed, todo }: HeartbeatTask): string {
  const waits = todo.map(({ at, kind }) => ` ${kind}@${at}`).join('');
  return `${id}: GET ${path}${signed ? ', signed' : ''}${waits}`;
}
