// SHA-256 multihashes in base58btc without multibase prefix, as did:webvh writes every hash: `Qm…`, 46 characters.
import { fromBase58btc, toBase58btc } from './base58.ts';
import { concatBytes } from './bytes.ts';
import type { Crypto } from './crypto.ts';

/** Characters: 34 bytes that begin with 0x12 have 46 digits, never fewer. */
export const MULTIHASH_LENGTH = 46;

/** True of the one spelling of a multihash of 32 bytes by SHA-256 (code 0x12), the one hash did:webvh 1.0 permits. */
export function isMultihash(text: string): boolean {
  const bytes = text.length === MULTIHASH_LENGTH ? fromBase58btc(text) : null;
  return bytes?.length === 34 && bytes[0] === 0x12 && bytes[1] === 32;
}

/** The multihash of the bytes. */
export function multihashOf(bytes: Uint8Array, crypto: Pick<Crypto, 'sha256'>): string {
  return toBase58btc(concatBytes(Uint8Array.of(0x12, 32), crypto.sha256(bytes)));
}
