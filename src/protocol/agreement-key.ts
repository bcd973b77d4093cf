// Keys that messages are encrypted for: X25519, listed in a document or derived from the Ed25519 key that it lists.
import { sha512 } from '@noble/hashes/sha2.js';
import { fromBase58btc, toBase58btc } from './base58.ts';
import { concatBytes, fromBase64url } from './bytes.ts';
import type { Crypto } from './crypto.ts';
import type { Did } from './did.ts';
import { keysFor, methodsFor, type RefusedDocument } from './did-document.ts';
import { ProtocolError } from './error.ts';

export interface AgreementKey {
  /** DID URL: the `kid` of whoever can open what is sealed for it. */
  readonly id: string;
  /** 32 bytes of X25519. */
  readonly publicKey: Uint8Array;
}

export interface AgreementSecret {
  readonly id: string;
  /** 32 bytes, the scalar of RFC 7748 before it is clamped. */
  readonly secret: Uint8Array;
}

/** Multicodec x25519-pub is 0xec, as an unsigned varint. */
const PREFIX = Uint8Array.of(0xec, 0x01);
const P = 2n ** 255n - 19n;

/** `publicKeyMultibase` of a 32-byte X25519 key: `z6LS…`. Throws `invalid_length`. */
export function x25519ToMultibase(publicKey: Uint8Array): string {
  if (publicKey.length !== 32) {
    throw new ProtocolError('invalid_length', 'an X25519 public key has 32 bytes');
  }
  return `z${toBase58btc(concatBytes(PREFIX, publicKey))}`;
}

/** The 32 bytes of an X25519 Multikey, or null. One spelling counts, as for Ed25519. */
export function x25519FromMultibase(text: string): Uint8Array | null {
  if (text.length > 50 || !text.startsWith('z')) return null;
  const bytes = fromBase58btc(text.slice(1));
  if (bytes?.length !== 34 || bytes[0] !== PREFIX[0] || bytes[1] !== PREFIX[1]) return null;
  return bytes.slice(2);
}

/** RFC 7748 §4.1: the X25519 key of the same point, u = (1 + y) / (1 − y). The key must be one that `acceptsKey`. */
export function agreementOfEd25519(publicKey: Uint8Array): Uint8Array {
  let y = 0n;
  for (const [i, byte] of publicKey.entries())
    y |= BigInt(i === 31 ? byte & 0x7f : byte) << BigInt(8 * i);
  let u = ((1n + y) * power(P + 1n - y, P - 2n)) % P;
  const bytes = new Uint8Array(32);
  for (let i = 0; i < 32; i++) {
    bytes[i] = Number(u & 0xffn);
    u >>= 8n;
  }
  return bytes;
}

/** The scalar that an Ed25519 seed stands for (RFC 8032 §5.1.5), which is the X25519 secret of `agreementOfEd25519`. */
export function secretOfSeed(seed: Uint8Array): Uint8Array {
  return sha512(seed).slice(0, 32);
}

/** What the agent whose Ed25519 seed this is opens with, where its document lists no key for it. */
export function derivedSecret(
  did: Did,
  seed: Uint8Array,
  crypto: Pick<Crypto, 'publicKeyOf'>,
): AgreementSecret {
  const publicKey = agreementOfEd25519(crypto.publicKeyOf(seed));
  return { id: `${did}#${x25519ToMultibase(publicKey)}`, secret: secretOfSeed(seed) };
}

export type AgreementKeys =
  | { readonly ok: true; readonly keys: readonly AgreementKey[] }
  | RefusedDocument;

/**
 * Whom to encrypt for, by a document: the X25519 keys under `keyAgreement`; if there is none, the key that belongs to each
 * Ed25519 key under `authentication`, with `<did>#<its Multikey>` for an id, as the did:key method derives it.
 */
export function agreementKeysFor(
  document: unknown,
  did: Did,
  crypto: Pick<Crypto, 'acceptsKey'>,
): AgreementKeys {
  const listed = methodsFor(document, did, 'keyAgreement');
  if (!listed.ok) return listed;
  const own = listed.methods.flatMap(({ id, method }) => {
    const publicKey = x25519Of(method);
    return publicKey === null ? [] : [{ id, publicKey }];
  });
  if (own.length > 0) return { ok: true, keys: own };
  const signing = keysFor(document, did, 'authentication');
  if (!signing.ok) return signing;
  const derived = new Map<string, AgreementKey>();
  for (const { publicKey } of signing.keys) {
    if (!crypto.acceptsKey(publicKey)) continue;
    const agreement = agreementOfEd25519(publicKey);
    const id = `${did}#${x25519ToMultibase(agreement)}`;
    derived.set(id, { id, publicKey: agreement });
  }
  return { ok: true, keys: [...derived.values()] };
}

function x25519Of({
  type,
  publicKeyJwk,
  publicKeyMultibase,
}: Readonly<Record<string, unknown>>): Uint8Array | null {
  if (type === 'Multikey' || type === 'X25519KeyAgreementKey2020') {
    return typeof publicKeyMultibase === 'string' ? x25519FromMultibase(publicKeyMultibase) : null;
  }
  if (type !== 'JsonWebKey' && type !== 'JsonWebKey2020') return null;
  const { kty, crv, x, d, use } = (publicKeyJwk ?? {}) as Readonly<Record<string, unknown>>;
  // A published private key is everybody's key.
  if (kty !== 'OKP' || crv !== 'X25519' || typeof x !== 'string' || d !== undefined) return null;
  if (use !== undefined && use !== 'enc') return null;
  const bytes = fromBase64url(x);
  return bytes?.length === 32 ? bytes : null;
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  let square = base % P;
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if ((rest & 1n) === 1n) result = (result * square) % P;
    square = (square * square) % P;
  }
  return result;
}
