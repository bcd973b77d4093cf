// Writes down what a submolt's home has refused; what it has accepted comes back through its log.
import type { ObjectName } from '../protocol/object-name.ts';
import { refusePending } from '../store/pending.ts';
import { record } from './admit.ts';
import type { CommandContext } from './context.ts';
import type { Sequencer } from './sequencer.ts';

export interface ForwardRefusal {
  readonly name: ObjectName;
  readonly code: string;
  readonly detail: string;
}

/** An object that no longer waits stays as it is. What is refused is gone from all files soon. */
export async function settleForward(
  context: CommandContext,
  sequencer: Sequencer,
  refusals: readonly ForwardRefusal[],
): Promise<void> {
  const at = context.now();
  await record(
    context,
    sequencer,
    refusals.map(({ code, detail, name }) => refusePending(name, code, detail, at)),
  );
  // No log has it, so nobody could erase it later.
  context.db.scrub?.();
}
