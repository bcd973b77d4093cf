// What an identity token must say, whoever signed it: a closed header, closed claims, a window of time.
import { fromBase64url } from './bytes.ts';
import { parseDid } from './did.ts';
import type { JsonObject } from './json.ts';
import { count, literal, optional, record, string } from './schema.ts';
import { isLoopbackHost } from './signature-agent.ts';

// RFC 8725 §3.11: without a type of its own, a token made for one thing passes for another.
export const TOKEN_TYPE = 'exuvia-id+jwt';
/** Seconds between `iat` and `exp`, at most. */
export const MAX_TOKEN_LIFETIME = 300;
/** Of `jti`, at least. */
export const TOKEN_ID_BYTES = 16;
const MAX_TOKEN_ID_BYTES = 64;
/** Seconds that an issuer's clock may be ahead. */
const CLOCK_SKEW = 30;
const MAX_KID = 1024;
const NONCE = /^[\x21-\x7e]{1,256}$/;

/** Every reason for which a token is refused, in the order of the checks: it never counts, or it cannot be decided now. */
export const TOKEN_REFUSALS = {
  malformed: 'invalid',
  algorithm_refused: 'invalid',
  type_refused: 'invalid',
  header_malformed: 'invalid',
  claims_malformed: 'invalid',
  issuer_refused: 'invalid',
  subject_mismatch: 'invalid',
  kid_mismatch: 'invalid',
  audience_mismatch: 'invalid',
  nonce_mismatch: 'invalid',
  lifetime_refused: 'invalid',
  not_yet_valid: 'invalid',
  expired: 'invalid',
  key_unresolvable: 'indeterminate',
  malformed_document: 'invalid',
  did_mismatch: 'invalid',
  key_not_found: 'invalid',
  key_rejected: 'invalid',
  signature_invalid: 'invalid',
} as const;

export type TokenRefusal = keyof typeof TOKEN_REFUSALS;

export interface TokenFinding {
  readonly reason: TokenRefusal;
  readonly detail: string;
}

// Types, not interfaces, so that they are JsonObjects.
export type TokenHeader = { alg: 'EdDSA'; typ: typeof TOKEN_TYPE; kid: string };
export type TokenClaims = {
  iss: string;
  sub: string;
  aud: string;
  iat: number;
  exp: number;
  jti: string;
  nonce?: string;
};

/** What the verifier knows by itself. `now` in seconds since the epoch. */
export interface TokenCircumstances {
  readonly audience: string;
  readonly nonce?: string | undefined;
  readonly now: number;
}

function isTokenId(text: string): boolean {
  const length = fromBase64url(text)?.length ?? 0;
  return length >= TOKEN_ID_BYTES && length <= MAX_TOKEN_ID_BYTES;
}

/** Whether a verifier can give this out as a nonce. */
export function isTokenNonce(text: string): boolean {
  return NONCE.test(text);
}

// A closed header: no crit, jwk, jku or x5c can tell a reader what to skip or where to find a key.
const checkHeader = record<TokenHeader>({
  alg: literal('EdDSA'),
  typ: literal(TOKEN_TYPE),
  kid: string((kid) => kid.length <= MAX_KID, `a string of at most ${MAX_KID} characters`),
});

const text = string(() => true, 'one string');
const checkClaims = record<TokenClaims>({
  iss: text,
  sub: text,
  aud: text,
  iat: count,
  exp: count,
  jti: string(isTokenId, `base64url of ${TOKEN_ID_BYTES} to ${MAX_TOKEN_ID_BYTES} bytes`),
  nonce: optional(string(isTokenNonce, '1 to 256 visible ASCII characters')),
});

/** Whether a token can be for this text: an https origin, or http on loopback, as URL parsers spell it. */
export function isTokenAudience(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || url.origin !== text) return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopbackHost(url.hostname));
}

/** The first thing in a token that makes it unacceptable under the circumstances, or null; no key is looked at. */
export function inspectToken(
  header: JsonObject,
  payload: JsonObject,
  circumstances: TokenCircumstances,
): TokenFinding | null {
  if (header.alg !== 'EdDSA') return { reason: 'algorithm_refused', detail: 'alg must be EdDSA' };
  if (header.typ !== TOKEN_TYPE) {
    return { reason: 'type_refused', detail: `typ must be ${TOKEN_TYPE}` };
  }
  const inHeader = checkHeader(header, '');
  if (inHeader) {
    return { reason: 'header_malformed', detail: `${inHeader.path}: ${inHeader.detail}` };
  }
  const inClaims = checkClaims(payload, '');
  if (inClaims) {
    return { reason: 'claims_malformed', detail: `${inClaims.path}: ${inClaims.detail}` };
  }
  const { kid } = header as TokenHeader;
  const claims = payload as TokenClaims;
  return inspectParties(claims, kid, circumstances) ?? inspectWindow(claims, circumstances.now);
}

function inspectParties(
  { iss, sub, aud, nonce }: TokenClaims,
  kid: string,
  circumstances: TokenCircumstances,
): TokenFinding | null {
  if (parseDid(iss) === null) {
    return {
      reason: 'issuer_refused',
      detail: 'iss is no did:key of an Ed25519 key and no did:web',
    };
  }
  if (sub !== iss) return { reason: 'subject_mismatch', detail: 'sub is not iss' };
  if (!kid.startsWith(`${iss}#`) || kid.length === iss.length + 1) {
    return { reason: 'kid_mismatch', detail: 'kid is not the DID URL of a key of iss' };
  }
  if (aud !== circumstances.audience) {
    return { reason: 'audience_mismatch', detail: `the token is for ${aud}` };
  }
  if (nonce !== circumstances.nonce) {
    return { reason: 'nonce_mismatch', detail: 'nonce is not the one that was given out' };
  }
  return null;
}

function inspectWindow({ iat, exp }: TokenClaims, now: number): TokenFinding | null {
  if (exp <= iat || exp - iat > MAX_TOKEN_LIFETIME) {
    const detail = `exp must lie 1 to ${MAX_TOKEN_LIFETIME} s after iat`;
    return { reason: 'lifetime_refused', detail };
  }
  if (iat > now + CLOCK_SKEW) return { reason: 'not_yet_valid', detail: 'iat lies in the future' };
  // No allowance here: a token never counts for longer than it says.
  if (exp <= now) return { reason: 'expired', detail: `exp was ${Math.floor(now - exp)} s ago` };
  return null;
}
