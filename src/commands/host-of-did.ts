// The node that a DID names by its host, if it names one.
import { type Did, didWebToUrl, didWebvhToUrl } from '../protocol/did.ts';

/**
 * URL origin of the host of a did:web or did:webvh, which may be a node; null for a did:key. For a node on plain http,
 * `localhost` is such a host too.
 */
export function hostOfDid(did: Did, ownOrigin: string): string | null {
  const url = didWebvhToUrl(did) ?? didWebToUrl(did);
  if (url === null) return null;
  const { host, hostname, origin } = new URL(url);
  if (hostname !== 'localhost') return origin;
  // Nodes on loopback are called by the address that they listen at.
  return ownOrigin.startsWith('http:') ? `http://127.0.0.1:${host.split(':')[1] ?? '80'}` : null;
}
