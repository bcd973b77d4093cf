// Writes down whether a peer could be reached.
import type { Did } from '../protocol/did.ts';
import { peerAnswered, peerFailed } from '../store/write-peers.ts';
import { record } from './admit.ts';
import type { CommandContext } from './context.ts';
import type { Sequencer } from './sequencer.ts';

export type Contact =
  | { readonly answered: true }
  /** `retryAt` in milliseconds: nothing is sent before. */
  | { readonly answered: false; readonly error: string; readonly retryAt: number };

export function recordContact(
  context: CommandContext,
  sequencer: Sequencer,
  peer: Did,
  contact: Contact,
): Promise<void> {
  const statement = contact.answered
    ? peerAnswered(peer, context.now())
    : peerFailed(peer, contact.error, contact.retryAt);
  return record(context, sequencer, [statement]);
}
