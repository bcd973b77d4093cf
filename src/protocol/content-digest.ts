// Content-Digest (RFC 9530): made with sha-256, checked for sha-256 and sha-512, never trusted for anything weaker.
import { sha512 } from '@noble/hashes/sha2.js';
import { equalBytes, toBase64 } from './bytes.ts';
import type { Crypto } from './crypto.ts';
import { isInnerList, parseStrictDictionary } from './structured-field.ts';

/** The hashes a Content-Digest field states; at least one is there. */
export interface ContentDigest {
  readonly sha256: Uint8Array | null;
  readonly sha512: Uint8Array | null;
}

export type ContentDigestRefusal = 'digest_malformed' | 'digest_algorithm_refused';

export type ParsedContentDigest =
  | { readonly ok: true; readonly digest: ContentDigest }
  | { readonly ok: false; readonly reason: ContentDigestRefusal; readonly detail: string };

/** RFC 9530 §5: deprecated, and MUST NOT be used where the field is signed. */
const DEPRECATED = new Set(['md5', 'sha', 'unixsum', 'unixcksum', 'adler', 'crc32c']);

/** The field value for a body, `sha-256=:…:`. */
export function contentDigest(body: Uint8Array, crypto: Crypto): string {
  return `sha-256=:${toBase64(crypto.sha256(body))}:`;
}

/**
 * Reads the combined value of the field. Algorithms that nobody here knows are passed over; a deprecated one
 * is refused even beside a good one.
 */
export function parseContentDigest(field: string): ParsedContentDigest {
  const members = parseStrictDictionary(field);
  if (members === null) {
    return {
      ok: false,
      reason: 'digest_malformed',
      detail: 'Content-Digest is not a strict dictionary',
    };
  }
  const digest: { sha256: Uint8Array | null; sha512: Uint8Array | null } = {
    sha256: null,
    sha512: null,
  };
  for (const [algorithm, member] of members) {
    if (DEPRECATED.has(algorithm)) {
      const detail = `Content-Digest uses the deprecated algorithm ${algorithm}`;
      return { ok: false, reason: 'digest_algorithm_refused', detail };
    }
    if (algorithm !== 'sha-256' && algorithm !== 'sha-512') continue;
    const length = algorithm === 'sha-256' ? 32 : 64;
    const value = isInnerList(member) ? null : member[0];
    if (!(value instanceof Uint8Array) || value.length !== length || member[1].size > 0) {
      const detail = `Content-Digest: ${algorithm} must be a byte sequence of ${length} bytes`;
      return { ok: false, reason: 'digest_malformed', detail };
    }
    digest[algorithm === 'sha-256' ? 'sha256' : 'sha512'] = value;
  }
  if (digest.sha256 === null && digest.sha512 === null) {
    const detail = 'Content-Digest has neither sha-256 nor sha-512';
    return { ok: false, reason: 'digest_algorithm_refused', detail };
  }
  return { ok: true, digest };
}

/**
 * Whether hashes taken while the body streamed are the stated ones. RFC 9530 §6.6: every stated one must
 * agree, so a stated hash that was not taken is a mismatch.
 */
export function equalsContentDigest(stated: ContentDigest, taken: ContentDigest): boolean {
  const agrees = (a: Uint8Array | null, b: Uint8Array | null) =>
    a === null || (b !== null && equalBytes(a, b));
  return agrees(stated.sha256, taken.sha256) && agrees(stated.sha512, taken.sha512);
}

/** Whether a whole body has the stated hashes. */
export function matchesContentDigest(
  stated: ContentDigest,
  body: Uint8Array,
  crypto: Crypto,
): boolean {
  return equalsContentDigest(stated, {
    sha256: crypto.sha256(body),
    sha512: stated.sha512 === null ? null : sha512(body),
  });
}
