// What ties a URL, a key and a DID together: the JWK Set at the URL, and the DID document that names both.
import type { Crypto } from './crypto.ts';
import { type Did, subjectOfScid, urlToDidWeb } from './did.ts';
import { keysFor } from './did-document.ts';
import { isObject } from './json.ts';
import { readJwkSet } from './jwk-set.ts';
import type { RequestKey } from './request-signature.ts';
import { didKeyOfAgentUrl, scidOfAgentUrl } from './signature-agent.ts';
import { jwkThumbprint } from './thumbprint.ts';

/** Type of the service by which a DID document names the JWK Set of its request keys. */
export const DIRECTORY_SERVICE = 'HttpMessageSignaturesDirectory';

export interface KeyLink {
  /** Of the JWK Set, as requests spell it. */
  readonly url: string;
  /** Thumbprint of the key. */
  readonly keyid: string;
  readonly did: Did;
}

/**
 * - `url_names_a_did`: the URL stands for a DID by its form, or its document is another DID's;
 * - `discovery_failed`: no JWK Set is there;
 * - `key_not_in_directory`: the JWK Set has no such key;
 * - `did_unresolvable`: the document is not the DID's;
 * - `service_not_linked`: it names no such URL;
 * - `key_not_listed`: it does not list the key under `authentication`.
 */
export type KeyLinkRefusal =
  | 'url_names_a_did'
  | 'discovery_failed'
  | 'key_not_in_directory'
  | 'did_unresolvable'
  | 'service_not_linked'
  | 'key_not_listed';

export type CheckedKeyLink =
  | ({
      readonly ok: true;
      /** Thumbprints in the JWK Set. */
      readonly published: readonly string[];
      /** Thumbprints that the DID document lists. */
      readonly listed: readonly string[];
    } & RequestKey)
  | { readonly ok: false; readonly reason: KeyLinkRefusal; readonly detail: string };

type Refused = Extract<CheckedKeyLink, { ok: false }>;

/** More services than this are a burden, not a list. */
const MAX_SERVICES = 100;

function refuse(reason: KeyLinkRefusal, detail: string): Refused {
  return { ok: false, reason, detail };
}

/**
 * The DID, or the subject, that requests with this Signature-Agent speak for by the form of the URL, or null. Such a URL is
 * never enrolled.
 */
export function didOfAgentUrl(url: string): Did | null {
  const scid = scidOfAgentUrl(url);
  if (scid !== null) return subjectOfScid(scid);
  return didKeyOfAgentUrl(url, { loopback: true }) ?? urlToDidWeb(url);
}

/**
 * True if the document has a service of the type whose endpoint is exactly that URL. Type and endpoint may be one or a
 * list (DID Core §5.4).
 */
function hasService(document: Readonly<Record<string, unknown>>, url: string): boolean {
  const { service } = document;
  if (!Array.isArray(service) || service.length > MAX_SERVICES) return false;
  const holds = (value: unknown, wanted: string) =>
    value === wanted || (Array.isArray(value) && value.includes(wanted));
  return service.some(
    (entry) =>
      isObject(entry) && holds(entry.type, DIRECTORY_SERVICE) && holds(entry.serviceEndpoint, url),
  );
}

/**
 * Whether the key links URL and DID in both directions, by the JSON found at both ends. That the key is held by somebody
 * who wants the link is for the signature to show; whether it is an acceptable Ed25519 key, for its verifier.
 */
export function checkKeyLink(
  { url, keyid, did }: KeyLink,
  { jwks, didDocument }: { readonly jwks: unknown; readonly didDocument: unknown },
  crypto: Pick<Crypto, 'sha256'>,
): CheckedKeyLink {
  const named = didOfAgentUrl(url);
  if (named !== null) {
    return refuse('url_names_a_did', `requests with this Signature-Agent are those of ${named}`);
  }
  const set = readJwkSet(jwks, { strictKid: false }, crypto);
  if (!set.ok) return refuse('discovery_failed', set.detail);
  const { id } = jwks as { id?: unknown };
  // A document that says whose it is speaks for nobody else, wherever it is served.
  if (typeof id === 'string' && id.startsWith('did:') && id !== did) {
    return refuse('url_names_a_did', `the document at the URL is that of ${id}`);
  }
  const publicKey = set.keys.get(keyid);
  if (publicKey === undefined) {
    return refuse('key_not_in_directory', 'the JWK Set at the URL has no key with this keyid');
  }
  const keys = keysFor(didDocument, did, 'authentication');
  if (!keys.ok) return refuse('did_unresolvable', keys.detail);
  if (!hasService(didDocument as Readonly<Record<string, unknown>>, url)) {
    const detail = `${did} has no service of type ${DIRECTORY_SERVICE} with the endpoint ${url}`;
    return refuse('service_not_linked', detail);
  }
  const listed = keys.keys.map((key) => jwkThumbprint(key.publicKey, crypto));
  const method = keys.keys[listed.indexOf(keyid)];
  if (method === undefined) {
    return refuse('key_not_listed', `${did} does not list the key under authentication`);
  }
  return {
    ok: true,
    did,
    publicKey,
    verificationMethod: method.id,
    published: [...set.keys.keys()],
    listed,
  };
}
