// The bodies of what is being told, for the inboxes that are told the same: kept until something is logged, since that may erase it.

import { isObject, type JsonObject } from '../protocol/json.ts';
import { findHomeActAt } from '../store/queries/home-acts.ts';
import { isPost } from './act-view.ts';
import { announceOf, boostOf } from './announce.ts';
import type { ActivityPubContext } from './context.ts';
import { encodeActivity } from './deliver.ts';
import { viewActs } from './read-views.ts';

/** What followers are told of one act. */
export interface Payload {
  readonly index: number;
  /** The group. */
  readonly actor: string;
  /** What was done, or what of it was undone. */
  readonly type: string;
  /** Null where there is nothing to tell: a vote that was taken back, a post that is gone again. */
  readonly body: Uint8Array | null;
  /** The same for software without groups, of posts. */
  readonly boost: Uint8Array | null;
}

const MAX_KEPT = 32;
const KEPT_MS = 60_000;

export class Payloads {
  readonly #context: ActivityPubContext;
  readonly #kept = new Map<string, Payload | null>();
  #since = 0;
  #generation = 0;

  constructor(context: ActivityPubContext) {
    this.#context = context;
  }

  /** Something was logged: what was true before may not be told any more. */
  forget(): void {
    this.#generation += 1;
    this.#kept.clear();
  }

  /** Of the first act of the log, from entry `start` on, that may be told of; null if there is none. */
  async next(log: number, start: number): Promise<Payload | null> {
    const key = `${log} ${start}`;
    const now = this.#context.now();
    // Words stay in memory no longer than those who are told the same take turns.
    if (this.#kept.size >= MAX_KEPT || Math.abs(now - this.#since) > KEPT_MS) {
      this.#since = now;
      this.#kept.clear();
    }
    const kept = this.#kept.get(key);
    if (kept !== undefined) return kept;
    const generation = this.#generation;
    const made = await this.#make(log, start);
    if (generation === this.#generation) this.#kept.set(key, made);
    return made;
  }

  async #make(log: number, start: number): Promise<Payload | null> {
    const context = this.#context;
    const act = await findHomeActAt(context.db, log, start);
    if (act === null) return null;
    const [view] = await viewActs(context, [act]);
    const announce = announceOf(context, act, {});
    const { actor } = announce as { actor: string };
    if (view?.kind !== 'view') {
      return { index: act.index, actor, type: '', body: null, boost: null };
    }
    const body = encodeActivity(context, { ...announce, actor, object: view.view });
    const boost =
      act.signed !== null && isPost(act.signed.activity)
        ? encodeActivity(context, { ...boostOf(context, act), actor })
        : null;
    return { index: act.index, actor, type: typeOf(view.view), body, boost };
  }
}

function typeOf({ object, type }: JsonObject): string {
  return type === 'Undo' && isObject(object) ? String(object.type) : String(type);
}
