// DID documents by URL: JSON objects that the guarded client fetches and a bounded cache keeps.
import { type Did, didWebToUrl } from '../protocol/did.ts';
import { isObject, type JsonObject, parseIJson } from '../protocol/json.ts';
import { DIRECTORY_PATH, DIRECTORY_TYPE } from '../protocol/signature-agent.ts';
import { fetchOnce } from './fetch-once.ts';
import type { GuardedFetch } from './guarded-fetch.ts';
import {
  createUrlCache,
  type Loaded,
  type LoadFault,
  type NotLoaded,
  type UrlCache,
} from './url-cache.ts';

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

/** The document of a did:web if it is in memory and names it; opens no connection. */
export function peekDocument(documents: DocumentCache, did: Did): JsonObject | null {
  const url = didWebToUrl(did);
  const document = url === null ? null : documents.peek(url);
  return document?.id === did ? document : null;
}

async function loadDocument(
  fetch: Pick<GuardedFetch, 'request'>,
  url: string,
): Promise<Loaded<JsonObject>> {
  const fetched = await fetchOnce(fetch, url, 'application/json, */*;q=0.1');
  if (!fetched.ok) return fetched;
  const { response } = fetched;
  const type = response.header('content-type') ?? '';
  if (!isTypeFor(url, type)) {
    return invalid('media_type', `${url} is "${type}", which does not belong there`);
  }
  const parsed = parseIJson(response.body);
  if (!parsed.ok) return invalid('malformed', `${url}: ${parsed.detail}`);
  if (!isObject(parsed.value)) return invalid('malformed', `${url} is not a JSON object`);
  return {
    ok: true,
    document: parsed.value,
    bytes: response.body.length,
    cacheControl: response.header('cache-control'),
  };
}

/** A host that lets strangers upload pages must not thereby let them publish keys. */
function isTypeFor(url: string, type: string): boolean {
  const essence = type.split(';')[0]?.trim().toLowerCase() ?? '';
  // Web Bot Auth: at the well-known path the media type is this one and no other.
  if (url.endsWith(DIRECTORY_PATH)) return essence === DIRECTORY_TYPE;
  return /^application\/([\w.-]+\+)?json$/.test(essence);
}

function invalid(fault: LoadFault, detail: string): NotLoaded {
  return { ok: false, reason: 'invalid', fault, detail, retryable: false };
}
