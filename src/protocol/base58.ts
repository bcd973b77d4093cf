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
  while (bytes[zeros] === 0) zeros++;
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
  while (digits[start] === '1') start++;
  return '1'.repeat(zeros) + digits.slice(start);
}

/** Bytes of a base58btc string, or null for another character or more than 1,024 of them. */
export function fromBase58btc(text: string): Uint8Array | null {
  if (text.length > MAX_CHARACTERS) return null;
  let zeros = 0;
  while (text[zeros] === '1') zeros++;
  // Limbs of 24 bits, least significant first, and four characters at a time: 2²⁴ · 58⁴ stays a safe integer.
  const limbs = [0];
  for (let i = zeros; i < text.length; ) {
    let carry = 0;
    let scale = 1;
    do {
      const digit = VALUES[text.charCodeAt(i++)] ?? 0xff;
      if (digit === 0xff) return null;
      carry = carry * 58 + digit;
      scale *= 58;
    } while (i % 4 > 0 && i < text.length);
    for (let j = 0; j < limbs.length; j++) {
      const value = (limbs[j] as number) * scale + carry;
      carry = Math.floor(value / 0x1000000);
      limbs[j] = value & 0xffffff;
    }
    if (carry > 0) limbs.push(carry);
  }
  // The last limb has 24 bits at most; its leading zero bytes are no bytes of the number.
  const length = limbs.length * 3 + 1 - (Math.clz32(limbs.at(-1) as number) >> 3);
  const bytes = new Uint8Array(zeros + length);
  let end = bytes.length;
  for (let k = 0; k < length; k++) bytes[--end] = (limbs[(k / 3) | 0] as number) >>> (8 * (k % 3));
  return bytes;
}
