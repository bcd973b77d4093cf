// A JWK Set (RFC 7517) as a list of Ed25519 keys, each under the thumbprint that is computed from it.
import type { Crypto } from './crypto.ts';
import { isObject } from './json.ts';
import { ed25519FromJwk, jwkThumbprint } from './thumbprint.ts';

export type JwkSet =
  | {
      readonly ok: true;
      readonly keys: ReadonlyMap<string, Uint8Array>;
      /** With `strictKid`: thumbprints of keys that are passed over for their `kid`. */
      readonly misnamed: ReadonlySet<string>;
    }
  | {
      readonly ok: false;
      readonly reason: 'directory_malformed' | 'directory_too_many_keys';
      readonly detail: string;
    };

/** A set that lists more than this is somebody else's burden. */
const MAX_KEYS = 100;

/**
 * The keys by thumbprint, which is never read from a `kid`. Keys of other kinds are passed over; with `strictKid` so is
 * one whose `kid` is not its thumbprint.
 */
export function readJwkSet(
  document: unknown,
  { strictKid }: { readonly strictKid: boolean },
  crypto: Pick<Crypto, 'sha256'>,
): JwkSet {
  if (!isObject(document) || !Array.isArray(document.keys)) {
    const detail = 'the agent document is not a JWK Set: it has no "keys"';
    return { ok: false, reason: 'directory_malformed', detail };
  }
  if (document.keys.length > MAX_KEYS) {
    const detail = `the agent document has more than ${MAX_KEYS} keys`;
    return { ok: false, reason: 'directory_too_many_keys', detail };
  }
  const keys = new Map<string, Uint8Array>();
  const misnamed = new Set<string>();
  for (const jwk of document.keys) {
    const publicKey = ed25519FromJwk(jwk);
    if (publicKey === null) continue;
    const thumbprint = jwkThumbprint(publicKey, crypto);
    const { kid } = jwk as { kid?: unknown };
    if (!strictKid || kid === undefined || kid === thumbprint) keys.set(thumbprint, publicKey);
    else misnamed.add(thumbprint);
  }
  return { ok: true, keys, misnamed };
}
