// When which log of this node is cosigned again: soon after it has grown, at most every so often, whether or not all answer.

import { systemOrigin } from '../commands/origin.ts';
import { OwnStatements } from '../commands/own-statements.ts';
import type { Did } from '../protocol/did.ts';
import { listPublished, listStale } from '../store/cosigned.ts';
import { type Hold, isHeld } from '../store/holds.ts';
import type { PanelMember, WitnessReply } from './ask-witness.ts';
import type { FederationContext } from './context.ts';
import { cosignLog, keyNameOf } from './cosign-log.ts';
import type { Report } from './perform-task.ts';
import { readPanel, revisePanel } from './revise-panel.ts';
import { stateHeads } from './state-heads.ts';
import type { Work } from './work-lanes.ts';

/** Milliseconds, as below: the system log is cosigned anew even if nothing happens: a cosignature is also the time at which this was the newest. */
const HEARTBEAT_MS = 600_000;
/** The same of a submolt's log that rests. */
const IDLE_HEARTBEAT_MS = 86_400_000;
/** So many of these are begun at a time: a node may have thousands. */
const IDLE_AT_ONCE = 32;
const REVISE_EVERY_MS = 60_000;
const LONGEST_PAUSE_MS = 600_000;

export interface PublisherOptions {
  /** Milliseconds between two cosignings of one log, and between two heads. */
  readonly everyMs: number;
  readonly report: Report;
  /** Counts what became of each request for a cosignature. */
  readonly counted?: (kind: WitnessReply['kind']) => void;
  /** Counts how much of the panel has cosigned the newest checkpoint of a log, after each round. */
  readonly reached?: (reach: Reach) => void;
}

/** `most`: more than half. Below that nobody who asks for a majority is content. */
type Reach = 'all' | 'most' | 'some' | 'none';

function reachOf(cosigned: number, panel: number): Reach {
  if (cosigned >= panel) return 'all';
  if (2 * cosigned > panel) return 'most';
  return cosigned > 0 ? 'some' : 'none';
}

interface Standing {
  /** Not before this. */
  at: number;
  /** Null where there is nothing to do. */
  wanted: 'grown' | 'heartbeat' | null;
  /** Rounds in which not everybody has answered. */
  rounds: number;
}

export class Publisher {
  readonly #context: FederationContext;
  readonly #options: PublisherOptions;
  readonly #statements: OwnStatements;
  readonly #logs = new Map<string, Standing>();
  readonly #heads: Standing = { at: 0, wanted: 'grown', rounds: 0 };
  /** Witnesses that did not answer, and when they are asked again. */
  readonly #pauses = new Map<Did, { readonly failures: number; readonly until: number }>();
  /** When peers were asked for their witness key. */
  readonly #asked = new Map<Did, number>();
  #panel: readonly PanelMember[] = [];
  #revised = false;
  #reviseAt = 0;

  constructor(context: FederationContext, options: PublisherOptions) {
    this.#context = context;
    this.#options = options;
    this.#statements = new OwnStatements(context);
  }

  /** These logs have grown; those of other homes are for them to publish. */
  grown(origins: readonly string[]): void {
    const { node } = this.#context;
    for (const origin of origins) {
      if (!origin.startsWith(`${node.authority}/log/`)) continue;
      this.#want(origin, 'grown');
      if (origin !== systemOrigin(node)) this.#heads.wanted = 'grown';
    }
  }

  /** A peer has come: it may be one to ask. */
  peersChanged(): void {
    this.#reviseAt = 0;
  }

  /** What may be done, each with the time from which on. Nothing is said of logs that are held, or in one. */
  *works(holds: readonly Hold[]): Generator<{ readonly work: Work; readonly at: number }> {
    if (isHeld(holds, systemOrigin(this.#context.node))) return;
    yield { work: this.#work('panel', () => this.#revise()), at: this.#soon(this.#reviseAt) };
    if (!this.#revised) return;
    if (this.#heads.wanted !== null) {
      yield { work: this.#work('heads', () => this.#state()), at: this.#soon(this.#heads.at) };
    }
    if (this.#panel.length === 0) return;
    for (const [origin, { at, wanted }] of this.#logs) {
      if (wanted === null || isHeld(holds, origin)) continue;
      yield {
        work: this.#work(`cosign ${origin}`, () => this.#cosign(origin)),
        at: this.#soon(at),
      };
    }
  }

  /** Nothing is put off for longer; what is further away was put down before the clock went back. */
  #soon(at: number): number {
    const longest = Math.max(this.#options.everyMs, HEARTBEAT_MS, LONGEST_PAUSE_MS);
    return at > this.#context.now() + longest ? 0 : at;
  }

  #work(key: string, task: () => Promise<void>): Work {
    const run = async () => {
      try {
        await task();
      } catch (error) {
        const detail = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
        this.#options.report({ event: 'failed', peer: 'this node', detail: `${key}: ${detail}` });
      }
    };
    return { key, peer: key, probe: false, run };
  }

  async #revise(): Promise<void> {
    const { db, now } = this.#context;
    this.#reviseAt = now() + REVISE_EVERY_MS;
    const before = await readPanel(this.#context, this.#statements);
    const changed = await revisePanel(this.#context, this.#statements, this.#asked);
    // Those whom verifiers know see first who takes their place; whether they answer decides nothing (decision 0014).
    if (changed) await this.#show(before);
    this.#panel = await readPanel(this.#context, this.#statements);
    if (changed || !this.#revised) {
      for (const { grown, origin } of await listPublished(db)) {
        if (grown || changed) this.#want(origin, 'grown');
        else if (origin === systemOrigin(this.#context.node)) this.#want(origin, 'heartbeat');
      }
    }
    this.#revised = true;
    if (this.#panel.length === 0) return;
    for (const origin of await listStale(db, now() - IDLE_HEARTBEAT_MS, IDLE_AT_ONCE)) {
      if ((this.#logs.get(origin)?.wanted ?? null) === null) this.#want(origin, 'heartbeat');
    }
  }

  async #show(panel: readonly PanelMember[]): Promise<void> {
    const system = systemOrigin(this.#context.node);
    const heard = (witness: PanelMember, reply: WitnessReply) => this.#hear(system, witness, reply);
    if (panel.length > 0) await cosignLog(this.#context, system, { panel, refresh: false, heard });
  }

  async #state(): Promise<void> {
    this.#heads.wanted = null;
    this.#heads.at = this.#context.now() + this.#options.everyMs;
    await stateHeads(this.#context);
  }

  async #cosign(origin: string): Promise<void> {
    const { now, node } = this.#context;
    const { everyMs } = this.#options;
    const standing = this.#logs.get(origin) as Standing;
    const refresh = standing.wanted === 'heartbeat';
    standing.wanted = null;
    standing.at = now() + everyMs;
    const panel = this.#panel.filter(({ did }) => !this.#isPaused(did));
    const { complete: answered, names } = await cosignLog(this.#context, origin, {
      panel,
      refresh,
      heard: (witness, reply) => this.#hear(origin, witness, reply),
    });
    if (names !== null) {
      const cosigned = this.#panel.filter((witness) => names.has(keyNameOf(witness))).length;
      this.#options.reached?.(reachOf(cosigned, this.#panel.length));
    }
    if (standing.wanted !== null) return;
    if (answered && panel.length === this.#panel.length) {
      standing.rounds = 0;
      if (origin !== systemOrigin(node)) return;
      standing.wanted = 'heartbeat';
      standing.at = now() + HEARTBEAT_MS;
    } else {
      standing.rounds += 1;
      standing.wanted = 'grown';
      standing.at = now() + Math.min(everyMs * 2 ** standing.rounds, LONGEST_PAUSE_MS);
    }
  }

  #isPaused(did: Did): boolean {
    const wait = (this.#pauses.get(did)?.until ?? 0) - this.#context.now();
    // A longer one was begun before the clock went back.
    return wait > 0 && wait <= LONGEST_PAUSE_MS;
  }

  #want(origin: string, wanted: 'grown' | 'heartbeat'): void {
    const standing = this.#logs.get(origin);
    if (standing === undefined) {
      this.#logs.set(origin, { at: 0, wanted, rounds: 0 });
      return;
    }
    // What waits for a heartbeat, or for a witness that does not answer, need not wait when there is something new.
    const latest = this.#context.now() + this.#options.everyMs;
    standing.at = Math.min(standing.at, latest);
    standing.wanted = wanted;
  }

  #hear(origin: string, { did }: PanelMember, reply: WitnessReply): void {
    const { counted, everyMs, report } = this.#options;
    counted?.(reply.kind);
    if (reply.kind === 'cosigned') {
      this.#pauses.delete(did);
      return;
    }
    if (reply.kind === 'disputed') {
      report({ event: 'refused', peer: did, log: origin, detail: `cosignature: ${reply.detail}` });
    }
    const failures = (this.#pauses.get(did)?.failures ?? 0) + 1;
    const pause = Math.min(everyMs * 2 ** (failures - 1), LONGEST_PAUSE_MS);
    this.#pauses.set(did, { failures, until: this.#context.now() + pause });
  }
}
