// SHA-256 for the two platforms that run on Node.
import { hash } from 'node:crypto';

/** 32 bytes, as a plain Uint8Array that shares its memory with nothing. */
export function sha256(bytes: Uint8Array): Uint8Array {
  // Characters U+0000 to U+00FF stand for the bytes. To have Node make a Buffer takes longer than to hash a kilobyte.
  const octets = hash('sha256', bytes, 'binary');
  const digest = new Uint8Array(32);
  for (let i = 0; i < 32; i++) digest[i] = octets.charCodeAt(i);
  return digest;
}
