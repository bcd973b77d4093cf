// Writes down how far peers have been told of changed keys, in entries of this node's system log.
import type { Did } from '../protocol/did.ts';
import { skipToNext, updateTold } from '../store/write-peers.ts';
import { record } from './admit.ts';
import type { CommandContext } from './context.ts';
import type { Sequencer } from './sequencer.ts';

/** The first `told` entries hold nothing new for the peer. */
export function recordTold(
  context: CommandContext,
  sequencer: Sequencer,
  peer: Did,
  told: number,
): Promise<void> {
  return record(context, sequencer, [updateTold(peer, told)]);
}

/** Between the changes at `last` and `next` there is none: nobody ever has to look through what is in between again. */
export function recordNextChange(
  context: CommandContext,
  sequencer: Sequencer,
  last: number,
  next: number,
): Promise<void> {
  return record(context, sequencer, [skipToNext(last, next)]);
}
