// The pace of new agents in one group of submissions: loaded with it, kept up while it is decided, written with it.
import {
  isNew,
  newPace,
  type Pace,
  type PaceLimits,
  paceAfter,
  pacedAs,
  refuseTooSoon,
  type TooSoon,
} from '../domain/pace.ts';
import type { Activity } from '../protocol/activity.ts';
import { type Did, subjectOf } from '../protocol/did.ts';
import type { Row, Statement } from '../store/database.ts';
import { readPace, upsertPace } from '../store/paces.ts';

export class Paces {
  readonly #limits: PaceLimits;
  readonly #loaded: ReadonlyMap<Did, Pace | null>;
  readonly #changed = new Map<Did, Pace>();

  constructor(limits: PaceLimits, rows: readonly Row[]) {
    this.#limits = limits;
    this.#loaded = new Map(rows.map(readPace).map(({ agent, pace }) => [agent, pace]));
  }

  /** Counts the act if the agent may do it; `t` is the time of its entry. */
  take(activity: Activity, t: number): TooSoon | null {
    const kind = pacedAs(activity);
    const agent = subjectOf(activity.actor);
    const known = this.#changed.get(agent) ?? this.#loaded.get(agent);
    if (kind === null || known === undefined) return null;
    const pace = known ?? newPace(t);
    // Of those who have been here for long nothing needs to be remembered.
    if (!isNew(pace, this.#limits, t)) return null;
    const refused = refuseTooSoon(pace, kind, this.#limits, t);
    if (refused === null) this.#changed.set(agent, paceAfter(pace, kind, t));
    return refused;
  }

  write(): Statement[] {
    return [...this.#changed].map(([agent, pace]) => upsertPace(agent, pace));
  }
}
