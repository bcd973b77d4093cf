// Writes down how a replica stands to its home: how far that is, or why nothing more is taken from it.
import { type SourceState, updateSource } from '../store/write-peers.ts';
import { record } from './admit.ts';
import type { CommandContext } from './context.ts';
import type { Sequencer } from './sequencer.ts';

export function recordSource(
  context: CommandContext,
  sequencer: Sequencer,
  origin: string,
  state: SourceState,
): Promise<void> {
  return record(context, sequencer, [updateSource(origin, state, context.now())]);
}
