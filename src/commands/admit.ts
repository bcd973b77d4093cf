// Writes that append to no log: one small batch under the caller's nonce, in the one writer's turn.
import type { Row, Statement } from '../store/database.ts';
import { insertNonces, selectNonces } from '../store/nonces.ts';
import { SELECT_VERSION, writeGuarded } from '../store/write-group.ts';
import type { Caller, CommandContext } from './context.ts';
import type { Sequencer } from './sequencer.ts';
import { nonceOf } from './submit-group.ts';
import { withRetries } from './with-retries.ts';

export interface Replayed {
  readonly ok: false;
  readonly reason: 'replayed';
  readonly detail: string;
}

/** What a command makes of the rows it has read: an answer, and statements to write unless it refuses. */
export interface Plan<Result> {
  readonly result: Result;
  readonly write?: readonly Statement[];
}

/**
 * Runs `reads`, lets `plan` decide, and writes its statements together with the nonce: all as of one state of
 * the database. A nonce that was used already answers `replayed`.
 */
export function admit<Result>(
  context: CommandContext,
  sequencer: Sequencer,
  caller: Caller | null,
  reads: readonly Statement[],
  plan: (rows: readonly Row[][]) => Plan<Result>,
): Promise<Result | Replayed> {
  const { db } = context;
  const nonce = nonceOf(caller, context);
  const nonces = nonce === null ? [] : [nonce];
  return sequencer.run(
    () =>
      withRetries(async () => {
        const [state = [], seen = [], ...rows] = await db.batch('read', [
          SELECT_VERSION,
          selectNonces(nonces),
          ...reads,
        ]);
        if (seen.length > 0) return REPLAYED;
        const { result, write } = plan(rows);
        if (write !== undefined) {
          const version = state[0]?.[0] as number;
          await writeGuarded(db, version, [...write, ...insertNonces(nonces)]);
        }
        return result;
      }),
    caller,
  );
}

/** Writes what depends on nothing that was read. */
export function record(
  { db }: CommandContext,
  sequencer: Sequencer,
  statements: readonly Statement[],
): Promise<void> {
  return sequencer.run(() =>
    withRetries(async () => {
      await db.batch('write', statements);
    }),
  );
}

const REPLAYED: Replayed = {
  ok: false,
  reason: 'replayed',
  detail: 'a request with this nonce was admitted already; sign it again with a new one',
};
