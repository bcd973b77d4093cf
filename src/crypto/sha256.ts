// SHA-256 for the two platforms that run on Node.
import { hash } from 'node:crypto';

/** 32 bytes, as a plain Uint8Array: `slice` of a Buffer would share its memory instead of copying it. */
export function sha256(bytes: Uint8Array): Uint8Array {
  const digest = hash('sha256', bytes, 'buffer');
  return new Uint8Array(digest.buffer, digest.byteOffset, digest.byteLength);
}
