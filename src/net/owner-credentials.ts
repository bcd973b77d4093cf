// Verifies the credentials of owners as of now: documents and status lists come through the guarded client.
import type { Resolver } from 'did-resolver';
import { decodeUtf8 } from '../protocol/bytes.ts';
import { type CredentialMediaType, mediaTypeOf } from '../protocol/credential-form.ts';
import type { Crypto } from '../protocol/crypto.ts';
import type { Did } from '../protocol/did.ts';
import type { DocumentResolver } from '../protocol/did-document.ts';
import { ProtocolError } from '../protocol/error.ts';
import type { FetchedStatusList, OwnerVerdict } from '../protocol/owner-credential.ts';
import type { ResolveMode } from './did-resolver.ts';
import { fetchOnce } from './fetch-once.ts';
import type { GuardedFetch } from './guarded-fetch.ts';
import { createUrlCache, type Loaded } from './url-cache.ts';

/** What the owner says of `agent`. Never throws for what is in a credential, or at the addresses that it names. */
export type VerifyOwner = (
  credential: string,
  mediaType: CredentialMediaType,
  agent: Did,
) => Promise<OwnerVerdict>;

interface FetchedText {
  readonly text: string;
  /** Milliseconds. */
  readonly at: number;
}

/** As long as a list may be that was fetched for another credential. */
const MAX_LIST_AGE = 60_000;

/** Documents and lists are fetched again for each credential, at most once a minute. `now` in milliseconds. */
export function createOwnerVerifier(deps: {
  readonly crypto: Pick<Crypto, 'sha256' | 'acceptsKey' | 'verify'>;
  readonly fetch: Pick<GuardedFetch, 'request'>;
  readonly resolver: Resolver;
  readonly now: () => number;
}): VerifyOwner {
  const { crypto, fetch, now, resolver } = deps;
  const lists = createUrlCache<FetchedText>({ load: (url) => loadText(fetch, url, now), now });

  const resolveDocument: DocumentResolver = async (did) => {
    const mode: ResolveMode = 'refresh';
    const { didDocument, didResolutionMetadata } = await resolver.resolve(did, { mode });
    if (didDocument !== null) return { ok: true, document: didDocument };
    const { message } = didResolutionMetadata;
    return { ok: false, detail: message ?? `${did} cannot be resolved` };
  };

  async function statusList(url: string): Promise<FetchedStatusList> {
    const fetched = await lists.get(url, { refresh: true });
    if (!fetched.ok) return fetched;
    const { at, text: credential } = fetched.document;
    // A list that was had some time ago does not tell what has been revoked since.
    if (now() - at >= MAX_LIST_AGE) return { ok: false, detail: `${url} cannot be fetched now` };
    return { ok: true, credential, mediaType: mediaTypeOf(credential) };
  }

  return async (credential, mediaType, agent) => {
    // The library behind JWTs is loaded when the first credential comes.
    const { verifyOwnerCredential } = await import('../protocol/owner-credential.ts');
    return verifyOwnerCredential(credential, {
      ...{ mediaType, agent, crypto, resolveDocument, statusList },
      now: now() / 1000,
    });
  };
}

async function loadText(
  fetch: Pick<GuardedFetch, 'request'>,
  url: string,
  now: () => number,
): Promise<Loaded<FetchedText>> {
  const fetched = await fetchOnce(fetch, url, 'application/vc, application/vc+jwt, */*;q=0.1');
  if (!fetched.ok) return fetched;
  const { body, header } = fetched.response;
  try {
    // The text of a file often ends with a line feed; what is signed does not.
    const document = { text: decodeUtf8(body).trim(), at: now() };
    return { ok: true, document, bytes: body.length, cacheControl: header('cache-control') };
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    const detail = `${url} is not UTF-8`;
    return { ok: false, reason: 'invalid', fault: 'malformed', detail, retryable: false };
  }
}
