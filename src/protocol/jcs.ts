// JSON Canonicalization Scheme, RFC 8785: the bytes that are hashed, signed, stored and named.
import { utf8 } from './bytes.ts';
import { ProtocolError } from './error.ts';

declare const canonicalBytesBrand: unique symbol;

/** UTF-8 of a value's RFC 8785 form. */
export type CanonicalBytes = Uint8Array & { readonly [canonicalBytesBrand]: true };

/**
 * The RFC 8785 bytes of a JSON value. Members that are undefined are left out, as JSON.stringify does. Throws
 * `not_json` for what JSON cannot say: NaN, a lone surrogate, a function, a Date, anything nested over 1,000 deep.
 */
export function canonicalize(value: unknown): CanonicalBytes {
  return utf8(text(value, 1000)) as CanonicalBytes;
}

function text(value: unknown, depthLeft: number): string {
  if (typeof value === 'string') return quoted(value);
  // RFC 8785 §3.2.2.3 is ECMAScript's own number to string.
  if (typeof value === 'boolean' || Number.isFinite(value)) return `${value}`;
  if (value === null) return 'null';
  if (typeof value === 'object' && depthLeft > 0) {
    if (Array.isArray(value)) return array(value, depthLeft - 1);
    if (isPlain(value)) return object(value, depthLeft - 1);
  }
  throw new ProtocolError('not_json', 'a value that JSON cannot say');
}

function array(items: readonly unknown[], depthLeft: number): string {
  let joined = '';
  for (let i = 0; i < items.length; i++) {
    if (i > 0) joined += ',';
    joined += text(items[i], depthLeft);
  }
  return `[${joined}]`;
}

function object(members: Readonly<Record<string, unknown>>, depthLeft: number): string {
  let joined = '';
  // RFC 8785 §3.2.3: by UTF-16 code units, which is how `sort` compares strings.
  for (const key of Object.keys(members).sort()) {
    const value = members[key];
    if (value === undefined) continue;
    if (joined !== '') joined += ',';
    joined += `${quoted(key)}:${text(value, depthLeft)}`;
  }
  return `{${joined}}`;
}

function quoted(value: string): string {
  // RFC 8785 §3.2.2.2: JSON.stringify would escape a lone surrogate, and encoders would replace it.
  if (!value.isWellFormed()) throw new ProtocolError('not_json', 'a string with a lone surrogate');
  return JSON.stringify(value);
}

/**
 * A Map, a Date or a class instance has state that its members do not show. Plain objects of another realm, whose
 * Object.prototype is another object, are plain all the same.
 */
function isPlain(value: object): value is Readonly<Record<string, unknown>> {
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
