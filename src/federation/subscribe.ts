// Asks a log's home to push new entries here; without that they still come, with the next pull.
import type { Source } from '../store/peers.ts';
import type { FederationContext } from './context.ts';
import type { PeerFailure } from './peer-client.ts';

/** Null when the home has agreed, or has said that it never will. Asking again changes nothing. */
export async function subscribe(
  { client, node }: FederationContext,
  source: Source,
): Promise<PeerFailure | null> {
  const request = { log: source.origin, node: node.origin };
  const reply = await client.send('POST', `${source.peerUrl}/federation/followers`, request);
  return reply.ok || !reply.again ? null : reply;
}
