// Gets the DID document of somebody who may be hostile: bounded in size and time, followed nowhere.
import { concatBytes, decodeUtf8 } from '../protocol/bytes.ts';
import type { Crypto } from '../protocol/crypto.ts';
import { type Did, didWebToUrl, didWebvhToUrl, scidOf } from '../protocol/did.ts';
import { type DocumentResolver, didKeyDocument } from '../protocol/did-document.ts';
import { type DidLog, verifyDidLog } from '../protocol/did-log.ts';
import { ProtocolError } from '../protocol/error.ts';
import { type JsonValue, parseIJson } from '../protocol/json.ts';

/** Room for some sixty keys; an agent has one or a few. */
const MAX_DOCUMENT = 65_536;
/** More than any log that a node takes. */
const MAX_LOG = 1_048_576;

interface NotFetched {
  readonly ok: false;
  readonly detail: string;
  readonly retryable: boolean;
}

type Fetched = { readonly ok: true; readonly document: JsonValue } | NotFetched;

export interface ResolverOptions {
  /** Milliseconds for one document, default 10,000. */
  readonly timeout?: number;
  /** Verifies DID logs; without it no did:webvh is resolved. */
  readonly crypto?: Pick<Crypto, 'sha256' | 'verify' | 'acceptsKey'>;
  /** Origin of a node that is asked for DID logs in place of the host that the DID names. */
  readonly node?: string;
}

/**
 * Documents by DID: did:key by computation; did:web from its own host and the log of a did:webvh from its own or from the
 * node that is named here, over https, fetched anew each time. The host is named by whoever sent the DID: a server hands in
 * a fetch that reaches public addresses only.
 */
export function createDocumentResolver(
  fetch: typeof globalThis.fetch,
  options: ResolverOptions = {},
): DocumentResolver {
  return async (did) => {
    const signal = AbortSignal.timeout(options.timeout ?? 10_000);
    if (scidOf(did) !== null) {
      const fetched = await fetchVerifiedLog(fetch, did, options, signal);
      return fetched.ok ? lastDocument(fetched.log) : fetched;
    }
    const url = didWebToUrl(did);
    return url === null ? didKeyDocument(did) : fetchDocument(fetch, url, signal);
  };
}

function lastDocument({ did, versions, deactivated }: DidLog): Fetched {
  const document = versions.at(-1)?.document;
  return document === undefined || deactivated
    ? { ok: false, detail: `${did} is deactivated`, retryable: false }
    : { ok: true, document };
}

/** The I-JSON at an https URL. `retryable`: another try may find it. */
export async function fetchDocument(
  fetch: typeof globalThis.fetch,
  url: string,
  signal: AbortSignal,
): Promise<Fetched> {
  const fetched = await fetchBytes(fetch, url, MAX_DOCUMENT, signal);
  if (!fetched.ok) return fetched;
  const parsed = parseIJson(fetched.bytes);
  return parsed.ok
    ? { ok: true, document: parsed.value }
    : { ok: false, detail: `${url}: ${parsed.detail}`, retryable: false };
}

/** The log of a did:webvh, every version checked; the DID may be one that it was called earlier. */
export async function fetchVerifiedLog(
  fetch: typeof globalThis.fetch,
  did: Did,
  { crypto, node }: ResolverOptions,
  signal: AbortSignal,
): Promise<{ readonly ok: true; readonly log: DidLog } | NotFetched> {
  const url = node === undefined ? ownUrl(did) : `${node}/dids/${scidOf(did)}/did.jsonl`;
  if (url === null || crypto === undefined) {
    return { ok: false, detail: `${did} is not resolved here`, retryable: false };
  }
  const text = await fetchText(fetch, url, MAX_LOG, signal);
  if (!text.ok) return text;
  let verdict = await verifyDidLog(text.text, { crypto, did });
  if (!verdict.ok && verdict.reason === 'witness_threshold') {
    const proofs = await fetchText(
      fetch,
      url.replace(/did\.jsonl$/, 'did-witness.json'),
      MAX_LOG,
      signal,
    );
    if (!proofs.ok) return proofs;
    verdict = await verifyDidLog(text.text, { crypto, did, witnesses: proofs.text });
  }
  return verdict.ok
    ? verdict
    : { ok: false, detail: `${url}: ${verdict.detail}`, retryable: false };
}

/** A node on plain http hosts DIDs under the name localhost. */
function ownUrl(did: Did): string | null {
  const url = didWebvhToUrl(did);
  return url && new URL(url).hostname === 'localhost' ? url.replace(/^https:/, 'http:') : url;
}

/** The text at a URL, of at most `limit` bytes. */
export async function fetchText(
  fetch: typeof globalThis.fetch,
  url: string,
  limit: number,
  signal: AbortSignal,
): Promise<{ readonly ok: true; readonly text: string } | NotFetched> {
  const fetched = await fetchBytes(fetch, url, limit, signal);
  if (!fetched.ok) return fetched;
  try {
    return { ok: true, text: decodeUtf8(fetched.bytes) };
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return { ok: false, detail: `${url}: ${error.message}`, retryable: false };
  }
}

async function fetchBytes(
  fetch: typeof globalThis.fetch,
  url: string,
  limit: number,
  signal: AbortSignal,
): Promise<{ readonly ok: true; readonly bytes: Uint8Array } | NotFetched> {
  let bytes: Uint8Array | null;
  try {
    // A redirect would let one host speak for another.
    const response = await fetch(url, { redirect: 'error', signal });
    if (!response.ok) throw new Error(`the host answered ${response.status}`);
    bytes = await readCapped(response, limit);
  } catch (cause) {
    const detail = `${url}: ${cause instanceof Error ? cause.message : 'cannot be fetched'}`;
    return { ok: false, detail, retryable: true };
  }
  if (bytes !== null) return { ok: true, bytes };
  return { ok: false, detail: `${url}: the answer has more than ${limit} bytes`, retryable: false };
}

/** Null, and the connection is closed, as soon as there are too many bytes: a host can send for ever. */
async function readCapped({ body }: Response, limit: number): Promise<Uint8Array | null> {
  const chunks: Uint8Array[] = [];
  const reader = body?.getReader();
  for (let length = 0; reader !== undefined; ) {
    const { done, value } = await reader.read();
    if (done) break;
    chunks.push(value);
    length += value.length;
    if (length <= limit) continue;
    await reader.cancel();
    return null;
  }
  return concatBytes(...chunks);
}
