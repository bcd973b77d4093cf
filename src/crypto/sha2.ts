// SHA-256 and SHA-512 (FIPS 180-4) for browsers: small, because whoever verifies a page has to load it first.

/**
 * The first 64 bits of the fractional parts of the square roots of 8 primes and the cube roots of 80.
 * FIPS 180-4 §4.2, §5.3: SHA-256 has their first 32 bits, of 64 primes.
 */
const ROUND_512 = new BigUint64Array(80);
const START_512 = new BigUint64Array(8);
for (let n = 2n, count = 0; count < 80; n++) {
  if (!isPrime(n)) continue;
  if (count < 8) START_512[count] = root(n << 128n, 2n);
  ROUND_512[count++] = root(n << 192n, 3n);
}
const ROUND_256 = Int32Array.from(ROUND_512.subarray(0, 64), (word) => Number(word >> 32n));
const START_256 = Int32Array.from(START_512, (word) => Number(word >> 32n));

function isPrime(n: bigint): boolean {
  for (let divisor = 2n; divisor * divisor <= n; divisor++) {
    if (n % divisor === 0n) return false;
  }
  return true;
}

/** The largest integer whose power is at most `n`. */
function root(n: bigint, power: bigint): bigint {
  let low = 0n;
  let high = 1n << 80n;
  while (high - low > 1n) {
    const middle = (low + high) >> 1n;
    if (middle ** power <= n) low = middle;
    else high = middle;
  }
  return low;
}

/** FIPS 180-4 §5.1: a one bit, zeros, and the length in bits at the end of the last block. */
function pad(message: Uint8Array, blockLength: 64 | 128): DataView {
  const length = message.length + 1 + blockLength / 8;
  const padded = new Uint8Array(Math.ceil(length / blockLength) * blockLength);
  padded.set(message);
  padded[message.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setBigUint64(padded.length - 8, BigInt(message.length) * 8n);
  return view;
}

type Eight<T> = [T, T, T, T, T, T, T, T];

function rotate32(word: number, by: number): number {
  return (word >>> by) | (word << (32 - by));
}

/** 32 bytes. */
export function sha256(message: Uint8Array): Uint8Array {
  const blocks = pad(message, 64);
  const state = START_256.slice();
  const w = new Int32Array(64);
  for (let offset = 0; offset < blocks.byteLength; offset += 64) {
    for (let t = 0; t < 16; t++) w[t] = blocks.getInt32(offset + 4 * t);
    for (let t = 16; t < 64; t++) {
      const x = w[t - 15] as number;
      const y = w[t - 2] as number;
      const s0 = rotate32(x, 7) ^ rotate32(x, 18) ^ (x >>> 3);
      const s1 = rotate32(y, 17) ^ rotate32(y, 19) ^ (y >>> 10);
      w[t] = (w[t - 16] as number) + s0 + (w[t - 7] as number) + s1;
    }
    let [a, b, c, d, e, f, g, h] = Array.from(state) as Eight<number>;
    for (let t = 0; t < 64; t++) {
      const s1 = rotate32(e, 6) ^ rotate32(e, 11) ^ rotate32(e, 25);
      const s0 = rotate32(a, 2) ^ rotate32(a, 13) ^ rotate32(a, 22);
      const t1 = h + s1 + ((e & f) ^ (~e & g)) + (ROUND_256[t] as number) + (w[t] as number);
      const t2 = s0 + ((a & b) ^ (a & c) ^ (b & c));
      [h, g, f, e, d, c, b, a] = [g, f, e, (d + t1) | 0, c, b, a, (t1 + t2) | 0];
    }
    for (const [i, word] of [a, b, c, d, e, f, g, h].entries()) (state[i] as number) += word;
  }
  const digest = new DataView(new ArrayBuffer(32));
  for (const [i, word] of state.entries()) digest.setInt32(4 * i, word);
  return new Uint8Array(digest.buffer);
}

const u64 = (n: bigint) => BigInt.asUintN(64, n);

function rotate64(word: bigint, by: bigint): bigint {
  return (word >> by) | u64(word << (64n - by));
}

/** 64 bytes. */
export function sha512(message: Uint8Array): Uint8Array<ArrayBuffer> {
  const blocks = pad(message, 128);
  const state = START_512.slice();
  const w = new BigUint64Array(80);
  for (let offset = 0; offset < blocks.byteLength; offset += 128) {
    for (let t = 0; t < 16; t++) w[t] = blocks.getBigUint64(offset + 8 * t);
    for (let t = 16; t < 80; t++) {
      const x = w[t - 15] as bigint;
      const y = w[t - 2] as bigint;
      const s0 = rotate64(x, 1n) ^ rotate64(x, 8n) ^ (x >> 7n);
      const s1 = rotate64(y, 19n) ^ rotate64(y, 61n) ^ (y >> 6n);
      w[t] = (w[t - 16] as bigint) + s0 + (w[t - 7] as bigint) + s1;
    }
    let [a, b, c, d, e, f, g, h] = Array.from(state) as Eight<bigint>;
    for (let t = 0; t < 80; t++) {
      const s1 = rotate64(e, 14n) ^ rotate64(e, 18n) ^ rotate64(e, 41n);
      const s0 = rotate64(a, 28n) ^ rotate64(a, 34n) ^ rotate64(a, 39n);
      const t1 = h + s1 + (g ^ (e & (f ^ g))) + (ROUND_512[t] as bigint) + (w[t] as bigint);
      const t2 = s0 + ((a & b) ^ (a & c) ^ (b & c));
      [h, g, f, e, d, c, b, a] = [g, f, e, u64(d + t1), c, b, a, u64(t1 + t2)];
    }
    for (const [i, word] of [a, b, c, d, e, f, g, h].entries()) (state[i] as bigint) += word;
  }
  const digest = new DataView(new ArrayBuffer(64));
  for (const [i, word] of state.entries()) digest.setBigUint64(8 * i, word);
  return new Uint8Array(digest.buffer);
}
