// The one thing every platform asks of a private key before it touches it.
import { ProtocolError } from '../protocol/error.ts';

/** Throws `invalid_length` unless the seed has the 32 bytes of RFC 8032 §5.1.5. */
export function assertSeed(seed: Uint8Array): void {
  if (seed.length !== 32) {
    throw new ProtocolError('invalid_length', 'an Ed25519 seed has 32 bytes');
  }
}
