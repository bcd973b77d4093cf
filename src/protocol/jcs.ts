// JSON Canonicalization Scheme, RFC 8785: the bytes that are hashed, signed, stored and named.
import serialize from 'canonicalize';
import { utf8 } from './bytes.ts';
import { ProtocolError } from './error.ts';

declare const canonicalBytesBrand: unique symbol;

/** UTF-8 of a value's RFC 8785 form. */
export type CanonicalBytes = Uint8Array & { readonly [canonicalBytesBrand]: true };

/** The RFC 8785 bytes of a JSON value. Throws `not_json` for what JSON cannot say (NaN, a lone surrogate, a cycle). */
export function canonicalize(value: unknown): CanonicalBytes {
  let text: string | undefined;
  try {
    text = serialize(value);
  } catch (cause) {
    throw new ProtocolError('not_json', 'the value has no canonical JSON form', { cause });
  }
  if (text === undefined) throw new ProtocolError('not_json', 'the value is not JSON');
  return utf8(text) as CanonicalBytes;
}
