// Ed25519 by node:crypto, held to the one rule whatever the version of Node underneath.
import {
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  sign as signWith,
  verify as verifyWith,
} from 'node:crypto';
import { concatBytes, fromHex } from '../protocol/bytes.ts';
import type { Crypto } from '../protocol/crypto.ts';
import { KeyCache } from './key-cache.ts';
import { primeOrderPoint } from './prime-order.ts';
import { assertSeed } from './seed.ts';
import { sha256 } from './sha256.ts';
import { isStrictSignature } from './strict-signature.ts';

// RFC 8410: what stands before the 32 bytes of a key in SubjectPublicKeyInfo and in PKCS #8.
const SPKI = fromHex('302a300506032b6570032100') as Uint8Array;
const PKCS8 = fromHex('302e020100300506032b657004220420') as Uint8Array;

function der(prefix: Uint8Array, key: Uint8Array): Buffer {
  return Buffer.from(concatBytes(prefix, key));
}

function importPublicKey(publicKey: Uint8Array): KeyObject | null {
  if (primeOrderPoint(publicKey) === null) return null;
  return createPublicKey({ key: der(SPKI, publicKey), format: 'der', type: 'spki' });
}

function importSeed(seed: Uint8Array): KeyObject {
  assertSeed(seed);
  return createPrivateKey({ key: der(PKCS8, seed), format: 'der', type: 'pkcs8' });
}

/** Node's own verdict differs between major versions, so all that is not the equation is checked here. */
export function createNodeCrypto(): Crypto {
  const publicKeys = new KeyCache<KeyObject>(8192);
  const privateKeys = new KeyCache<KeyObject>(64);
  const privateKey = (seed: Uint8Array) => privateKeys.get(seed, importSeed) as KeyObject;
  return {
    name: 'node',
    sha256,
    acceptsKey: (publicKey) => publicKeys.get(publicKey, importPublicKey) !== null,
    verify(publicKey, message, signature) {
      if (!isStrictSignature(signature)) return false;
      const key = publicKeys.get(publicKey, importPublicKey);
      return key !== null && verifyWith(null, message, key, signature);
    },
    sign: (seed, message) => Uint8Array.from(signWith(null, message, privateKey(seed))),
    publicKeyOf(seed) {
      const spki = createPublicKey(privateKey(seed)).export({ format: 'der', type: 'spki' });
      return Uint8Array.from(spki.subarray(SPKI.length));
    },
  };
}
