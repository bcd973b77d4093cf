// The DID logs this node knows, as far as they were asked for lately: a new statement is seen at once, here and by others soon.
import type { Did } from '../protocol/did.ts';
import { type DidLog, readDidLog } from '../protocol/did-log.ts';
import { BoundedMap } from './bounded-map.ts';

export interface KnownDidLogs {
  /** By subject; null for nobody this node knows. `fresh` looks into the database in any case. Opens no connection. */
  get(subject: Did, options?: { readonly fresh?: boolean }): Promise<DidLog | null>;
  /** A statement has come: what was read before counts no more. */
  forget(): void;
}

const MAX_LOGS = 10_000;
/** Characters of all texts together; parsed, they take up a few times as much. */
const MAX_WEIGHT = 8 * 1024 * 1024;
/** Other processes on the same database take statements too, and tell nobody. */
const LIFE_MS = 2_000;

/** `find` gives the text of the newest log that is known of a subject; it was verified before it was stored. */
export function createKnownDidLogs({
  find,
  now,
}: {
  readonly find: (subject: Did) => Promise<string | null>;
  /** Milliseconds. */
  readonly now: () => number;
}): KnownDidLogs {
  let logs = new BoundedMap<{ readonly log: DidLog; readonly until: number }>(MAX_LOGS, MAX_WEIGHT);

  return {
    async get(subject, { fresh = false } = {}) {
      const kept = fresh ? undefined : logs.get(subject);
      if (kept !== undefined && now() < kept.until) return kept.log;
      // What is read now may be older than a statement that comes meanwhile: it goes with the map it belongs to.
      const target = logs;
      const until = now() + LIFE_MS;
      const text = await find(subject);
      // Nobody is remembered as unknown: whoever is told so sends a statement next.
      if (text === null) return null;
      const log = readDidLog(text);
      target.set(subject, { log, until }, text.length);
      return log;
    },
    forget() {
      logs = new BoundedMap(MAX_LOGS, MAX_WEIGHT);
    },
  };
}
