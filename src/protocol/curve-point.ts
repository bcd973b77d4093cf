// Points of the two curves that owners' keys may lie on besides Ed25519, between their compressed form and x, y.

export type CurveName = 'P-256' | 'secp256k1';

interface Curve {
  readonly p: bigint;
  readonly a: bigint;
  readonly b: bigint;
}

// SEC 2 §2.4.1 and §2.4.2. Both have cofactor 1: a point on the curve, infinity apart, is an acceptable key.
const CURVES: Readonly<Record<CurveName, Curve>> = {
  'P-256': {
    p: 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn,
    a: 0xffffffff00000001000000000000000000000000fffffffffffffffffffffffcn,
    b: 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn,
  },
  secp256k1: {
    p: 0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2fn,
    a: 0n,
    b: 7n,
  },
};

export interface Point {
  /** 32 bytes, big-endian; likewise `y`. */
  readonly x: Uint8Array;
  readonly y: Uint8Array;
}

/** The point behind 33 bytes (SEC 1 §2.3.4: 0x02 or 0x03, then x), or null if there is none. Infinity has no such form. */
export function decompressPoint(curve: CurveName, bytes: Uint8Array): Point | null {
  const [sign] = bytes;
  if (bytes.length !== 33 || (sign !== 2 && sign !== 3)) return null;
  const { p } = CURVES[curve];
  const x = toInteger(bytes.subarray(1));
  // x + p would be a second spelling of x.
  if (x >= p) return null;
  const square = rightSide(curve, x);
  // Both primes are 3 modulo 4, so this is a square root wherever there is one.
  const root = power(square, (p + 1n) / 4n, p);
  if ((root * root) % p !== square) return null;
  const odd = sign === 3;
  // Neither curve has a point with y = 0.
  return { x: bytes.slice(1), y: fromInteger(((root & 1n) === 1n) === odd ? root : p - root) };
}

/** The 33 bytes of a point given by two big-endian coordinates of 32 bytes, or null if it is not on the curve. */
export function compressPoint(curve: CurveName, { x, y }: Point): Uint8Array | null {
  const { p } = CURVES[curve];
  if (x.length !== 32 || y.length !== 32) return null;
  const [left, right] = [toInteger(x), toInteger(y)];
  if (left >= p || right >= p || (right * right) % p !== rightSide(curve, left)) return null;
  const bytes = new Uint8Array(33);
  bytes[0] = (right & 1n) === 1n ? 3 : 2;
  bytes.set(x, 1);
  return bytes;
}

/** x³ + ax + b. */
function rightSide(curve: CurveName, x: bigint): bigint {
  const { p, a, b } = CURVES[curve];
  return ((x * x + a) * x + b) % p;
}

function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n;
  let square = base;
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if ((rest & 1n) === 1n) result = (result * square) % modulus;
    square = (square * square) % modulus;
  }
  return result;
}

function toInteger(bytes: Uint8Array): bigint {
  let integer = 0n;
  for (const byte of bytes) integer = (integer << 8n) | BigInt(byte);
  return integer;
}

function fromInteger(integer: bigint): Uint8Array {
  const bytes = new Uint8Array(32);
  let rest = integer;
  for (let i = 31; i >= 0; i--) {
    bytes[i] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  return bytes;
}
