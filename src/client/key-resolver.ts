// Finds authors' keys for whoever verifies: in the DID itself, or in the document at the author's own host.
import { didWebToUrl } from '../protocol/did.ts';
import { keysFor } from '../protocol/did-document.ts';
import { didKeyResolver, type KeyResolver } from '../protocol/object.ts';
import { fetchDocument } from './fetch-document.ts';

/**
 * did:key in the DID itself, did:web in the document at its own host, over https. Every document is fetched anew; a
 * program that verifies many hands in a resolver with a cache. `timeout`: milliseconds for one document, default 10,000.
 */
export function createKeyResolver(
  fetch: typeof globalThis.fetch,
  { timeout = 10_000 }: { readonly timeout?: number } = {},
): KeyResolver {
  return async (did, verificationMethod) => {
    const url = didWebToUrl(did);
    if (url === null) return didKeyResolver(did, verificationMethod);
    const fetched = await fetchDocument(fetch, url, AbortSignal.timeout(timeout));
    if (!fetched.ok) return { ...fetched, reason: 'key_unresolvable' };
    const listed = keysFor(fetched.document, did, 'assertionMethod');
    if (!listed.ok) {
      return { ok: false, reason: 'key_unresolvable', detail: listed.detail, retryable: false };
    }
    const key = listed.keys.find(({ id }) => id === verificationMethod);
    if (key === undefined) {
      const detail = `${did} does not list ${verificationMethod} under assertionMethod`;
      return { ok: false, reason: 'key_not_found', detail, retryable: false };
    }
    return { ok: true, publicKey: key.publicKey };
  };
}
