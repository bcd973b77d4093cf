// Gets the DID document of somebody who may be hostile: bounded in size and time, followed nowhere.
import { concatBytes } from '../protocol/bytes.ts';
import { didWebToUrl } from '../protocol/did.ts';
import { type DocumentResolver, didKeyDocument } from '../protocol/did-document.ts';
import { type JsonValue, parseIJson } from '../protocol/json.ts';

/** Room for some sixty keys; an agent has one or a few. */
const MAX_BYTES = 65_536;

type Fetched =
  | { readonly ok: true; readonly document: JsonValue }
  | { readonly ok: false; readonly detail: string; readonly retryable: boolean };

/**
 * Documents by DID: did:key by computation, did:web from its own host over https, fetched anew each time. The host is
 * named by whoever sent the DID: a server hands in a fetch that reaches public addresses only. `timeout`:
 * milliseconds for one document, default 10,000.
 */
export function createDocumentResolver(
  fetch: typeof globalThis.fetch,
  { timeout = 10_000 }: { readonly timeout?: number } = {},
): DocumentResolver {
  return async (did) => {
    const url = didWebToUrl(did);
    return url === null
      ? didKeyDocument(did)
      : fetchDocument(fetch, url, AbortSignal.timeout(timeout));
  };
}

/** The I-JSON at an https URL. `retryable`: another try may find it. */
export async function fetchDocument(
  fetch: typeof globalThis.fetch,
  url: string,
  signal: AbortSignal,
): Promise<Fetched> {
  let body: Uint8Array | null;
  try {
    // A redirect would let one host speak for another.
    const response = await fetch(url, { redirect: 'error', signal });
    if (!response.ok) throw new Error(`the host answered ${response.status}`);
    body = await readCapped(response);
  } catch (cause) {
    const detail = `${url}: ${cause instanceof Error ? cause.message : 'cannot be fetched'}`;
    return { ok: false, detail, retryable: true };
  }
  const never = (why: string) =>
    ({ ok: false, detail: `${url}: ${why}`, retryable: false }) as const;
  if (body === null) return never(`the document has more than ${MAX_BYTES} bytes`);
  const parsed = parseIJson(body);
  return parsed.ok ? { ok: true, document: parsed.value } : never(parsed.detail);
}

/** Null, and the connection is closed, as soon as there are too many bytes: a host can send for ever. */
async function readCapped({ body }: Response): Promise<Uint8Array | null> {
  const chunks: Uint8Array[] = [];
  const reader = body?.getReader();
  for (let length = 0; reader !== undefined; ) {
    const { done, value } = await reader.read();
    if (done) break;
    chunks.push(value);
    length += value.length;
    if (length <= MAX_BYTES) continue;
    await reader.cancel();
    return null;
  }
  return concatBytes(...chunks);
}
