// Padding of what is encrypted: a ciphertext has one of six lengths, which tells little of what is inside.
import { ProtocolError } from './error.ts';

/** Bytes. What a letter has besides its words takes half of the first; the longest letter there can be fits into the last. */
const SIZES = [2_048, 4_096, 8_192, 16_384, 32_768, 65_536] as const;

/** True of the number of bytes in a ciphertext that can be a letter. */
export function isPaddedSize(size: number): boolean {
  return SIZES.some((one) => one === size);
}

/** ISO/IEC 7816-4: 0x80, then zeros, up to the next of the sizes. Throws `invalid_argument` for more than 65,535 bytes. */
export function pad(bytes: Uint8Array): Uint8Array {
  const size = SIZES.find((one) => one > bytes.length);
  if (size === undefined) throw new ProtocolError('invalid_argument', 'the letter is too long');
  const padded = new Uint8Array(size);
  padded.set(bytes);
  padded[bytes.length] = 0x80;
  return padded;
}

/** Null for anything that `pad` has not made. */
export function unpad(padded: Uint8Array): Uint8Array | null {
  let end = padded.length - 1;
  while (end > 0 && padded[end] === 0) end--;
  if (end < 0 || padded[end] !== 0x80) return null;
  return SIZES.find((one) => one > end) === padded.length ? padded.subarray(0, end) : null;
}
