// The I-JSON gate: bytes from outside become a value only if every reader would see the same value.
import { decodeUtf8 } from './bytes.ts';

export type JsonValue = null | boolean | number | string | JsonValue[] | JsonObject;
export interface JsonObject {
  [key: string]: JsonValue;
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

/** Leaves the parser at the first refusal; it never leaves this file. */
class Refusal {
  readonly reason: IJsonRefusal;
  readonly detail: string;
  constructor(reason: IJsonRefusal, detail: string) {
    this.reason = reason;
    this.detail = detail;
  }
}

/**
 * Parses UTF-8 JSON under RFC 7493 (I-JSON) and narrower: numbers are safe integers written plainly (no
 * fraction, no exponent, no -0), `__proto__` is no key, size and depth are bounded. One pass; the first
 * refusal is reported with its position in UTF-16 code units. Never throws.
 */
export function parseIJson(bytes: Uint8Array, limits: IJsonLimits = {}): IJsonResult {
  const { maxBytes = 262_144, maxDepth = 32 } = limits;
  if (bytes.length > maxBytes) {
    const detail = `${bytes.length} bytes, at most ${maxBytes} are read`;
    return { ok: false, reason: 'too_large', detail };
  }
  let text: string;
  try {
    text = decodeUtf8(bytes);
  } catch {
    return { ok: false, reason: 'invalid_utf8', detail: 'the bytes are not well-formed UTF-8' };
  }
  // RFC 7493 §2.1. Code units of an ASCII text are as many as its bytes, and only others can be noncharacters.
  if (text.length !== bytes.length && NONCHARACTER.test(text)) {
    return { ok: false, reason: 'noncharacter', detail: 'the text has a Unicode noncharacter' };
  }
  try {
    return { ok: true, value: new Parser(text, Math.min(maxDepth, 1000)).document() };
  } catch (refusal) {
    if (refusal instanceof Refusal) {
      return { ok: false, reason: refusal.reason, detail: refusal.detail };
    }
    throw refusal;
  }
}

const TAB = 0x09;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const SPACE = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
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
const LOWER_U = 0x75;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

const NONCHARACTER = /\p{Noncharacter_Code_Point}/u;
const FOUR_HEX_DIGITS = /^[0-9A-Fa-f]{4}$/;
const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};

/** Recursive descent over UTF-16 code units; past the end, `charCodeAt` gives NaN, which equals nothing. */
class Parser {
  readonly #text: string;
  #at = 0;
  #depthLeft: number;

  constructor(text: string, maxDepth: number) {
    this.#text = text;
    this.#depthLeft = maxDepth;
  }

  document(): JsonValue {
    const value = this.#value();
    this.#skipSpace();
    if (this.#at < this.#text.length) this.#unexpected();
    return value;
  }

  #refuse(reason: IJsonRefusal, what: string, at = this.#at): never {
    throw new Refusal(reason, `${what} at position ${at}`);
  }

  #unexpected(at = this.#at): never {
    if (at >= this.#text.length) throw new Refusal('invalid_json', 'the text ends too early');
    const code = this.#text.charCodeAt(at).toString(16).padStart(4, '0');
    this.#refuse('invalid_json', `unexpected character U+${code.toUpperCase()}`, at);
  }

  /** Moves to the next character that is not white space and returns its code. */
  #skipSpace(): number {
    const text = this.#text;
    let code = text.charCodeAt(this.#at);
    while (code === SPACE || code === LINE_FEED || code === CARRIAGE_RETURN || code === TAB) {
      code = text.charCodeAt(++this.#at);
    }
    return code;
  }

  #value(): JsonValue {
    const code = this.#skipSpace();
    if (code === QUOTE) return detached(this.#string());
    if (code === OPEN_BRACE) return this.#object();
    if (code === OPEN_BRACKET) return this.#array();
    if (code === MINUS || (code >= ZERO && code <= NINE)) return this.#number();
    return this.#literal();
  }

  #literal(): boolean | null {
    for (const [word, value] of LITERALS) {
      if (this.#text.startsWith(word, this.#at)) {
        this.#at += word.length;
        return value;
      }
    }
    this.#unexpected();
  }

  #number(): number {
    const text = this.#text;
    const start = this.#at;
    const negative = text.charCodeAt(start) === MINUS;
    if (negative) this.#at++;
    const firstDigit = this.#at;
    let code = text.charCodeAt(firstDigit);
    let value = 0;
    while (code >= ZERO && code <= NINE) {
      value = value * 10 + (code - ZERO);
      code = text.charCodeAt(++this.#at);
    }
    const digits = this.#at - firstDigit;
    if (digits === 0) this.#unexpected();
    if (digits > 1 && text.charCodeAt(firstDigit) === ZERO) this.#unexpected(firstDigit + 1);
    if (code === DOT || code === UPPER_E || code === LOWER_E) {
      this.#refuse('unsafe_number', 'a number that is not written as a plain integer', start);
    }
    if (value > Number.MAX_SAFE_INTEGER) {
      this.#refuse('unsafe_number', 'an integer beyond 2^53 - 1', start);
    }
    if (negative && value === 0) this.#refuse('unsafe_number', 'negative zero', start);
    return negative ? -value : value;
  }

  #string(): string {
    const text = this.#text;
    const start = this.#at + 1;
    let at = start;
    for (;;) {
      const code = text.charCodeAt(at);
      if (code === QUOTE) {
        this.#at = at + 1;
        return text.slice(start, at);
      }
      if (code === BACKSLASH) return this.#escapedString(start, at);
      if (!(code >= SPACE)) this.#unexpected(at);
      at++;
    }
  }

  /** The rest of a string that began at `start` and has its first backslash at `at`. */
  #escapedString(start: number, at: number): string {
    const text = this.#text;
    let value = '';
    let copied = start;
    for (;;) {
      const code = text.charCodeAt(at);
      if (code === QUOTE) break;
      if (code === BACKSLASH) {
        value += text.slice(copied, at) + this.#escape(at + 1);
        at += text.charCodeAt(at + 1) === LOWER_U ? 6 : 2;
        copied = at;
      } else if (code >= SPACE) {
        at++;
      } else {
        this.#unexpected(at);
      }
    }
    value += text.slice(copied, at);
    // Only escapes can make a lone surrogate here, and a pair may be half escape, half not: look at the whole.
    if (!value.isWellFormed()) {
      this.#refuse('lone_surrogate', 'a string with a lone surrogate', start - 1);
    }
    if (NONCHARACTER.test(value)) {
      this.#refuse('noncharacter', 'a string with a Unicode noncharacter', start - 1);
    }
    this.#at = at + 1;
    return value;
  }

  /** What the escape whose letter stands at `at` means. */
  #escape(at: number): string {
    const letter = this.#text.charAt(at);
    const simple = ESCAPES[letter];
    if (simple !== undefined) return simple;
    const digits = this.#text.slice(at + 1, at + 5);
    if (letter !== 'u' || !FOUR_HEX_DIGITS.test(digits)) {
      this.#refuse('invalid_json', 'an unknown escape', at - 1);
    }
    return String.fromCharCode(Number.parseInt(digits, 16));
  }

  #array(): JsonValue[] {
    const items: JsonValue[] = [];
    this.#descend();
    if (this.#skipSpace() !== CLOSE_BRACKET) {
      for (;;) {
        items.push(this.#value());
        const code = this.#skipSpace();
        if (code === CLOSE_BRACKET) break;
        if (code !== COMMA) this.#unexpected();
        this.#at++;
      }
    }
    this.#ascend();
    return items;
  }

  #object(): JsonObject {
    const members: JsonObject = {};
    this.#descend();
    if (this.#skipSpace() !== CLOSE_BRACE) {
      for (;;) {
        const key = this.#key();
        if (Object.hasOwn(members, key)) this.#refuse('duplicate_key', `a second ${quoted(key)}`);
        if (this.#skipSpace() !== COLON) this.#unexpected();
        this.#at++;
        members[key] = this.#value();
        const code = this.#skipSpace();
        if (code === CLOSE_BRACE) break;
        if (code !== COMMA) this.#unexpected();
        this.#at++;
      }
    }
    this.#ascend();
    return members;
  }

  #key(): string {
    if (this.#skipSpace() !== QUOTE) this.#unexpected();
    const key = this.#string();
    // Assigning it would set a prototype instead of a member: the value would not be what was signed.
    if (key === '__proto__') this.#refuse('forbidden_key', 'the key "__proto__"');
    return key;
  }

  #descend(): void {
    if (this.#depthLeft-- <= 0) this.#refuse('too_deep', 'too many levels of nesting');
    this.#at++;
  }

  #ascend(): void {
    this.#depthLeft++;
    this.#at++;
  }
}

const LITERALS: readonly (readonly [string, boolean | null])[] = [
  ['true', true],
  ['false', false],
  ['null', null],
];

/**
 * A copy of a slice. Engines keep the whole text alive for as long as a slice of it lives, so a DID in a cache
 * would hold on to the request it came in; joining and slicing again leaves only the copy behind.
 */
function detached(slice: string): string {
  return slice.length < 13 ? slice : ` ${slice}`.slice(1);
}

function quoted(key: string): string {
  return JSON.stringify(key.length > 64 ? `${key.slice(0, 64)}…` : key);
}
