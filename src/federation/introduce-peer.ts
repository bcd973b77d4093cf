// Makes another node a peer: found by its URL, verified by its own statement, remembered by its DID.
import { addPeer } from '../commands/add-peer.ts';
import { record } from '../commands/admit.ts';
import { keepFormer } from '../commands/keep-documents.ts';
import type { Did } from '../protocol/did.ts';
import { type RefusedPeer, refusePeer } from './answer.ts';
import type { FederationContext } from './context.ts';
import { type DiscoveredNode, discoverNode } from './discover-node.ts';

export type Introduction = { readonly ok: true; readonly node: DiscoveredNode } | RefusedPeer;

const PATIENCE_SECONDS = 30;

/**
 * Discovers the node at `origin` and writes it down, or refreshes what is known of it. Who claims to be `claimed` and is
 * not is refused before: nobody fills this database with nodes that are not theirs.
 */
export async function introducePeer(
  context: FederationContext,
  origin: string,
  claimed?: Did,
): Promise<Introduction> {
  const found = await discoverNode(context, origin);
  if (!found.ok) {
    return found.reason === 'invalid'
      ? refusePeer('node_invalid', found.detail)
      : refusePeer('node_unreachable', found.detail, { retryAfter: PATIENCE_SECONDS });
  }
  const { did, formerDocuments, keyStatement, logKey, name, witnessKey } = found.node;
  if (claimed !== undefined && claimed !== did) {
    return refusePeer('node_mismatch', `${origin} is ${did}, not ${claimed}`);
  }
  if ((await context.quarantine.standingOf(did)) === 'denied') {
    return refusePeer('peer_dropped', `the operator of ${context.node.did} has denied ${did}`);
  }
  const description = { did, url: origin, name, logKey, keyStatement, witnessKey };
  // The caller's nonce is used up by what the introduction is for.
  const added = await addPeer(context, context.sequencer, description, null);
  if (!added.ok) {
    return refusePeer(added.reason, added.detail);
  }
  // Entries of its logs are signed under them too.
  const kept = keepFormer(context, did, formerDocuments);
  if (kept.length > 0) await record(context, context.sequencer, kept);
  return { ok: true, node: found.node };
}

/** The URL origin that `text` is, in the one spelling; null for anything else. */
export function parseOriginUrl(text: string): string | null {
  const url = URL.parse(text);
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) return null;
  return url.origin === text ? text : null;
}
