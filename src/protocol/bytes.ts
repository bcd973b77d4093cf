// Bytes and their text forms: UTF-8, hex, base64 and base64url, with decoders that accept one spelling only.
import { ProtocolError } from './error.ts';

const encoder = new TextEncoder();
// A byte order mark is kept: it is a character that parsers refuse, not one that may vanish from hashed bytes.
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** UTF-8 of a string. A lone surrogate becomes U+FFFD, as TextEncoder does; `canonicalize` refuses those first. */
export function utf8(text: string): Uint8Array {
  return encoder.encode(text);
}

/** The string of well-formed UTF-8, a leading byte order mark kept. Throws `invalid_utf8`. */
export function decodeUtf8(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw new ProtocolError('invalid_utf8', 'not well-formed UTF-8', { cause });
  }
}

export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const joined = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}

/** Equality of public bytes: it returns early, so it is not for secrets. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) {
    if (a[i] !== b[i]) return false;
  }
  return true;
}

const HEX: readonly string[] = /* @__PURE__ */ Array.from({ length: 256 }, (_, byte) =>
  byte.toString(16).padStart(2, '0'),
);

/** Lower-case hex. */
export function toHex(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i++) text += HEX[bytes[i] as number];
  return text;
}

function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  if (code >= 0x61 && code <= 0x66) return code - 0x57;
  return -1;
}

/** Bytes of lower-case hex, or null: an upper-case digit would be a second spelling. */
export function fromHex(text: string): Uint8Array | null {
  if (text.length % 2 !== 0) return null;
  const bytes = new Uint8Array(text.length / 2);
  for (let i = 0; i < bytes.length; i++) {
    const high = hexDigit(text.charCodeAt(2 * i));
    const low = hexDigit(text.charCodeAt(2 * i + 1));
    if (high < 0 || low < 0) return null;
    bytes[i] = (high << 4) | low;
  }
  return bytes;
}

/** Two characters for each 12-bit value: half the look-ups of one character per 6 bits. */
function pairsOf(characters: string): readonly string[] {
  return Array.from(characters, (high) => Array.from(characters, (low) => high + low)).flat();
}

/** Six-bit value by character code, 0xff for a character outside the alphabet. */
function valuesOf(characters: string): Uint8Array {
  const values = new Uint8Array(128).fill(0xff);
  for (let i = 0; i < 64; i++) values[characters.charCodeAt(i)] = i;
  return values;
}

const LETTERS_AND_DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const STANDARD = `${LETTERS_AND_DIGITS}+/`;
const URL_SAFE = `${LETTERS_AND_DIGITS}-_`;
// Apart, so that a bundle that only encodes does not carry the tables for decoding.
const STANDARD_PAIRS = /* @__PURE__ */ pairsOf(STANDARD);
const STANDARD_VALUES = /* @__PURE__ */ valuesOf(STANDARD);
const URL_SAFE_PAIRS = /* @__PURE__ */ pairsOf(URL_SAFE);
const URL_SAFE_VALUES = /* @__PURE__ */ valuesOf(URL_SAFE);

function encode(bytes: Uint8Array, pairs: readonly string[]): string {
  let text = '';
  const whole = bytes.length - (bytes.length % 3);
  for (let i = 0; i < whole; i += 3) {
    const bits =
      ((bytes[i] as number) << 16) | ((bytes[i + 1] as number) << 8) | (bytes[i + 2] as number);
    text += (pairs[bits >> 12] as string) + (pairs[bits & 0xfff] as string);
  }
  if (bytes.length - whole === 1) {
    text += pairs[(bytes[whole] as number) << 4];
  } else if (bytes.length - whole === 2) {
    const bits = ((bytes[whole] as number) << 10) | ((bytes[whole + 1] as number) << 2);
    text += (pairs[bits >> 6] as string) + (pairs[(bits & 0x3f) << 6] as string)[0];
  }
  return text;
}

/** `length` is that of the characters before any padding. */
function decode(text: string, length: number, values: Uint8Array): Uint8Array | null {
  const tail = length % 4;
  if (tail === 1) return null;
  const bytes = new Uint8Array((length >> 2) * 3 + (tail === 0 ? 0 : tail - 1));
  let out = 0;
  let bits = 0;
  let held = 0;
  for (let i = 0; i < length; i++) {
    const value = values[text.charCodeAt(i)] ?? 0xff;
    if (value === 0xff) return null;
    bits = (bits << 6) | value;
    held += 6;
    if (held >= 8) {
      held -= 8;
      bytes[out++] = bits >> held;
      bits &= (1 << held) - 1;
    }
  }
  // RFC 4648 §3.5: unused bits of the last character must be zero, or one value would have many spellings.
  return bits === 0 ? bytes : null;
}

/** Standard base64 with padding. */
export function toBase64(bytes: Uint8Array): string {
  const text = encode(bytes, STANDARD_PAIRS);
  return text + '='.repeat((4 - (text.length % 4)) % 4);
}

/** Bytes of padded standard base64 in its one canonical spelling, or null. */
export function fromBase64(text: string): Uint8Array | null {
  if (text.length % 4 !== 0) return null;
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  return decode(text, text.length - padding, STANDARD_VALUES);
}

/** Base64url without padding. */
export function toBase64url(bytes: Uint8Array): string {
  return encode(bytes, URL_SAFE_PAIRS);
}

/** Bytes of unpadded base64url in its one canonical spelling, or null. */
export function fromBase64url(text: string): Uint8Array | null {
  return decode(text, text.length, URL_SAFE_VALUES);
}
