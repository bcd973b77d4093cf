// Finds authors' keys for whoever verifies: in the DID itself, in the document at the author's own host, or in a DID log.
import { type Did, didMethod, didWebToUrl } from '../protocol/did.ts';
import { keysFor } from '../protocol/did-document.ts';
import { didKeyResolver, type KeyResolver } from '../protocol/object.ts';
import { fetchDocument, fetchVerifiedLog, type ResolverOptions } from './fetch-document.ts';

type FoundKey = Awaited<ReturnType<KeyResolver>>;

/**
 * did:key in the DID itself, did:web in the document at its own host, did:webvh in its DID log, over https. Everything is
 * fetched anew; a program that verifies many hands in a resolver with a cache. A key of a did:webvh is found in every
 * version that lists it: whether it was in force at an object's place in a log is for the verification of that log.
 */
export function createKeyResolver(
  fetch: typeof globalThis.fetch,
  options: ResolverOptions = {},
): KeyResolver {
  return async (did, verificationMethod) => {
    if (didMethod(did) === 'key') return didKeyResolver(did, verificationMethod);
    const signal = AbortSignal.timeout(options.timeout ?? 10_000);
    const documents = await documentsOf(fetch, did, options, signal);
    if (!documents.ok) return { ...documents, reason: 'key_unresolvable' };
    let refused: FoundKey = notListed(did, verificationMethod);
    for (const document of documents.all) {
      const listed = keysFor(document, did, 'assertionMethod');
      if (!listed.ok) {
        const { detail } = listed;
        refused = { ok: false, reason: 'key_unresolvable', detail, retryable: false };
        continue;
      }
      const key = listed.keys.find(({ id }) => id === verificationMethod);
      if (key !== undefined) return { ok: true, publicKey: key.publicKey };
    }
    return refused;
  };
}

/** The document of a did:web, or those of a did:webvh from the time when it had this name, the latest first. */
async function documentsOf(
  fetch: typeof globalThis.fetch,
  did: Did,
  options: ResolverOptions,
  signal: AbortSignal,
) {
  const url = didWebToUrl(did);
  if (url !== null) {
    const fetched = await fetchDocument(fetch, url, signal);
    return fetched.ok ? { ok: true as const, all: [fetched.document] } : fetched;
  }
  const fetched = await fetchVerifiedLog(fetch, did, options, signal);
  if (!fetched.ok) return fetched;
  const named = fetched.log.versions.filter((version) => version.did === did);
  return { ok: true as const, all: named.map(({ document }) => document).toReversed() };
}

function notListed(did: Did, verificationMethod: string): FoundKey {
  const detail = `${did} does not list ${verificationMethod} under assertionMethod`;
  return { ok: false, reason: 'key_not_found', detail, retryable: false };
}
