// Ed25519 and SHA-256 in JavaScript alone, for browsers and as the independent check of the other platforms.
import { getPublicKey, hashes, Point, sign } from '@noble/ed25519';

import { concatBytes, equalBytes } from '../protocol/bytes.ts';
import type { Crypto } from '../protocol/crypto.ts';
import { KeyCache } from './key-cache.ts';
import { primeOrderPoint } from './prime-order.ts';
import { assertSeed } from './seed.ts';
import { sha256, sha512 } from './sha2.ts';

hashes.sha512 = sha512;

const ORDER = Point.CURVE().n;

function integerOf(littleEndian: Uint8Array): bigint {
  let integer = 0n;
  for (let i = littleEndian.length - 1; i >= 0; i--) {
    integer = (integer << 8n) | BigInt(littleEndian[i] as number);
  }
  return integer;
}

/**
 * `publicKey` has prime order and is the encoding of `key`. noble's own `verify` multiplies by the cofactor, so it
 * accepts signatures that other libraries refuse; this is the equation they check.
 */
function holds(
  key: Point,
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  const encodedR = signature.subarray(0, 32);
  const s = integerOf(signature.subarray(32));
  if (s >= ORDER) return false;
  const k = integerOf(sha512(concatBytes(encodedR, publicKey, message))) % ORDER;
  const r = Point.BASE.multiply(s, false).subtract(key.multiply(k, false));
  // r is a sum of points of prime order: if its encoding is the signature's, only the identity is of small order.
  return !r.is0() && equalBytes(r.toBytes(), encodedR);
}

/** What a page needs to check objects, and no more: about 1 ms per signature. */
export function createNobleVerifier(): Pick<Crypto, 'sha256' | 'acceptsKey' | 'verify'> {
  const keys = new KeyCache<Point>(1024);
  return {
    sha256,
    acceptsKey: (publicKey) => keys.get(publicKey, primeOrderPoint) !== null,
    verify(publicKey, message, signature) {
      if (publicKey.length !== 32 || signature.length !== 64) return false;
      const key = keys.get(publicKey, primeOrderPoint);
      return key !== null && holds(key, publicKey, message, signature);
    },
  };
}

/** The platform that needs nothing of its surroundings. */
export function createNoble(): Crypto {
  return {
    name: 'noble',
    ...createNobleVerifier(),
    sign(seed, message) {
      assertSeed(seed);
      return sign(message, seed);
    },
    publicKeyOf(seed) {
      assertSeed(seed);
      return getPublicKey(seed);
    },
  };
}
