// Recomputes every log from its stored entries, so that a node never signs on top of something else.
import { type LogHead, readLog, selectAllLogs } from '../store/logs.ts';
import { findTreeFaults } from './check-tree.ts';
import type { CommandContext } from './context.ts';
import { CommandError } from './error.ts';
import { describeFault } from './fault.ts';

type Context = Pick<CommandContext, 'db' | 'crypto'>;

/**
 * Throws CommandError `log_mismatch`, naming log and row, unless each log's entries are complete and in order, and have the
 * stored tiles, frontier, root and signed checkpoint.
 */
export async function checkLogs(context: Context): Promise<void> {
  const [rows = []] = await context.db.batch('read', [selectAllLogs()]);
  for (const head of rows.map((row) => readLog(row))) {
    const [first] = await findTreeFaults(context, head);
    if (first !== undefined) throw mismatch(head, describeFault(first));
  }
}

function mismatch(head: LogHead, problem: string): CommandError {
  return new CommandError(
    'log_mismatch',
    `log ${head.origin} (row ${head.id} of logs): ${problem}. Look with exuvia admin doctor, and restore the database from a backup; this node signs nothing on it.`,
  );
}
