// Finds authors' keys for whoever verifies: in the DID itself, or in the document at the author's own host.
import { concatBytes } from '../protocol/bytes.ts';
import { didWebToUrl } from '../protocol/did.ts';
import { keysFor } from '../protocol/did-document.ts';
import { type JsonValue, parseIJson } from '../protocol/json.ts';
import { didKeyResolver, type KeyResolver } from '../protocol/object.ts';

/** Room for some sixty keys; an agent has one or a few. */
const MAX_BYTES = 65_536;

type Fetched =
  | { readonly ok: true; readonly document: JsonValue }
  | { readonly ok: false; readonly detail: string; readonly retryable: boolean };

/**
 * did:key in the DID itself, did:web in the document at its own host, over https. Every document is fetched anew; a
 * program that verifies many hands in a resolver with a cache. `timeout`: milliseconds for one document, default 10,000.
 */
export function createKeyResolver(
  fetch: typeof globalThis.fetch,
  { timeout = 10_000 }: { readonly timeout?: number } = {},
): KeyResolver {
  return async (did, verificationMethod) => {
    const url = didWebToUrl(did);
    if (url === null) return didKeyResolver(did, verificationMethod);
    const fetched = await fetchDocument(fetch, url, AbortSignal.timeout(timeout));
    if (!fetched.ok) return { ...fetched, reason: 'key_unresolvable' };
    const listed = keysFor(fetched.document, did, 'assertionMethod');
    if (!listed.ok) {
      return { ok: false, reason: 'key_unresolvable', detail: listed.detail, retryable: false };
    }
    const key = listed.keys.find(({ id }) => id === verificationMethod);
    if (key === undefined) {
      const detail = `${did} does not list ${verificationMethod} under assertionMethod`;
      return { ok: false, reason: 'key_not_found', detail, retryable: false };
    }
    return { ok: true, publicKey: key.publicKey };
  };
}

async function fetchDocument(
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
