// Any request of a peer shows that it is there: whatever kept this node from sending to it is over.
import { recordContact } from '../commands/record-contact.ts';
import type { Did } from '../protocol/did.ts';
import { findPeer } from '../store/queries/peers.ts';
import type { FederationContext } from './context.ts';

/** How old the last contact may be before it is written down again: pushes come many times a second. */
const WORTH_WRITING_MS = 60_000;

/** Closes the breaker for the caller, if it is a peer. */
export async function noteContact(context: FederationContext, caller: Did): Promise<void> {
  const peer = await findPeer(context.db, caller);
  if (peer === null) return;
  const recent = context.now() - (peer.contactedAt ?? 0) < WORTH_WRITING_MS;
  if (recent && peer.failures === 0) return;
  await recordContact(context, context.sequencer, caller, { answered: true });
  if (peer.failures > 0) context.poke();
}
