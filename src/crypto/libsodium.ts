// Ed25519 by libsodium: the platform of a node, where its addon loads.
import type { Crypto } from '../protocol/crypto.ts';
import { KeyCache } from './key-cache.ts';
import { assertSeed } from './seed.ts';
import { sha256 } from './sha256.ts';

/** The functions called here. `sign_detached` fills its first argument, `seed_keypair` its first two. */
interface Sodium {
  crypto_core_ed25519_is_valid_point(point: Uint8Array): boolean;
  crypto_sign_verify_detached(
    signature: Uint8Array,
    message: Uint8Array,
    publicKey: Uint8Array,
  ): boolean;
  crypto_sign_detached(signature: Uint8Array, message: Uint8Array, secretKey: Uint8Array): void;
  crypto_sign_seed_keypair(publicKey: Uint8Array, secretKey: Uint8Array, seed: Uint8Array): void;
}

/** Loads the addon; rejects where there is none for this machine. */
export async function createLibsodium(): Promise<Crypto> {
  // @ts-expect-error The package has no types of its own.
  const { default: sodium }: { default: Sodium } = await import('sodium-native');
  const acceptedKeys = new KeyCache<true>(16_384);
  const secretKeys = new KeyCache<Uint8Array>(64);

  // Canonical, on the curve, not of small order and in the main subgroup, which together mean prime order.
  const check = (publicKey: Uint8Array): true | null =>
    publicKey.length === 32 && sodium.crypto_core_ed25519_is_valid_point(publicKey) ? true : null;

  function keyPair(seed: Uint8Array): { publicKey: Uint8Array; secretKey: Uint8Array } {
    assertSeed(seed);
    const publicKey = new Uint8Array(32);
    const secretKey = new Uint8Array(64);
    sodium.crypto_sign_seed_keypair(publicKey, secretKey, seed);
    return { publicKey, secretKey };
  }

  // The addon takes an array by its `buffer`. A small array has none before it is asked for it, and to make one, and collect
  // it later, takes a tenth of the time of a verification: so what is verified is copied to where one is.
  const [keyPlace, signaturePlace, messagePlace] = [32, 64, 1024].map(
    (size) => new Uint8Array(new ArrayBuffer(size)),
  ) as [Uint8Array, Uint8Array, Uint8Array];

  function placed(message: Uint8Array): Uint8Array {
    if (message.length > messagePlace.length) return message;
    messagePlace.set(message);
    return messagePlace.subarray(0, message.length);
  }

  return {
    name: 'libsodium',
    sha256,
    acceptsKey: (publicKey) => acceptedKeys.get(publicKey, check) !== null,
    verify(publicKey, message, signature) {
      // The addon reads the first 64 bytes of a longer signature.
      if (signature.length !== 64 || acceptedKeys.get(publicKey, check) === null) return false;
      signaturePlace.set(signature);
      keyPlace.set(publicKey);
      // It refuses S ≥ L and an R of small order, and compares encodings: the cofactorless equation.
      return sodium.crypto_sign_verify_detached(signaturePlace, placed(message), keyPlace);
    },
    sign(seed, message) {
      const secretKey = secretKeys.get(seed, () => keyPair(seed).secretKey) as Uint8Array;
      const signature = new Uint8Array(64);
      sodium.crypto_sign_detached(signature, message, secretKey);
      return signature;
    },
    publicKeyOf: (seed) => keyPair(seed).publicKey,
  };
}
