// The functions of sodium-native that libsodium.ts calls; the package has no types of its own.
declare module 'sodium-native' {
  const sodium: {
    readonly crypto_core_ed25519_is_valid_point: (point: Uint8Array) => boolean;
    readonly crypto_sign_verify_detached: (
      signature: Uint8Array,
      message: Uint8Array,
      publicKey: Uint8Array,
    ) => boolean;
    readonly crypto_sign_detached: (
      signature: Uint8Array,
      message: Uint8Array,
      secretKey: Uint8Array,
    ) => void;
    readonly crypto_sign_seed_keypair: (
      publicKey: Uint8Array,
      secretKey: Uint8Array,
      seed: Uint8Array,
    ) => void;
    readonly crypto_hash_sha256: (hash: Uint8Array, message: Uint8Array) => void;
  };
  export default sodium;
}
