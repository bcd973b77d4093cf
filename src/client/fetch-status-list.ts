// Gets an owner's status list from the address that a credential names, whoever may be there.
import { mediaTypeOf } from '../protocol/credential-form.ts';
import type { FetchedStatusList } from '../protocol/owner-credential.ts';
import { MAX_STATUS_LIST } from '../protocol/ownership.ts';
import { fetchText } from './fetch-document.ts';

/** Lists by URL, fetched anew each time. The address is the owner's word: a server hands in a fetch that reaches public hosts only. */
export function createStatusListFetcher(
  fetch: typeof globalThis.fetch,
  { timeout = 10_000 }: { readonly timeout?: number } = {},
): (url: string) => Promise<FetchedStatusList> {
  return async (url) => {
    const fetched = await fetchText(fetch, url, MAX_STATUS_LIST, AbortSignal.timeout(timeout));
    if (!fetched.ok) return fetched;
    // The text of a file often ends with a line feed; what is signed does not.
    const credential = fetched.text.trim();
    return { ok: true, credential, mediaType: mediaTypeOf(credential) };
  };
}
