// Puts aside what will never be accepted, for the operator to see; nothing waits behind it.
import {
  deleteOldDeadLetters,
  insertDeadLetter,
  type NewDeadLetter,
} from '../store/write-peers.ts';
import { record } from './admit.ts';
import type { CommandContext } from './context.ts';
import type { Sequencer } from './sequencer.ts';

export function recordDeadLetter(
  context: CommandContext,
  sequencer: Sequencer,
  letter: NewDeadLetter,
): Promise<void> {
  const insert = insertDeadLetter(letter, context.now());
  return record(context, sequencer, [insert, deleteOldDeadLetters()]);
}
