// DIDs that may own an agent: all that an agent may have, and did:keys of P-256 and secp256k1 besides.
import { type Did, didWebToUrl, parseDid } from './did.ts';
import { type PublicKey, publicKeyFromMultibase, publicKeyToMultibase } from './public-key.ts';

declare const ownerBrand: unique symbol;

/** A did:key of P-256 or secp256k1: it can own, but neither write nor ask. */
type CurveDid = string & { readonly [ownerBrand]: true };

/** A DID that `parseOwnerDid` accepts. */
export type OwnerDid = Did | CurveDid;

const KEY = 'did:key:';

/** The DID, or null for anything but what `parseDid` takes and a did:key of a compressed P-256 or secp256k1 point. */
export function parseOwnerDid(text: string): OwnerDid | null {
  const did = parseDid(text);
  if (did !== null) return did;
  return text.startsWith(KEY) && publicKeyFromMultibase(text.slice(KEY.length))
    ? (text as CurveDid)
    : null;
}

/** The did:key of a key. Throws `invalid_length`. */
export function ownerDidOfKey(key: PublicKey): OwnerDid {
  return (KEY + publicKeyToMultibase(key)) as OwnerDid;
}

/** The key of a did:key, or null for another method. */
export function publicKeyOfOwnerDid(did: OwnerDid): PublicKey | null {
  return did.startsWith(KEY) ? publicKeyFromMultibase(did.slice(KEY.length)) : null;
}

/**
 * The domain, `host` or `host:port`, whose holder alone can publish the document of this DID; or null. A did:web
 * with a path is one of many users of its host, and nobody asks the host that a did:webvh names.
 */
export function domainOf(did: OwnerDid): string | null {
  const url = URL.parse(didWebToUrl(did as Did) ?? '');
  return url?.pathname === '/.well-known/did.json' ? url.host : null;
}
