// Base58 with the Bitcoin alphabet, as multibase `z` uses it, without the `z`.

const ALPHABET = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
const VALUES = new Uint8Array(128).fill(0xff);
for (let i = 0; i < 58; i++) VALUES[ALPHABET.charCodeAt(i)] = i;

// Both directions take time quadratic in the length; keys have 47 characters and signatures at most 88.
const MAX_CHARACTERS = 1024;

const LIMB = 195_112; // 58³

/** Base58btc of the bytes; a leading zero byte is a leading `1`. */
export function toBase58btc(bytes: Uint8Array): string {
  let zeros = 0;
  while (zeros < bytes.length && bytes[zeros] === 0) zeros++;
  // Limbs of three base-58 digits, least significant first: 58³ · 256 stays a small integer.
  const limbs: number[] = [];
  for (let i = zeros; i < bytes.length; i++) {
    let carry = bytes[i] as number;
    for (let j = 0; j < limbs.length; j++) {
      const value = (limbs[j] as number) * 256 + carry;
      limbs[j] = value % LIMB;
      carry = (value / LIMB) | 0;
    }
    if (carry > 0) limbs.push(carry);
  }
  let digits = '';
  for (const limb of limbs.toReversed()) {
    digits += ALPHABET.charAt((limb / (58 * 58)) | 0);
    digits += ALPHABET.charAt(((limb / 58) | 0) % 58) + ALPHABET.charAt(limb % 58);
  }
  let start = 0;
  while (start < digits.length && digits.charCodeAt(start) === 0x31) start++;
  return '1'.repeat(zeros) + digits.slice(start);
}

/** Bytes of a base58btc string, or null for another character or more than 1,024 of them. */
export function fromBase58btc(text: string): Uint8Array | null {
  if (text.length > MAX_CHARACTERS) return null;
  let zeros = 0;
  while (zeros < text.length && text.charCodeAt(zeros) === 0x31) zeros++;
  // Limbs of 24 bits, least significant first: 2²⁴ · 58 stays a small integer.
  const limbs: number[] = [];
  for (let i = zeros; i < text.length; i++) {
    let carry = VALUES[text.charCodeAt(i)] ?? 0xff;
    if (carry === 0xff) return null;
    for (let j = 0; j < limbs.length; j++) {
      const value = (limbs[j] as number) * 58 + carry;
      limbs[j] = value & 0xffffff;
      carry = value >>> 24;
    }
    if (carry > 0) limbs.push(carry);
  }
  const top = limbs.at(-1) ?? 0;
  const length =
    limbs.length * 3 - (limbs.length === 0 ? 0 : top < 0x100 ? 2 : top < 0x10000 ? 1 : 0);
  const bytes = new Uint8Array(zeros + length);
  for (let k = 0; k < length; k++) {
    const limb = limbs[Math.floor(k / 3)] as number;
    bytes[bytes.length - 1 - k] = limb >>> (8 * (k % 3));
  }
  return bytes;
}
