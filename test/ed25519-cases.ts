// Builds Ed25519 signatures on which libraries disagree, with the verdict that the construction itself determines.
import { createHash } from 'node:crypto';
import { Point } from '@noble/ed25519';
import { concatBytes, fromHex } from '../src/protocol/bytes.ts';

export interface Ed25519Case {
  readonly family: string;
  readonly comment: string;
  readonly publicKey: Uint8Array;
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
  /** Whether the key alone is canonical and of prime order; null where the construction does not say. */
  readonly keyAccepted: boolean | null;
  readonly expected: boolean;
}

export const L = Point.CURVE().n;
const P = Point.CURVE().p;

/** Order 8: every point of small order is a multiple of it. */
const T = Point.fromHex('c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a');
const TORSION = [0n, 1n, 2n, 3n, 4n, 5n, 6n, 7n].map((n) => T.multiplyUnsafe(n));

/** Spellings of points of small order that RFC 8032 §5.1.3 refuses: y ≥ p, or x = 0 with the sign bit. */
const NON_CANONICAL_SMALL: readonly (readonly [string, Uint8Array])[] = [
  ['identity with the sign bit', `01${'00'.repeat(30)}80`],
  ['identity as y = p + 1', `ee${'ff'.repeat(30)}7f`],
  ['identity as y = p + 1 with the sign bit', `ee${'ff'.repeat(30)}ff`],
  ['order 2 with the sign bit', `ec${'ff'.repeat(31)}`],
  ['order 4 as y = p', `ed${'ff'.repeat(30)}7f`],
  ['order 4 as y = p with the sign bit', `ed${'ff'.repeat(31)}`],
].map(([comment, hex]) => [comment as string, fromHex(hex as string) as Uint8Array]);

export function toLittleEndian(n: bigint): Uint8Array {
  return (fromHex(n.toString(16).padStart(64, '0')) as Uint8Array).reverse();
}

function fromLittleEndian(bytes: Uint8Array): bigint {
  return bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
}

function sha512(...parts: Uint8Array[]): Uint8Array {
  return createHash('sha512')
    .update(concatBytes(...parts))
    .digest();
}

/** A stream of bytes that a seed determines. */
class Stream {
  #counter = 0;
  readonly #seed: string;

  constructor(seed: string) {
    this.#seed = seed;
  }

  bytes(length: number): Uint8Array {
    const block = createHash('sha512')
      .update(`${this.#seed} ${this.#counter++}`)
      .digest();
    return Uint8Array.from(block.subarray(0, length));
  }

  scalar(): bigint {
    return (fromLittleEndian(this.bytes(64)) % (L - 1n)) + 1n;
  }

  below(limit: number): number {
    return Number(fromLittleEndian(this.bytes(8)) % BigInt(limit));
  }
}

function challenge(r: Uint8Array, key: Uint8Array, message: Uint8Array): bigint {
  return fromLittleEndian(sha512(r, key, message)) % L;
}

interface Attempt {
  readonly a: bigint;
  readonly r: bigint;
  readonly publicKey: Uint8Array;
  readonly encodedR: Uint8Array;
  readonly message: Uint8Array;
}

/** S = r + k·a, whatever the encodings of R and A are. */
function signature({ a, r, publicKey, encodedR, message }: Attempt): Uint8Array {
  const s = (r + challenge(encodedR, publicKey, message) * a) % L;
  return concatBytes(encodedR, toLittleEndian(s));
}

function flip(bytes: Uint8Array, bit: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[bit >> 3] = (copy[bit >> 3] as number) ^ (1 << (bit & 7));
  return copy;
}

interface Honest {
  readonly a: bigint;
  readonly publicKey: Uint8Array;
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
}

function honest(stream: Stream, length: number): Honest {
  const [a, r] = [stream.scalar(), stream.scalar()];
  const publicKey = Point.BASE.multiply(a).toBytes();
  const message = stream.bytes(length);
  const encodedR = Point.BASE.multiply(r).toBytes();
  return { a, publicKey, message, signature: signature({ a, r, publicKey, encodedR, message }) };
}

type Draft = Omit<Ed25519Case, 'family' | 'keyAccepted' | 'expected'> & {
  readonly keyAccepted?: boolean | null;
  readonly expected?: boolean;
};

function* honestCases(stream: Stream): Generator<Draft> {
  for (const length of [0, 1, 31, 32, 33, 63, 64]) {
    const made = honest(stream, length);
    yield { comment: `${length} bytes`, ...made, expected: true };
  }
}

function* tampered(stream: Stream): Generator<Draft> {
  const made = honest(stream, 32);
  const other = honest(stream, 32);
  const [encodedR, encodedS] = [made.signature.slice(0, 32), made.signature.slice(32)];
  yield { comment: 'another message', ...made, message: other.message };
  yield { comment: 'another key', ...made, publicKey: other.publicKey };
  yield { comment: 'no message', ...made, message: new Uint8Array(0) };
  yield {
    comment: 'a longer message',
    ...made,
    message: concatBytes(made.message, Uint8Array.of(0)),
  };
  yield { comment: 'R negated', ...made, signature: flip(made.signature, 255) };
  const negated = toLittleEndian(L - fromLittleEndian(encodedS));
  yield { comment: 'S negated', ...made, signature: concatBytes(encodedR, negated) };
  yield { comment: 'key negated', ...made, publicKey: flip(made.publicKey, 255) };
  for (let i = 0; i < 4; i++) {
    const bit = stream.below(256);
    yield { comment: `bit ${bit} of R`, ...made, signature: flip(made.signature, bit) };
    yield { comment: `bit ${bit} of S`, ...made, signature: flip(made.signature, 256 + bit) };
    yield { comment: `bit ${bit} of M`, ...made, message: flip(made.message, bit) };
    yield {
      comment: `bit ${bit} of A`,
      ...made,
      publicKey: flip(made.publicKey, bit),
      keyAccepted: null,
    };
  }
}

function* lengths(stream: Stream): Generator<Draft> {
  const made = honest(stream, 16);
  for (const length of [0, 32, 63]) {
    yield {
      comment: `signature of ${length}`,
      ...made,
      signature: made.signature.slice(0, length),
    };
  }
  for (const more of [1, 64]) {
    const longer = concatBytes(made.signature, new Uint8Array(more));
    yield { comment: `signature of ${64 + more}`, ...made, signature: longer };
  }
  for (const length of [0, 31]) {
    const publicKey = made.publicKey.slice(0, length);
    yield { comment: `key of ${length}`, ...made, publicKey, keyAccepted: false };
  }
  const publicKey = concatBytes(made.publicKey, Uint8Array.of(0));
  yield { comment: 'key of 33', ...made, publicKey, keyAccepted: false };
}

function* malleableS(stream: Stream): Generator<Draft> {
  const made = honest(stream, 24);
  const encodedR = made.signature.slice(0, 32);
  const s = fromLittleEndian(made.signature.slice(32));
  for (let n = 1n; s + n * L < 1n << 256n; n++) {
    const signature = concatBytes(encodedR, toLittleEndian(s + n * L));
    yield { comment: `S + ${n}·L`, ...made, signature };
  }
  for (const [comment, value] of [
    ['0', 0n],
    ['1', 1n],
    ['L - 1', L - 1n],
    ['L', L],
    ['2^256 - 1', (1n << 256n) - 1n],
  ] as const) {
    yield {
      comment: `S = ${comment}`,
      ...made,
      signature: concatBytes(encodedR, toLittleEndian(value)),
    };
  }
}

/** R of small order: with r = 0 the equation holds for the identity, and for the others after the cofactor. */
function* smallOrderR(stream: Stream): Generator<Draft> {
  const { a, publicKey, message } = honest(stream, 24);
  const encodings = TORSION.map((point, i) => [`${i}·T`, point.toBytes()] as const);
  for (const [comment, encodedR] of [...encodings, ...NON_CANONICAL_SMALL]) {
    const signed = signature({ a, r: 0n, publicKey, encodedR, message });
    yield { comment: `R = ${comment}`, publicKey, message, signature: signed };
    const zero = concatBytes(encodedR, new Uint8Array(32));
    yield { comment: `R = ${comment}, S = 0`, publicKey, message, signature: zero };
  }
}

/** Keys of small order sign every eighth message or so without any secret. */
function* smallOrderKeys(stream: Stream): Generator<Draft> {
  const encodings = TORSION.map((point, i) => [`${i}·T`, point.toBytes()] as const);
  for (const [comment, publicKey] of [...encodings, ...NON_CANONICAL_SMALL]) {
    const r = stream.scalar();
    for (const [kind, nonce] of [
      ['R random', r],
      ['R identity, S = 0', 0n],
    ] as const) {
      const encodedR = Point.BASE.multiply(nonce, false).toBytes();
      let message = stream.bytes(32);
      // k divisible by 8 takes the key out of the equation.
      while (challenge(encodedR, publicKey, message) % 8n !== 0n) message = stream.bytes(32);
      const signed = signature({ a: 0n, r: nonce, publicKey, encodedR, message });
      yield {
        comment: `A = ${comment}, ${kind}`,
        publicKey,
        message,
        signature: signed,
        keyAccepted: false,
      };
    }
  }
}

/** A = a·B + i·T: verifiers without a check of the key accept those messages for which the torsion cancels. */
function* mixedOrderKeys(stream: Stream): Generator<Draft> {
  for (let i = 1n; i < 8n; i++) {
    const a = stream.scalar();
    const publicKey = Point.BASE.multiply(a).add(T.multiplyUnsafe(i)).toBytes();
    for (const j of [0n, 8n - i]) {
      let message = stream.bytes(32);
      const r = stream.scalar();
      const encodedR = Point.BASE.multiply(r).add(T.multiplyUnsafe(j)).toBytes();
      // R + k·A = S·B exactly when j + k·i is a multiple of 8.
      for (let tries = 0; tries < 200; tries++) {
        if ((j + challenge(encodedR, publicKey, message) * i) % 8n === 0n) break;
        message = stream.bytes(32);
      }
      const signed = signature({ a, r, publicKey, encodedR, message });
      const comment = `A = a·B + ${i}·T, R = r·B + ${j}·T`;
      yield { comment, publicKey, message, signature: signed, keyAccepted: false };
    }
  }
}

/** R = r·B + j·T under an honest key: only cofactored verifiers accept. */
function* torsionedR(stream: Stream): Generator<Draft> {
  for (let j = 1n; j < 8n; j++) {
    const { a, publicKey, message } = honest(stream, 24);
    const r = stream.scalar();
    const encodedR = Point.BASE.multiply(r).add(T.multiplyUnsafe(j)).toBytes();
    const signed = signature({ a, r, publicKey, encodedR, message });
    yield { comment: `R = r·B + ${j}·T`, publicKey, message, signature: signed };
  }
}

/** y and y + p are one point for a lenient decoder; only y < 19 has such a second spelling. */
function* smallY(stream: Stream): Generator<Draft> {
  const made = honest(stream, 16);
  for (let y = 0n; y < 19n; y++) {
    const sign = BigInt(stream.below(2)) << 255n;
    const canonical = toLittleEndian(y | sign);
    const other = toLittleEndian((y + P) | sign);
    yield { comment: `A has y = ${y}`, ...made, publicKey: canonical, keyAccepted: null };
    yield { comment: `A has y = ${y} + p`, ...made, publicKey: other, keyAccepted: false };
    for (const [comment, encodedR] of [
      [`${y}`, canonical],
      [`${y} + p`, other],
    ] as const) {
      const signed = signature({
        a: made.a,
        r: 0n,
        publicKey: made.publicKey,
        encodedR,
        message: made.message,
      });
      yield { comment: `R has y = ${comment}`, ...made, signature: signed };
    }
  }
}

function* noise(stream: Stream): Generator<Draft> {
  for (let i = 0; i < 6; i++) {
    const [publicKey, message] = [stream.bytes(32), stream.bytes(32)];
    yield { comment: 'random', publicKey, message, signature: stream.bytes(64), keyAccepted: null };
  }
  const made = honest(stream, 16);
  for (const [byte, all] of [
    [0x00, 'zeros'],
    [0xff, 'ones'],
  ] as const) {
    const filled = new Uint8Array(64).fill(byte);
    yield { comment: `signature of ${all}`, ...made, signature: filled };
    yield { comment: `key of ${all}`, ...made, publicKey: filled.slice(32), keyAccepted: false };
  }
}

const FAMILIES = {
  honest: honestCases,
  tampered,
  lengths,
  'malleable-s': malleableS,
  'small-order-r': smallOrderR,
  'small-order-key': smallOrderKeys,
  'mixed-order-key': mixedOrderKeys,
  'torsioned-r': torsionedR,
  'small-y': smallY,
  noise,
} as const;

/** All families, from one seed: the same cases for the same seed. */
export function ed25519Cases(seed: string): Ed25519Case[] {
  return Object.entries(FAMILIES).flatMap(([family, make]) =>
    Array.from(make(new Stream(`${seed} ${family}`)), (draft) => ({
      family,
      comment: draft.comment,
      publicKey: draft.publicKey,
      message: draft.message,
      signature: draft.signature,
      keyAccepted: draft.keyAccepted === undefined ? true : draft.keyAccepted,
      expected: draft.expected ?? false,
    })),
  );
}
