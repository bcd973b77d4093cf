// What the one Ed25519 rule asks of a signature's 64 bytes before the equation, for platforms that do not ask.
import { fromHex } from '../protocol/bytes.ts';

/** The order of the base point, little-endian. */
const L = fromHex('edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010') as Uint8Array;

/**
 * Every y with which a point of order 1, 2, 4 or 8 can be written, little-endian, the sign bit left out; the last
 * two are p and p + 1, second spellings of 0 and 1.
 */
const SMALL_ORDER_Y: readonly Uint8Array[] = [
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
].map((hex) => fromHex(hex) as Uint8Array);

/** 64 bytes, S < L, and R is not of small order in any spelling. */
export function isStrictSignature(signature: Uint8Array): boolean {
  if (signature.length !== 64 || !isBelowOrder(signature.subarray(32))) return false;
  return !SMALL_ORDER_Y.some((y) => isSameY(y, signature));
}

function isBelowOrder(s: Uint8Array): boolean {
  for (let i = 31; i >= 0; i--) {
    const difference = (s[i] as number) - (L[i] as number);
    if (difference !== 0) return difference < 0;
  }
  return false;
}

function isSameY(y: Uint8Array, encoding: Uint8Array): boolean {
  for (let i = 0; i < 31; i++) {
    if (y[i] !== encoding[i]) return false;
  }
  return y[31] === ((encoding[31] as number) & 0x7f);
}
