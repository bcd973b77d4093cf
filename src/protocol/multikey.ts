// Ed25519 public keys as Multikey strings: multicodec 0xed, base58btc, one spelling per key.
import { fromBase58btc, toBase58btc } from './base58.ts';
import { ProtocolError } from './error.ts';

/** `z6Mk` and 44 more: every Ed25519 Multikey has this length. */
const LENGTH = 48;

/** `publicKeyMultibase` of a 32-byte Ed25519 key: `z6Mk…`. Throws `invalid_length`. */
export function ed25519ToMultibase(publicKey: Uint8Array): string {
  if (publicKey.length !== 32) {
    throw new ProtocolError('invalid_length', 'an Ed25519 public key has 32 bytes');
  }
  const bytes = new Uint8Array(34);
  // Multicodec ed25519-pub is 0xed; as an unsigned varint it takes two bytes.
  bytes[0] = 0xed;
  bytes[1] = 0x01;
  bytes.set(publicKey, 2);
  return `z${toBase58btc(bytes)}`;
}

/**
 * The 32 bytes of an Ed25519 Multikey, or null. Whether they are a key that counts is for `Crypto.acceptsKey`.
 * A longer varint (`ed 81 00`) or another base would be a second name for one key, so neither is read.
 */
export function ed25519FromMultibase(text: string): Uint8Array | null {
  if (text.length !== LENGTH || !text.startsWith('z')) return null;
  const bytes = fromBase58btc(text.slice(1));
  if (bytes === null || bytes.length !== 34 || bytes[0] !== 0xed || bytes[1] !== 0x01) return null;
  return bytes.slice(2);
}
