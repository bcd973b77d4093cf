// The cryptography a platform hands in: one hash and one Ed25519 rule, the same verdict everywhere.

/** 32 bytes of an Ed25519 public key that `Crypto.acceptsKey` has been asked about or will be. */
export type PublicKeyBytes = Uint8Array;

/**
 * What the pure rooms need from a platform. `crypto/` makes one from libsodium, `node:crypto` or noble.
 *
 * All implementations give the same verdict on every input: a signature counts only if the key is
 * canonical and of prime order, S < L, R is not of small order and the cofactorless equation holds.
 */
export interface Crypto {
  /** Which implementation this is, for reports. */
  readonly name: 'libsodium' | 'node' | 'noble';
  /** SHA-256, 32 bytes. */
  sha256(bytes: Uint8Array): Uint8Array;
  /** True if the 32 bytes are a canonical encoding of a point of prime order. Cached per key. */
  acceptsKey(publicKey: PublicKeyBytes): boolean;
  /** The whole rule, `acceptsKey` included. Never throws; a wrong length is `false`. */
  verify(
    publicKey: PublicKeyBytes,
    message: Uint8Array,
    signature: Uint8Array,
  ): boolean | Promise<boolean>;
  /** RFC 8032 signature, 64 bytes, of a 32-byte seed. */
  sign(seed: Uint8Array, message: Uint8Array): Uint8Array;
  /** The public key of a 32-byte seed. */
  publicKeyOf(seed: Uint8Array): Uint8Array;
}
