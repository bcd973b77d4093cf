// Replicates the system log of a node that a submolt is followed from: what it states of itself, and should it lose it, a copy.
import { followLog } from '../commands/follow-log.ts';
import { systemOrigin } from '../commands/origin.ts';
import type { Source } from '../store/peers.ts';
import type { FederationContext } from './context.ts';

/** Makes an empty replica if there is none; entries come with the next pull. */
export async function followSystemLog(
  context: FederationContext,
  { peerDid, peerUrl }: Pick<Source, 'peerDid' | 'peerUrl'>,
): Promise<void> {
  const origin = systemOrigin({ authority: new URL(peerUrl).host });
  const request = { peer: peerDid, origin, submolt: null, caller: null };
  const followed = await followLog(context, context.sequencer, request);
  if (followed.ok && followed.first) context.wantPull(origin);
}
