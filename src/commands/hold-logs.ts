// Stops a node from signing anything in its logs once it is known to have signed more than it has.
import type { Checkpoint } from '../log/checkpoint.ts';
import type { Statement } from '../store/database.ts';
import { insertHold, insertHoldOfAll } from '../store/holds.ts';
import { record } from './admit.ts';
import type { CommandContext } from './context.ts';
import type { Sequencer } from './sequencer.ts';

/** A head of a log of this node, signed by its own key, that is not in its database. */
export interface UnknownHead {
  readonly checkpoint: Checkpoint;
  readonly note: string;
  /** Who holds it: URL of a node, or the name of a file. */
  readonly source: string;
}

/**
 * Statements that hold all logs. A database is restored as a whole: where one log is too short, all others may be, and logs
 * may have been founded that it has never heard of. Which ones are whole is found out by recovering; a log that could not be
 * recovered stays held, and holds no other one then.
 */
export function holdStatements(
  { now }: Pick<CommandContext, 'now'>,
  heads: readonly UnknownHead[],
): Statement[] {
  const heldAt = now();
  return heads.flatMap(({ checkpoint: { origin, size }, note, source }) => [
    insertHoldOfAll({ origin, source, heldAt }),
    insertHold({ origin, size, note, source, heldAt }),
  ]);
}

/** Once it fulfils, nothing more is signed, after a restart neither. */
export function holdLogs(
  context: CommandContext,
  sequencer: Sequencer,
  heads: readonly UnknownHead[],
): Promise<void> {
  return record(context, sequencer, holdStatements(context, heads));
}
