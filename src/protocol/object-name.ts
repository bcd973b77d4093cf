// Names of signed objects: the SHA-256 of their canonical bytes as an RFC 6920 URI.
import { fromBase64url, toBase64url } from './bytes.ts';
import type { Crypto } from './crypto.ts';
import { ProtocolError } from './error.ts';
import type { CanonicalBytes } from './jcs.ts';

declare const objectNameBrand: unique symbol;

/** `ni:///sha-256;` and 43 characters of base64url. */
export type ObjectName = string & { readonly [objectNameBrand]: true };

const PREFIX = 'ni:///sha-256;';
// 43 characters carry 258 bits: the last one's two spare bits are zero, so a hash has one spelling.
const ID = /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/;

/** The name of a signed object, from its canonical bytes, proof included. */
export function nameOf(bytes: CanonicalBytes, crypto: Pick<Crypto, 'sha256'>): ObjectName {
  return nameFromHash(crypto.sha256(bytes));
}

/** RFC 6920 §3 with no authority, SHA-256 at full length and no query; anything else is null. */
export function parseObjectName(text: string): ObjectName | null {
  return text.startsWith(PREFIX) ? nameFromId(text.slice(PREFIX.length)) : null;
}

/** The 32 bytes of the hash. */
export function hashOf(name: ObjectName): Uint8Array {
  return fromBase64url(idOf(name)) as Uint8Array;
}

/** The 43 characters that stand for the object in URLs and in JSON `id`. */
export function idOf(name: ObjectName): string {
  return name.slice(PREFIX.length);
}

/** The name for an `id` of 43 characters, or null. */
export function nameFromId(id: string): ObjectName | null {
  return ID.test(id) ? ((PREFIX + id) as ObjectName) : null;
}

/** The name for a SHA-256 hash. Throws `invalid_length` unless it has 32 bytes. */
export function nameFromHash(hash: Uint8Array): ObjectName {
  if (hash.length !== 32) {
    throw new ProtocolError('invalid_length', 'a SHA-256 hash has 32 bytes');
  }
  return (PREFIX + toBase64url(hash)) as ObjectName;
}
