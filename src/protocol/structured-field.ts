// Structured fields (RFC 8941): dictionaries read strictly, so that no text has a second reading, and values written.
import { fromBase64, toBase64 } from './bytes.ts';

/** A Token, which is written like a String and means something else. */
export class Token {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
  toString(): string {
    return this.text;
  }
}

/** Integers are safe; a Byte Sequence is a Uint8Array. */
export type BareItem = string | number | boolean | Uint8Array | Token;
export type Parameters = ReadonlyMap<string, BareItem>;
export type Item = readonly [BareItem, Parameters];
export type InnerList = readonly [readonly Item[], Parameters];
export type Dictionary = ReadonlyMap<string, Item | InnerList>;

export function isInnerList(member: Item | InnerList): member is InnerList {
  return Array.isArray(member[0]);
}

// Sticky patterns: each reads at the place where the one before has stopped. None can backtrack.
const KEY = /[a-z*][a-z0-9_.*-]*/y;
const STRING = /"((?:[ !#-[\]-~]|\\["\\])*)"/y;
const TOKEN = /[A-Za-z*][!#$%&'*+.^_`|~0-9A-Za-z:/-]*/y;
/** RFC 8941 §3.3.1, in the one spelling of each: no zero in front, no minus zero. No decimals, which nothing here has a use for. */
const INTEGER = /(?:0|-?[1-9][0-9]{0,14})(?![0-9.])/y;
const BYTES = /:([A-Za-z0-9+/=]*):/y;
const BOOLEAN = /\?[01]/y;
const BLANKS = /[ \t]*/y;
const SPACES = / */y;

/** Where reading stands, and what it meets there. */
class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get done(): boolean {
    return this.#at >= this.#text.length;
  }

  /** Takes this one character, if it is the next. */
  take(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at += 1;
    return true;
  }

  match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text);
    if (found !== null) this.#at = pattern.lastIndex;
    return found;
  }

  bareItem(): BareItem | null {
    switch (this.#text[this.#at]) {
      case '"': {
        const text = this.match(STRING)?.[1];
        return text?.includes('\\') ? text.replace(/\\(.)/g, '$1') : (text ?? null);
      }
      case ':': {
        const base64 = this.match(BYTES)?.[1];
        return base64 === undefined ? null : fromBase64(base64);
      }
      case '?': {
        const found = this.match(BOOLEAN);
        return found && found[0] === '?1';
      }
      default: {
        const integer = this.match(INTEGER);
        if (integer !== null) return Number(integer[0]);
        const token = this.match(TOKEN);
        return token && new Token(token[0]);
      }
    }
  }

  /** Null also if one occurs twice: RFC 8941 lets the last one win, and other readers take the first. */
  parameters(): Parameters | null {
    let parameters: Map<string, BareItem> | null = null;
    while (this.take(';')) {
      this.match(SPACES);
      const key = this.match(KEY)?.[0];
      const value = this.take('=') ? this.bareItem() : true;
      if (key === undefined || value === null || parameters?.has(key)) return null;
      parameters ??= new Map();
      parameters.set(key, value);
    }
    return parameters ?? NO_PARAMETERS;
  }

  item(): Item | null {
    const value = this.bareItem();
    const parameters = value === null ? null : this.parameters();
    return value === null || parameters === null ? null : [value, parameters];
  }

  member(): Item | InnerList | null {
    if (!this.take('(')) return this.item();
    const items: Item[] = [];
    for (let spaced = true; ; ) {
      spaced = this.match(SPACES)?.[0] !== '' || spaced;
      if (this.take(')')) break;
      const item = spaced ? this.item() : null;
      if (item === null) return null;
      items.push(item);
      spaced = false;
    }
    const parameters = this.parameters();
    return parameters && [items, parameters];
  }
}

const NO_PARAMETERS: Parameters = new Map();

/**
 * The dictionary that a field's combined value spells, or null. Beyond RFC 8941 §4.2 these are refused: a key or
 * parameter that occurs twice, decimals, and integers or bytes in a second spelling. Two readers of such a field could see two
 * different requests. Of RFC 9651 nothing is taken: RFC 9421 does not know its types.
 */
export function parseStrictDictionary(field: string): Dictionary | null {
  const dictionary = new Map<string, Item | InnerList>();
  const reader = new Reader(field);
  reader.match(SPACES);
  while (!reader.done) {
    const key = reader.match(KEY)?.[0];
    if (key === undefined || dictionary.has(key)) return null;
    const member = reader.take('=') ? reader.member() : flagged(reader);
    if (member === null) return null;
    dictionary.set(key, member);
    reader.match(BLANKS);
    if (reader.done) break;
    if (!reader.take(',')) return null;
    reader.match(BLANKS);
    // A trailing comma announces a member that does not come.
    if (reader.done) return null;
  }
  return dictionary;
}

/** RFC 8941 §3.2: a key alone is true. */
function flagged(reader: Reader): Item | null {
  const parameters = reader.parameters();
  return parameters && [true, parameters];
}

/** RFC 8941 §4.1.3. Strings must be ASCII without control characters, numbers whole. */
export function writeBareItem(value: BareItem): string {
  if (typeof value === 'string') return `"${value.replace(/["\\]/g, '\\$&')}"`;
  if (typeof value === 'boolean') return value ? '?1' : '?0';
  return value instanceof Uint8Array ? `:${toBase64(value)}:` : String(value);
}

export function writeParameters(parameters: Iterable<readonly [string, BareItem]>): string {
  let text = '';
  for (const [key, value] of parameters) {
    text += value === true ? `;${key}` : `;${key}=${writeBareItem(value)}`;
  }
  return text;
}

/** RFC 8941 §4.1.1 and §4.1.3: the value of one member. */
export function writeMember(member: Item | InnerList): string {
  if (!isInnerList(member)) return writeBareItem(member[0]) + writeParameters(member[1]);
  const items = member[0].map(writeMember).join(' ');
  return `(${items})${writeParameters(member[1])}`;
}
