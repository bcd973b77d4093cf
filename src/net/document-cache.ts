// JSON documents by URL: fetched once for all who ask, kept for a bounded time, never lost to a failed fetch.
import { isObject, type JsonObject, parseIJson } from '../protocol/json.ts';
import { BoundedMap } from './bounded-map.ts';
import { NetError } from './error.ts';
import type { GuardedFetch, GuardedResponse } from './guarded-fetch.ts';

type DocumentResult =
  | { readonly ok: true; readonly document: JsonObject }
  | {
      readonly ok: false;
      /** `refused` will not be fetched, `failed` could not be, `invalid` is no JSON object. */
      readonly reason: 'refused' | 'failed' | 'invalid';
      readonly detail: string;
      readonly retryable: boolean;
    };

export interface DocumentCache {
  /** `refresh` fetches a known document again, at most once a minute per URL. Never throws. */
  get(url: string, options?: { readonly refresh?: boolean }): Promise<DocumentResult>;
  /** What is known now, without any network. */
  peek(url: string): JsonObject | null;
}

const MINUTE = 60_000;
/** A document is trusted this long after it was fetched, even if fetching it again fails. */
const LONGEST = 24 * 60 * MINUTE;
const SHORTEST = 5 * MINUTE;
const USUAL = 60 * MINUTE;
const REFRESH_EVERY = MINUTE;
const FAILURE = 5 * MINUTE;
const RETRYABLE_FAILURE = 30_000;

const MAX_DOCUMENTS = 10_000;
const MAX_BYTES = 32 * 1024 * 1024;
const MAX_FAILURES = 10_000;
/** Fetches under way: one stranger with many names or many paths must not use up sockets. */
const MAX_FLIGHTS = 32;
const MAX_FLIGHTS_PER_HOST = 4;

interface Known {
  readonly document: JsonObject;
  readonly fetchedAt: number;
  readonly freshUntil: number;
}

/** Makes a cache over the guarded client. `now` in milliseconds. */
export function createDocumentCache(deps: {
  readonly fetch: Pick<GuardedFetch, 'request'>;
  readonly now: () => number;
  /** The node's own documents by URL: whoever answers at its name could otherwise pass for its operator. */
  readonly own?: ReadonlyMap<string, JsonObject>;
}): DocumentCache {
  const { fetch, now, own } = deps;
  const documents = new BoundedMap<Known>(MAX_DOCUMENTS, MAX_BYTES);
  const failures = new BoundedMap<{ result: DocumentResult; until: number }>(MAX_FAILURES);
  const triedAt = new BoundedMap<number>(MAX_DOCUMENTS);
  const flights = new Map<string, Promise<DocumentResult>>();

  function known(url: string): Known | null {
    const found = documents.get(url);
    return found !== undefined && now() - found.fetchedAt < LONGEST ? found : null;
  }

  function fly(url: string): Promise<DocumentResult> {
    const flying = flights.get(url);
    if (flying !== undefined) return flying;
    const host = URL.parse(url)?.host ?? '';
    const sameHost = [...flights.keys()].filter((other) => URL.parse(other)?.host === host);
    if (flights.size >= MAX_FLIGHTS || sameHost.length >= MAX_FLIGHTS_PER_HOST) {
      const detail = 'too many documents are being fetched now';
      return Promise.resolve({ ok: false, reason: 'failed', detail, retryable: true });
    }
    triedAt.set(url, now());
    const flight = load(url).finally(() => flights.delete(url));
    flights.set(url, flight);
    return flight;
  }

  async function load(url: string): Promise<DocumentResult> {
    const loaded = await fetchDocument(fetch, url);
    if (loaded.ok) {
      failures.delete(url);
      const { document, freshFor } = loaded;
      const fetchedAt = now();
      documents.set(url, { document, fetchedAt, freshUntil: fetchedAt + freshFor }, loaded.bytes);
      return { ok: true, document };
    }
    const until = now() + (loaded.retryable ? RETRYABLE_FAILURE : FAILURE);
    failures.set(url, { result: loaded, until });
    return loaded;
  }

  return {
    peek: (url) => own?.get(url) ?? known(url)?.document ?? null,
    async get(url, { refresh = false } = {}) {
      const ours = own?.get(url);
      if (ours !== undefined) return { ok: true, document: ours };
      const found = known(url);
      if (found === null) {
        const failure = failures.get(url);
        return failure !== undefined && now() < failure.until ? failure.result : fly(url);
      }
      const wanted = refresh || now() >= found.freshUntil;
      if (!wanted || now() - (triedAt.get(url) ?? found.fetchedAt) < REFRESH_EVERY) {
        return { ok: true, document: found.document };
      }
      const result = await fly(url);
      return result.ok ? result : { ok: true, document: found.document };
    },
  };
}

type Loaded =
  | { ok: true; document: JsonObject; bytes: number; freshFor: number }
  | Extract<DocumentResult, { ok: false }>;

async function fetchDocument(fetch: Pick<GuardedFetch, 'request'>, url: string): Promise<Loaded> {
  let response: GuardedResponse;
  try {
    response = await fetch.request(url, { headers: { accept: 'application/json, */*;q=0.1' } });
  } catch (error) {
    if (!(error instanceof NetError)) throw error;
    const reason = error.retryable ? 'failed' : 'refused';
    return { ok: false, reason, detail: error.message, retryable: error.retryable };
  }
  const { status } = response;
  if (status !== 200) {
    const retryable = status >= 500 || status === 429 || status === 408;
    return { ok: false, reason: 'failed', detail: `${url} answers ${status}`, retryable };
  }
  // A host that lets strangers upload pages must not thereby let them publish keys.
  const type = response.header('content-type') ?? '';
  if (!/^application\/([\w.-]+\+)?json\s*(;|$)/i.test(type)) {
    return {
      ok: false,
      reason: 'invalid',
      detail: `${url} is "${type}", not JSON`,
      retryable: false,
    };
  }
  const parsed = parseIJson(response.body);
  if (!parsed.ok) {
    return { ok: false, reason: 'invalid', detail: `${url}: ${parsed.detail}`, retryable: false };
  }
  if (!isObject(parsed.value)) {
    return {
      ok: false,
      reason: 'invalid',
      detail: `${url} is not a JSON object`,
      retryable: false,
    };
  }
  const freshFor = freshness(response.header('cache-control'));
  return { ok: true, document: parsed.value, bytes: response.body.length, freshFor };
}

function freshness(cacheControl: string | null): number {
  const maxAge = /(?:^|[\s,])max-age=(\d{1,9})/i.exec(cacheControl ?? '')?.[1];
  if (maxAge === undefined) return USUAL;
  return Math.min(Math.max(Number(maxAge) * 1000, SHORTEST), LONGEST);
}
