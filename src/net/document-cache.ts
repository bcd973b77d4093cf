// DID documents by URL: JSON objects that the guarded client fetches and a bounded cache keeps.
import { isObject, type JsonObject, parseIJson } from '../protocol/json.ts';
import { fetchOnce } from './fetch-once.ts';
import type { GuardedFetch } from './guarded-fetch.ts';
import { createUrlCache, type Loaded, type NotLoaded, type UrlCache } from './url-cache.ts';

export type DocumentCache = UrlCache<JsonObject>;

/** Makes a cache over the guarded client. `now` in milliseconds. */
export function createDocumentCache({
  fetch,
  ...deps
}: {
  readonly fetch: Pick<GuardedFetch, 'request'>;
  readonly now: () => number;
  /** The node's own documents by URL. */
  readonly own?: ReadonlyMap<string, JsonObject>;
}): DocumentCache {
  return createUrlCache({ ...deps, load: (url) => loadDocument(fetch, url) });
}

async function loadDocument(
  fetch: Pick<GuardedFetch, 'request'>,
  url: string,
): Promise<Loaded<JsonObject>> {
  const fetched = await fetchOnce(fetch, url, 'application/json, */*;q=0.1');
  if (!fetched.ok) return fetched;
  const { response } = fetched;
  // A host that lets strangers upload pages must not thereby let them publish keys.
  const type = response.header('content-type') ?? '';
  if (!/^application\/([\w.-]+\+)?json\s*(;|$)/i.test(type)) {
    return invalid(`${url} is "${type}", not JSON`);
  }
  const parsed = parseIJson(response.body);
  if (!parsed.ok) return invalid(`${url}: ${parsed.detail}`);
  if (!isObject(parsed.value)) return invalid(`${url} is not a JSON object`);
  return {
    ok: true,
    document: parsed.value,
    bytes: response.body.length,
    cacheControl: response.header('cache-control'),
  };
}

function invalid(detail: string): NotLoaded {
  return { ok: false, reason: 'invalid', detail, retryable: false };
}
