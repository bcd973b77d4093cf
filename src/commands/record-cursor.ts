// Writes down how far a follower has got, as it said itself.
import type { Did } from '../protocol/did.ts';
import { updateFollower } from '../store/write-peers.ts';
import { record } from './admit.ts';
import type { CommandContext } from './context.ts';
import type { Sequencer } from './sequencer.ts';

/** `size`: entries the peer has acknowledged. It may go down: a peer may have restored an older state. */
export function recordCursor(
  context: CommandContext,
  sequencer: Sequencer,
  cursor: { readonly origin: string; readonly peer: Did; readonly size: number },
): Promise<void> {
  return record(context, sequencer, [updateFollower(cursor.origin, cursor.peer, cursor.size)]);
}
