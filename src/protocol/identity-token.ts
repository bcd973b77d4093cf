// Public entry `exuvia/identity-token`: an agent gets in elsewhere with a short-lived token for one audience.
import { toBase64url } from './bytes.ts';
import type { Crypto } from './crypto.ts';
import type { Did } from './did.ts';
import { type DocumentResolver, didKeyDocument, keysFor } from './did-document.ts';
import { ProtocolError } from './error.ts';
import { readJwt, signJwt, verifyJwtSignature } from './jwt.ts';
import {
  inspectToken,
  isTokenAudience,
  MAX_TOKEN_LIFETIME,
  TOKEN_ID_BYTES,
  TOKEN_REFUSALS,
  TOKEN_TYPE,
  type TokenClaims,
  type TokenFinding,
  type TokenHeader,
  type TokenRefusal,
} from './token-claims.ts';

export type { DocumentResolver } from './did-document.ts';
export type { TokenRefusal } from './token-claims.ts';

/** An agent's key, such as the `AgentKey` of `exuvia/client`. */
export interface TokenSigner {
  readonly did: Did;
  /** 32 bytes. */
  readonly seed: Uint8Array;
  /** DID URL of the key, which the DID's document lists under `authentication`. */
  readonly verificationMethod: string;
}

export interface TokenRequest {
  /** Origin of whom the token is for: `https://forum.example`, or http on a loopback host. */
  readonly audience: string;
  /** What the audience gave out to be repeated: 1 to 256 visible ASCII characters. */
  readonly nonce?: string;
  /** Seconds, 1 to 300; 300 unless told. */
  readonly lifetime?: number;
  /** Seconds since the epoch. */
  readonly now: number;
  /** A cryptographic source. */
  readonly random: (length: number) => Uint8Array;
}

export interface TokenExpectation {
  /** The verifier's own origin: from its configuration, never from the request that brings the token. */
  readonly audience: string;
  /** The one that this verifier gave out. Without it a token that repeats one is refused. */
  readonly nonce?: string;
  /** Seconds since the epoch. */
  readonly now: number;
  readonly crypto: Pick<Crypto, 'acceptsKey' | 'verify'>;
  /** Gets documents that are not computed, which is all but did:key. Default: none can be had. */
  readonly resolveDocument?: DocumentResolver;
}

declare const verified: unique symbol;

/** Who presented a token. To take each token once, keep (`did`, `tokenId`) until `expiresAt`. */
export interface VerifiedIdentity {
  readonly [verified]: true;
  readonly did: Did;
  /** DID URL of the key that signed. */
  readonly keyId: string;
  readonly audience: string;
  readonly nonce: string | null;
  readonly tokenId: string;
  /** Seconds since the epoch. */
  readonly issuedAt: number;
  readonly expiresAt: number;
}

interface RefusedToken<Outcome, Reason> {
  readonly ok: false;
  readonly outcome: Outcome;
  readonly reason: Reason;
  readonly detail: string;
}

export type TokenVerdict =
  | { readonly ok: true; readonly identity: VerifiedIdentity }
  | RefusedToken<'invalid', Exclude<TokenRefusal, 'key_unresolvable'>>
  | RefusedToken<'indeterminate', 'key_unresolvable'>;

/**
 * A token by which `audience`, and nobody else, knows the agent until it expires. Throws `invalid_argument`
 * for what no verifier would accept.
 */
export async function createIdentityToken(
  { did, seed, verificationMethod }: TokenSigner,
  { audience, nonce, lifetime = MAX_TOKEN_LIFETIME, now, random }: TokenRequest,
  crypto: Pick<Crypto, 'sign'>,
): Promise<string> {
  requireCircumstances(audience, now);
  const iat = Math.floor(now);
  const header: TokenHeader = { alg: 'EdDSA', typ: TOKEN_TYPE, kid: verificationMethod };
  const claims: TokenClaims = {
    iss: did,
    sub: did,
    aud: audience,
    iat,
    exp: iat + lifetime,
    jti: toBase64url(random(TOKEN_ID_BYTES)),
    ...(nonce !== undefined && { nonce }),
  };
  const finding = inspectToken(header, claims, { audience, nonce, now: iat });
  if (finding) throw new ProtocolError('invalid_argument', finding.detail);
  return signJwt(header, claims, { kind: 'Ed25519', secret: seed }, crypto);
}

/**
 * Who presents the token, from the DID alone. All that the token says is checked before a document is asked
 * for. Throws `invalid_argument` for the verifier's own mistakes (its audience, its clock) and what
 * `resolveDocument` throws; never for what is in a token.
 */
export async function verifyIdentityToken(
  token: string,
  expected: TokenExpectation,
): Promise<TokenVerdict> {
  requireCircumstances(expected.audience, expected.now);
  const read = readJwt(token);
  if (!read.ok) return refuse({ reason: 'malformed', detail: read.detail });
  const finding = inspectToken(read.header, read.payload, expected);
  if (finding) return refuse(finding);
  const { kid } = read.header as TokenHeader;
  const { iss, aud, iat, exp, jti, nonce = null } = read.payload as TokenClaims;
  const did = iss as Did;
  const key = await findKey(did, kid, expected);
  if (!key.ok) return refuse(key.finding);
  const publicKey = { kind: 'Ed25519', bytes: key.publicKey } as const;
  if (!(await verifyJwtSignature(token, read.signature, publicKey, expected.crypto))) {
    return refuse({ reason: 'signature_invalid', detail: `${kid} did not sign this token` });
  }
  const times = { issuedAt: iat, expiresAt: exp };
  const identity = { did, keyId: kid, audience: aud, nonce, tokenId: jti, ...times };
  return { ok: true, identity: identity as VerifiedIdentity };
}

function requireCircumstances(audience: string, now: number): void {
  if (!isTokenAudience(audience)) {
    const detail = `${audience} is neither an https origin nor an http origin on loopback`;
    throw new ProtocolError('invalid_argument', detail);
  }
  // NaN is neither before nor after anything: every token would be in time.
  if (!Number.isFinite(now)) throw new ProtocolError('invalid_argument', `${now} is no time`);
}

function refuse({ reason, detail }: TokenFinding): TokenVerdict {
  return { ok: false, outcome: TOKEN_REFUSALS[reason], reason, detail } as TokenVerdict;
}

type FoundKey =
  | { readonly ok: true; readonly publicKey: Uint8Array }
  | { readonly ok: false; readonly finding: TokenFinding };

async function findKey(
  did: Did,
  kid: string,
  { resolveDocument, crypto }: TokenExpectation,
): Promise<FoundKey> {
  const failed = (reason: TokenRefusal, detail: string): FoundKey => ({
    ok: false,
    finding: { reason, detail },
  });
  // A did:key is its own document: nobody is asked, and nobody can answer otherwise.
  const computed = await didKeyDocument(did);
  const found = computed.ok || !resolveDocument ? computed : await resolveDocument(did);
  if (!found.ok) return failed('key_unresolvable', found.detail);
  const listed = keysFor(found.document, did, 'authentication');
  if (!listed.ok) return failed(listed.reason, listed.detail);
  const key = listed.keys.find(({ id }) => id === kid);
  if (!key) return failed('key_not_found', `${did} lists no ${kid} under authentication`);
  if (!crypto.acceptsKey(key.publicKey)) {
    return failed('key_rejected', `${kid} is not a point of prime order in its canonical encoding`);
  }
  return { ok: true, publicKey: key.publicKey };
}
