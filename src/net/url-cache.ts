// What strangers publish at a URL: fetched once for all who ask, kept for a bounded time, never lost to a failed fetch.
import { BoundedMap } from './bounded-map.ts';

/** Which rule the answer broke; `unreachable` if there was none, and may be later. */
export type LoadFault =
  | 'url_refused'
  | 'address_refused'
  | 'unreachable'
  | 'status'
  | 'redirected'
  | 'encoded'
  | 'too_large'
  | 'media_type'
  | 'malformed';

export interface NotLoaded {
  readonly ok: false;
  /** `refused` will not be fetched, `failed` could not be, `invalid` is not what belongs there. */
  readonly reason: 'refused' | 'failed' | 'invalid';
  readonly fault: LoadFault;
  readonly detail: string;
  readonly retryable: boolean;
}

/** What a loader brings: the document, the bytes it takes up, and the `Cache-Control` that came with it. */
export type Loaded<T> =
  | {
      readonly ok: true;
      readonly document: T;
      readonly bytes: number;
      readonly cacheControl: string | null;
    }
  | NotLoaded;

type CachedDocument<T> = { readonly ok: true; readonly document: T } | NotLoaded;

export interface UrlCache<T> {
  /** `refresh` fetches a known document again, at most once a minute per URL. Never throws. */
  get(url: string, options?: { readonly refresh?: boolean }): Promise<CachedDocument<T>>;
  /** What is known now, without any network. */
  peek(url: string): T | null;
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

interface Known<T> {
  readonly document: T;
  readonly fetchedAt: number;
  readonly freshUntil: number;
}

/** Makes a cache over `load`, which never throws. `now` in milliseconds. */
export function createUrlCache<T>(deps: {
  readonly load: (url: string) => Promise<Loaded<T>>;
  readonly now: () => number;
  /** The node's own documents by URL: whoever answers at its name could otherwise pass for its operator. */
  readonly own?: ReadonlyMap<string, T>;
}): UrlCache<T> {
  const { load, now, own } = deps;
  const documents = new BoundedMap<Known<T>>(MAX_DOCUMENTS, MAX_BYTES);
  const failures = new BoundedMap<{ result: NotLoaded; until: number }>(MAX_FAILURES);
  const triedAt = new BoundedMap<number>(MAX_DOCUMENTS);
  const flights = new Map<string, Promise<CachedDocument<T>>>();

  function known(url: string): Known<T> | null {
    const found = documents.get(url);
    return found !== undefined && now() - found.fetchedAt < LONGEST ? found : null;
  }

  function fly(url: string): Promise<CachedDocument<T>> {
    const flying = flights.get(url);
    if (flying !== undefined) return flying;
    const host = URL.parse(url)?.host ?? '';
    const sameHost = [...flights.keys()].filter((other) => URL.parse(other)?.host === host);
    if (flights.size >= MAX_FLIGHTS || sameHost.length >= MAX_FLIGHTS_PER_HOST) {
      const detail = 'too many documents are being fetched now';
      const busy = { ok: false, reason: 'failed', fault: 'unreachable' } as const;
      return Promise.resolve({ ...busy, detail, retryable: true });
    }
    triedAt.set(url, now());
    const flight = bring(url).finally(() => flights.delete(url));
    flights.set(url, flight);
    return flight;
  }

  async function bring(url: string): Promise<CachedDocument<T>> {
    const loaded = await load(url);
    if (loaded.ok) {
      failures.delete(url);
      const { document } = loaded;
      const freshFor = freshness(loaded.cacheControl);
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

function freshness(cacheControl: string | null): number {
  const maxAge = /(?:^|[\s,])max-age=(\d{1,9})/i.exec(cacheControl ?? '')?.[1];
  if (maxAge === undefined) return USUAL;
  return Math.min(Math.max(Number(maxAge) * 1000, SHORTEST), LONGEST);
}
