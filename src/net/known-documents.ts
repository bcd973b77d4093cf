// The DID documents this node has in memory, for archives: a stranger's download opens no connection.
import type { Resolver } from 'did-resolver';
import type { Did } from '../protocol/did.ts';

/** Documents of those `dids` that are in the resolver's cache, in the order asked for. */
export async function knownDocuments(
  resolver: Resolver,
  dids: readonly Did[],
): Promise<{ readonly did: Did; readonly document: unknown }[]> {
  const known = [];
  for (const did of dids) {
    const { didDocument } = await resolver.resolve(did, { mode: 'cached' });
    if (didDocument !== null) known.push({ did, document: didDocument });
  }
  return known;
}
