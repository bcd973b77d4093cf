// Ed25519 public keys as JWKs, and the thumbprint that names a key in HTTP signatures.
import { fromBase64url, toBase64url, utf8 } from './bytes.ts';
import type { Crypto } from './crypto.ts';
import { ProtocolError } from './error.ts';

/** RFC 8037 public key. A type, not an interface, so that it is a JsonObject. */
export type Ed25519Jwk = { kty: 'OKP'; crv: 'Ed25519'; x: string };

/** The JWK of a 32-byte key. Throws `invalid_length`. */
export function ed25519ToJwk(publicKey: Uint8Array): Ed25519Jwk {
  if (publicKey.length !== 32) {
    throw new ProtocolError('invalid_length', 'an Ed25519 public key has 32 bytes');
  }
  return { kty: 'OKP', crv: 'Ed25519', x: toBase64url(publicKey) };
}

/** The 32 bytes of a public Ed25519 JWK for signatures, or null. Its `kid` is a label and is not looked at. */
export function ed25519FromJwk(value: unknown): Uint8Array | null {
  if (typeof value !== 'object' || value === null) return null;
  const jwk = value as Readonly<Record<string, unknown>>;
  if (jwk.kty !== 'OKP' || jwk.crv !== 'Ed25519' || typeof jwk.x !== 'string') return null;
  if (jwk.use !== undefined && jwk.use !== 'sig') return null;
  // RFC 8037 §3.1, RFC 9864 §2.2: no other algorithm goes with this curve.
  if (jwk.alg !== undefined && jwk.alg !== 'EdDSA' && jwk.alg !== 'Ed25519') return null;
  // A published private key is everybody's key.
  if (jwk.d !== undefined) return null;
  const bytes = fromBase64url(jwk.x);
  return bytes?.length === 32 ? bytes : null;
}

/** RFC 7638 thumbprint under SHA-256 of the key's JWK, 43 characters of base64url. Throws `invalid_length`. */
export function jwkThumbprint(publicKey: Uint8Array, crypto: Pick<Crypto, 'sha256'>): string {
  // RFC 8037 §2: the required members in lexical order, without white space.
  const { crv, kty, x } = ed25519ToJwk(publicKey);
  return toBase64url(crypto.sha256(utf8(`{"crv":"${crv}","kty":"${kty}","x":"${x}"}`)));
}
