// DID logs by URL: fetched by the guarded client, verified, and kept like documents.
import { type Did, didWebvhToUrl } from '../protocol/did.ts';
import { type DidLog, type DidLogOptions, verifyDidLog } from '../protocol/did-log.ts';
import { isLoopbackHost } from '../protocol/signature-agent.ts';
import { fetchOnce } from './fetch-once.ts';
import type { GuardedFetch } from './guarded-fetch.ts';
import { createUrlCache, type Loaded, type UrlCache } from './url-cache.ts';

export type DidLogCache = UrlCache<DidLog>;

const FILE = /\/did\.jsonl$/;

/** Makes a cache over the guarded client, whose caps bound the size of a log. `now` in milliseconds. */
export function createDidLogCache({
  crypto,
  fetch,
  now,
}: {
  readonly crypto: DidLogOptions['crypto'];
  readonly fetch: Pick<GuardedFetch, 'request'>;
  readonly now: () => number;
}): DidLogCache {
  return createUrlCache({ now, load });

  // The log certifies itself, so its media type decides nothing.
  async function load(url: string): Promise<Loaded<DidLog>> {
    const fetched = await fetchOnce(fetch, url, 'text/jsonl, */*;q=0.1');
    if (!fetched.ok) return fetched;
    const { response } = fetched;
    const text = textOf(response.body);
    const verdict = await verifyDidLog(text, { crypto, now: now() });
    const judged =
      verdict.ok || verdict.reason !== 'witness_threshold' ? verdict : await witnessed(url, text);
    if (!judged.ok) {
      const detail = `${url}: ${judged.reason}: ${judged.detail}`;
      return { ok: false, reason: 'invalid', fault: 'malformed', detail, retryable: false };
    }
    const bytes = response.body.length;
    return {
      ok: true,
      document: judged.log,
      bytes,
      cacheControl: response.header('cache-control'),
    };
  }

  /** did:webvh 1.0, "DID Witnesses": the proofs stand beside the log. */
  async function witnessed(url: string, text: string) {
    const beside = url.replace(FILE, '/did-witness.json');
    const fetched = await fetchOnce(fetch, beside, 'application/json, */*;q=0.1');
    const witnesses = fetched.ok ? textOf(fetched.response.body) : null;
    return verifyDidLog(text, { crypto, now: now(), witnesses });
  }
}

function textOf(body: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(body);
}

/** Where the log of a did:webvh is. Nodes on plain http host DIDs under the name localhost. */
export function didLogUrl(did: Did, { loopback }: { readonly loopback: boolean }): string | null {
  const url = didWebvhToUrl(did);
  if (url === null || !loopback || !isLoopbackHost(new URL(url).hostname)) return url;
  return url.replace(/^https:/, 'http:');
}
