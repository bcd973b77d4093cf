// Whether 32 bytes are the canonical encoding of a point of prime order, in curve arithmetic.
import { Point } from '@noble/ed25519';

/**
 * The point, or null if the bytes are another length, not canonical (y ≥ p, or x = 0 with the sign bit), not on
 * the curve, the identity, or of an order with a factor of 8. It costs about a millisecond.
 */
export function primeOrderPoint(bytes: Uint8Array): Point | null {
  if (bytes.length !== 32) return null;
  let point: Point;
  try {
    // RFC 8032 §5.1.3, not ZIP-215: a second encoding of a key would be a second identity for its holder.
    point = Point.fromBytes(bytes, false);
  } catch {
    return null;
  }
  return !point.is0() && point.isTorsionFree() ? point : null;
}
