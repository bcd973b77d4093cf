// Public keys that may sign credentials: Ed25519, P-256 and secp256k1, as Multikeys and JWKs with one spelling each.
import { fromBase58btc, toBase58btc } from './base58.ts';
import { concatBytes, fromBase64url, toBase64url } from './bytes.ts';
import type { Crypto } from './crypto.ts';
import { type CurveName, compressPoint, decompressPoint } from './curve-point.ts';
import { ProtocolError } from './error.ts';
import type { JsonObject } from './json.ts';
import { ed25519FromJwk, ed25519ToJwk } from './thumbprint.ts';

export type KeyKind = 'Ed25519' | CurveName;

export interface PublicKey {
  readonly kind: KeyKind;
  /** 32 bytes for Ed25519; for the others the 33 bytes of a compressed point (SEC 1 §2.3.3). */
  readonly bytes: Uint8Array;
}

export interface PrivateKey {
  readonly kind: KeyKind;
  /** 32 bytes: the seed for Ed25519, for the others the big-endian scalar. */
  readonly secret: Uint8Array;
}

export type JwsAlgorithm = 'EdDSA' | 'ES256' | 'ES256K';

/** The one algorithm a key of each kind signs with: a header never gets to choose. */
export const ALGORITHMS: Readonly<Record<KeyKind, JwsAlgorithm>> = {
  Ed25519: 'EdDSA',
  'P-256': 'ES256',
  secp256k1: 'ES256K',
};

// Multicodec codes as unsigned varints: ed25519-pub 0xed, p256-pub 0x1200, secp256k1-pub 0xe7.
const PREFIXES: Readonly<Record<KeyKind, readonly [number, number]>> = {
  Ed25519: [0xed, 0x01],
  'P-256': [0x80, 0x24],
  secp256k1: [0xe7, 0x01],
};
const KINDS = Object.keys(PREFIXES) as KeyKind[];
/** `z` and the base58btc form of 35 bytes, at most. */
const MAX_LENGTH = 49;

function lengthOf(kind: KeyKind): number {
  return kind === 'Ed25519' ? 32 : 33;
}

/** `publicKeyMultibase` of a key: `z6Mk…`, `zDn…` or `zQ3s…`. Throws `invalid_length`. */
export function publicKeyToMultibase({ kind, bytes }: PublicKey): string {
  if (bytes.length !== lengthOf(kind)) {
    throw new ProtocolError('invalid_length', `a ${kind} key has ${lengthOf(kind)} bytes`);
  }
  return `z${toBase58btc(concatBytes(Uint8Array.from(PREFIXES[kind]), bytes))}`;
}

/**
 * The key of a Multikey, or null. Whether it can be a key is for `acceptsPublicKey`. A longer varint, another base
 * or an uncompressed point would be a second name for one key, so none of them is read.
 */
export function publicKeyFromMultibase(text: string): PublicKey | null {
  if (!text.startsWith('z') || text.length > MAX_LENGTH) return null;
  const bytes = fromBase58btc(text.slice(1));
  const kind = KINDS.find(
    (each) =>
      bytes?.length === 2 + lengthOf(each) &&
      bytes[0] === PREFIXES[each][0] &&
      bytes[1] === PREFIXES[each][1],
  );
  return bytes && kind !== undefined ? { kind, bytes: bytes.slice(2) } : null;
}

/** The key of a public JWK for signatures (RFC 8037, RFC 7518 §6.2, RFC 8812), or null. Its `kid` is a label. */
export function publicKeyFromJwk(value: unknown): PublicKey | null {
  const ed25519 = ed25519FromJwk(value);
  if (ed25519 !== null) return { kind: 'Ed25519', bytes: ed25519 };
  if (typeof value !== 'object' || value === null) return null;
  const { kty, crv, x, y, use, alg, d } = value as Readonly<Record<string, unknown>>;
  if (kty !== 'EC' || (crv !== 'P-256' && crv !== 'secp256k1')) return null;
  if (use !== undefined && use !== 'sig') return null;
  if (alg !== undefined && alg !== ALGORITHMS[crv]) return null;
  // A published private key is everybody's key.
  if (d !== undefined || typeof x !== 'string' || typeof y !== 'string') return null;
  const point = { x: fromBase64url(x), y: fromBase64url(y) };
  if (point.x === null || point.y === null) return null;
  const bytes = compressPoint(crv, { x: point.x, y: point.y });
  return bytes && { kind: crv, bytes };
}

/** The public JWK of a key that `acceptsPublicKey`, or null for one that has none. */
export function publicKeyToJwk({ kind, bytes }: PublicKey): JsonObject | null {
  if (kind === 'Ed25519') return ed25519ToJwk(bytes);
  const point = decompressPoint(kind, bytes);
  return point && { kty: 'EC', crv: kind, x: toBase64url(point.x), y: toBase64url(point.y) };
}

/** Whether the bytes are a key that counts: of prime order, or a point of the curve. */
export function acceptsPublicKey(
  { kind, bytes }: PublicKey,
  crypto: Pick<Crypto, 'acceptsKey'>,
): boolean {
  return kind === 'Ed25519' ? crypto.acceptsKey(bytes) : decompressPoint(kind, bytes) !== null;
}
