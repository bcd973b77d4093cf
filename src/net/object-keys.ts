// Finds the keys that object proofs name, for `verifyObject`.
import type { Resolver } from 'did-resolver';
import type { Did } from '../protocol/did.ts';
import { keysFor } from '../protocol/did-document.ts';
import { didKeyResolver, type KeyResolver } from '../protocol/object.ts';
import type { ResolveMode } from './did-resolver.ts';

export interface ObjectKeys {
  /** Fetches documents that are not known, and again (once a minute at most) when a key is not in them. */
  readonly resolve: KeyResolver;
  /** Opens no connection: a key of an unknown document is `key_unresolvable`, retryable. */
  readonly cached: KeyResolver;
}

type Found = Awaited<ReturnType<KeyResolver>>;

/** Makes the two key resolvers over one DID resolver and its cache. */
export function createObjectKeys(resolver: Resolver): ObjectKeys {
  async function find(did: Did, id: string, mode: ResolveMode): Promise<Found> {
    if (!id.startsWith(`${did}#`)) {
      return refused('did_mismatch', `${id} is not a key of ${did}`, false);
    }
    const { didDocument, didResolutionMetadata } = await resolver.resolve(did, { mode });
    if (didDocument === null) {
      const { error, message = error, retryable = false } = didResolutionMetadata;
      return refused('key_unresolvable', String(message), Boolean(retryable));
    }
    const keys = keysFor(didDocument, did, 'assertionMethod');
    if (!keys.ok) return refused('key_unresolvable', keys.detail, false);
    const key = keys.keys.find((candidate) => candidate.id === id);
    return key === undefined
      ? refused('key_not_found', `${did} lists no ${id} under assertionMethod`, false)
      : { ok: true, publicKey: key.publicKey };
  }

  return {
    async resolve(did, id) {
      if (did.startsWith('did:key:')) return didKeyResolver(did, id);
      const found = await find(did, id, 'usual');
      // A new key may have been published since the document was fetched.
      return found.ok || found.reason !== 'key_not_found' ? found : find(did, id, 'refresh');
    },
    async cached(did, id) {
      if (did.startsWith('did:key:')) return didKeyResolver(did, id);
      const found = await find(did, id, 'cached');
      return found.ok || found.reason !== 'key_not_found' ? found : { ...found, retryable: true };
    },
  };
}

function refused(
  reason: 'key_unresolvable' | 'key_not_found' | 'did_mismatch',
  detail: string,
  retryable: boolean,
): Found {
  return { ok: false, reason, detail, retryable };
}
