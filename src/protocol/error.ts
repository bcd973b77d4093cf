// The one error this room throws: for a caller's mistake or a decoder's input, never for a failed verification.
import type { DraftRefusal } from './object.ts';

/**
 * - `invalid_utf8`: bytes that are not well-formed UTF-8.
 * - `invalid_length`: bytes of the wrong length where the length is fixed (a hash, a key, a seed).
 * - `not_json`: a value that has no canonical JSON form (undefined, NaN, a lone surrogate, a cycle).
 * - `invalid_argument`: any other argument outside what the function documents.
 * - a `DraftRefusal`: what `signObject` was to sign is an object that no node would accept.
 */
export type ProtocolErrorCode =
  | 'invalid_utf8'
  | 'invalid_length'
  | 'not_json'
  | 'invalid_argument'
  | DraftRefusal;

export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
  readonly code: ProtocolErrorCode;

  constructor(code: ProtocolErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
