// The I-JSON gate: bytes from outside become a value only if every reader would see the same value.
import { decodeUtf8 } from './bytes.ts';

export type JsonValue = null | boolean | number | string | JsonValue[] | JsonObject;
export interface JsonObject {
  [key: string]: JsonValue;
}

/** A JSON object: neither an array nor null. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export type IJsonRefusal =
  | 'too_large'
  | 'invalid_utf8'
  | 'invalid_json'
  | 'duplicate_key'
  | 'lone_surrogate'
  | 'noncharacter'
  | 'unsafe_number'
  | 'too_deep'
  | 'forbidden_key';

export type IJsonResult =
  | { readonly ok: true; readonly value: JsonValue }
  | { readonly ok: false; readonly reason: IJsonRefusal; readonly detail: string };

export interface IJsonLimits {
  /** Bytes of the whole text, 262,144 unless told. */
  readonly maxBytes?: number;
  /** Objects and arrays inside one another, the outermost counted: 32 unless told, never over 1,000. */
  readonly maxDepth?: number;
}

type Refused = Extract<IJsonResult, { ok: false }>;

/**
 * Parses UTF-8 JSON under RFC 7493 (I-JSON) and narrower: numbers are safe integers written plainly (no
 * fraction, no exponent, no -0), `__proto__` is no key, size and depth are bounded. Never throws. A text
 * with several faults is refused for one of them.
 */
export function parseIJson(bytes: Uint8Array, limits: IJsonLimits = {}): IJsonResult {
  const { maxBytes = 262_144, maxDepth = 32 } = limits;
  if (bytes.length > maxBytes) {
    return refused('too_large', `${bytes.length} bytes, at most ${maxBytes} are read`);
  }
  let text: string;
  try {
    text = decodeUtf8(bytes);
  } catch {
    return refused('invalid_utf8', 'the bytes are not well-formed UTF-8');
  }
  let value: JsonValue;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return refused('invalid_json', error instanceof Error ? error.message : 'not JSON');
  }
  const written = inspectText(text, Math.min(maxDepth, 1000));
  if (typeof written !== 'number') return written;
  // Only escapes can make a lone surrogate: the text was UTF-8. Without any, one look at the text covers every string.
  const escapes = text.includes('\\u');
  if (!escapes && text.length !== bytes.length && NONCHARACTER.test(text)) return noncharacter();
  const held = inspectValue(value, escapes);
  if (typeof held !== 'number') return held;
  // JSON.parse keeps the last of equal keys, so a value with fewer members than were written has lost one.
  if (held !== written) return refused('duplicate_key', 'an object has two members of one name');
  return { ok: true, value };
}

const QUOTE = 0x22;
const MINUS = 0x2d;
const DOT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const COLON = 0x3a;
const UPPER_E = 0x45;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const LOWER_E = 0x65;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

// RFC 7493 §2.1 bars U+FDD0–U+FDEF and the last two code points of every plane.
// As pairs of code units this is four times as fast as \p{Noncharacter_Code_Point}.
export const NONCHARACTER =
  /[\ufdd0-\ufdef\ufffe\uffff]|[\ud83f\ud87f\ud8bf\ud8ff\ud93f\ud97f\ud9bf\ud9ff\uda3f\uda7f\udabf\udaff\udb3f\udb7f\udbbf\udbff][\udffe\udfff]/;

function refused(reason: IJsonRefusal, detail: string): Refused {
  return { ok: false, reason, detail };
}

function noncharacter(): Refused {
  return refused('noncharacter', 'a string has a Unicode noncharacter');
}

/** What only the text shows: depth, how numbers are written, and the number of members, which it returns. */
function inspectText(text: string, maxDepth: number): number | Refused {
  let members = 0;
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      at = endOfString(text, at);
    } else if (code === COLON) {
      members++;
    } else if (code === OPEN_BRACE || code === OPEN_BRACKET) {
      if (++depth > maxDepth) return refused('too_deep', `more than ${maxDepth} levels of nesting`);
    } else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) {
      depth--;
    } else if (code === DOT || code === UPPER_E || (code === LOWER_E && isDigit(text, at - 1))) {
      return refused('unsafe_number', `a fraction or an exponent at position ${at}`);
    } else if (code === MINUS && text.charCodeAt(at + 1) === ZERO) {
      return refused('unsafe_number', `negative zero at position ${at}`);
    }
  }
  return members;
}

function isDigit(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= ZERO && code <= NINE;
}

/** The position of the quote that ends the string begun at `start`, in a text known to be JSON. */
function endOfString(text: string, start: number): number {
  let end = start;
  let backslashes: number;
  do {
    end = text.indexOf('"', end + 1);
    backslashes = 0;
    while (text.charCodeAt(end - 1 - backslashes) === BACKSLASH) backslashes++;
  } while (backslashes % 2 === 1);
  return end;
}

/** What only the value shows: keys, the range of numbers and, with `strings`, their characters. Returns the members. */
function inspectValue(value: JsonValue, strings: boolean): number | Refused {
  if (typeof value === 'string') return (strings && inspectString(value)) || 0;
  if (typeof value === 'number') {
    return Number.isSafeInteger(value) ? 0 : refused('unsafe_number', 'an integer beyond 2^53 - 1');
  }
  if (typeof value !== 'object' || value === null) return 0;
  let members = 0;
  if (Array.isArray(value)) {
    for (const item of value) {
      const inside = inspectValue(item, strings);
      if (typeof inside !== 'number') return inside;
      members += inside;
    }
    return members;
  }
  for (const key of Object.keys(value)) {
    // Whoever copies this member by assignment sets a prototype instead.
    if (key === '__proto__') return refused('forbidden_key', 'the key "__proto__" is not allowed');
    const fault = strings ? inspectString(key) : null;
    if (fault !== null) return fault;
    const inside = inspectValue(value[key] as JsonValue, strings);
    if (typeof inside !== 'number') return inside;
    members += inside + 1;
  }
  return members;
}

function inspectString(text: string): Refused | null {
  if (!text.isWellFormed()) return refused('lone_surrogate', 'a string has a lone surrogate');
  return NONCHARACTER.test(text) ? noncharacter() : null;
}
