// The two forms that secure one and the same credential: a Data Integrity proof inside it, or a JWS around it.
import { dateTime } from './activity-fields.ts';
import { decodeUtf8, equalBytes, utf8 } from './bytes.ts';
import type { CredentialFinding, CredentialRefusal } from './credential-findings.ts';
import type { CredentialMediaType } from './credential-form.ts';
import type { Crypto } from './crypto.ts';
import { formatDateTime } from './date-time.ts';
import { ProtocolError } from './error.ts';
import { canonicalize } from './jcs.ts';
import { isObject, type JsonObject, parseIJson } from './json.ts';
import { readJwt, signJwt, verifyJwtSignature } from './jwt.ts';
import { createProof, decodeProofValue, verifyProof } from './proof.ts';
import { ALGORITHMS, type JwsAlgorithm, type PrivateKey, type PublicKey } from './public-key.ts';
import { count, elsewhere, literal, optional, record, string } from './schema.ts';

const JWT_TYPE = 'vc+jwt';
const MAX_KEY_ID = 1024;

/** A credential taken out of its form; nothing is verified yet. */
export interface OpenedCredential {
  readonly mediaType: CredentialMediaType;
  /** Without `proof` and without the claims of its JWT. */
  readonly credential: JsonObject;
  readonly claims: CredentialClaims;
  /** The DID URL that says whose key signed. */
  readonly keyId: string;
  readonly algorithm: JwsAlgorithm;
  isSignedBy(key: PublicKey, crypto: Pick<Crypto, 'sha256' | 'verify'>): Promise<boolean>;
}

export type Opening =
  | { readonly ok: true; readonly opened: OpenedCredential }
  | { readonly ok: false; readonly finding: CredentialFinding };

/** VC-JOSE-COSE §3.1.3: what a JWT may say beside the credential; the times are those of the signature. */
type CredentialClaims = {
  iss?: string;
  sub?: string;
  iat?: number;
  exp?: number;
  nbf?: number;
};

type Header = { alg: JwsAlgorithm; typ: typeof JWT_TYPE; kid: string; cty?: 'vc' };

const keyId = string((text) => text.length <= MAX_KEY_ID, `at most ${MAX_KEY_ID} characters`);
const algorithms = Object.values(ALGORITHMS);

// A closed header: no crit, jwk, jku or x5c can tell a reader what to skip or where to find a key.
const checkHeader = record<Header>({
  alg: literal(...algorithms),
  typ: literal(JWT_TYPE),
  kid: keyId,
  cty: optional(literal('vc')),
});

const text = string(() => true, 'one string');
const checkClaims = record<CredentialClaims>({
  iss: optional(text),
  sub: optional(text),
  iat: optional(count),
  exp: optional(count),
  nbf: optional(count),
});

const checkProof = record<{
  '@context'?: unknown;
  type: string;
  cryptosuite: string;
  verificationMethod: string;
  proofPurpose: string;
  created: string;
  proofValue: string;
}>({
  '@context': elsewhere,
  type: literal('DataIntegrityProof'),
  cryptosuite: literal('eddsa-jcs-2022'),
  verificationMethod: keyId,
  proofPurpose: literal('assertionMethod'),
  created: dateTime,
  proofValue: string((value) => decodeProofValue(value) !== null, 'z and base58btc of 64 bytes'),
});

/** Reads a credential of at most `maxLength` characters in the form that `mediaType` says, and in no other. */
export function openCredential(
  secured: string | JsonObject,
  mediaType: CredentialMediaType,
  maxLength: number,
): Opening {
  if (mediaType === 'application/vc+jwt') {
    return typeof secured === 'string'
      ? openJwt(secured, maxLength)
      : failed('malformed', 'a credential secured as a JWT is a string');
  }
  const parsed = parseIJson(bytesOf(secured), { maxBytes: maxLength });
  if (!parsed.ok) return failed('malformed', `the credential is not I-JSON: ${parsed.detail}`);
  return isObject(parsed.value)
    ? openDocument(parsed.value)
    : failed('malformed', 'the credential must be an object');
}

/** A map that has no JSON form comes to nothing, which is no JSON text. */
function bytesOf(secured: string | JsonObject): Uint8Array {
  if (typeof secured === 'string') return utf8(secured);
  try {
    return canonicalize(secured);
  } catch {
    return new Uint8Array();
  }
}

function openJwt(token: string, maxLength: number): Opening {
  const read = readJwt(token, maxLength);
  if (!read.ok) return failed('malformed', read.detail);
  const { header, payload, signature } = read;
  if (!algorithms.includes(header.alg as JwsAlgorithm)) {
    return failed('algorithm_refused', `alg must be ${algorithms.join(' or ')}`);
  }
  if (header.typ !== JWT_TYPE) return failed('type_refused', `typ must be ${JWT_TYPE}`);
  const inHeader = checkHeader(header, '');
  if (inHeader) return failed('header_malformed', `${inHeader.path}: ${inHeader.detail}`);
  const { iss, sub, iat, exp, nbf, ...credential } = payload;
  const claims = Object.fromEntries(
    Object.entries({ iss, sub, iat, exp, nbf }).filter(([, value]) => value !== undefined),
  ) as JsonObject;
  const inClaims = checkClaims(claims, '');
  if (inClaims) return failed('credential_malformed', `${inClaims.path}: ${inClaims.detail}`);
  const { alg, kid } = header as Header;
  return opened({
    mediaType: 'application/vc+jwt',
    credential,
    claims,
    keyId: kid,
    algorithm: alg,
    isSignedBy: (key, crypto) => verifyJwtSignature(token, signature, key, crypto),
  });
}

function openDocument(document: JsonObject): Opening {
  const { proof, ...credential } = document;
  if (proof === undefined) return failed('proof_missing', 'the credential has no proof');
  const inProof = checkProof(proof, 'proof');
  if (inProof) return failed('proof_malformed', `${inProof.path}: ${inProof.detail}`);
  const { '@context': context, verificationMethod } = proof as JsonObject;
  // The prefix rule of vc-di-eddsa lets anyone append contexts that change what terms mean; equality does not.
  if (context !== undefined && !sameJson(context, credential['@context'])) {
    return failed('proof_context', 'proof.@context must equal @context of the credential');
  }
  return opened({
    mediaType: 'application/vc',
    credential,
    claims: {},
    keyId: verificationMethod as string,
    algorithm: 'EdDSA',
    isSignedBy: async ({ bytes }, crypto) => (await verifyProof(document, bytes, crypto)).ok,
  });
}

function opened(credential: OpenedCredential): Opening {
  return { ok: true, opened: credential };
}

function failed(reason: CredentialRefusal, detail: string): Opening {
  return { ok: false, finding: { reason, detail } };
}

function sameJson(a: unknown, b: unknown): boolean {
  return b !== undefined && equalBytes(canonicalize(a), canonicalize(b));
}

/** Who signs a credential. */
export interface CredentialSigner {
  readonly key: PrivateKey;
  /** DID URL of the key, which the issuer's document lists under `assertionMethod`. */
  readonly keyId: string;
}

/**
 * The text of `credential` in one of the forms: JCS with its proof, made at `now` (seconds), or a JWT whose payload is
 * the credential and nothing else. Throws `invalid_argument` for a proof by another key than Ed25519.
 */
export async function secureCredential(
  credential: JsonObject,
  mediaType: CredentialMediaType,
  { key, keyId: kid }: CredentialSigner,
  now: number,
  crypto: Pick<Crypto, 'sha256' | 'sign'>,
): Promise<string> {
  if (mediaType === 'application/vc+jwt') {
    return signJwt({ alg: ALGORITHMS[key.kind], typ: JWT_TYPE, kid }, credential, key, crypto);
  }
  if (key.kind !== 'Ed25519') {
    const detail = `eddsa-jcs-2022 needs an Ed25519 key; a ${key.kind} key signs as ${JWT_TYPE}`;
    throw new ProtocolError('invalid_argument', detail);
  }
  const options = { verificationMethod: kid, created: formatDateTime(Math.floor(now)) };
  return decodeUtf8(canonicalize(createProof(credential, options, key.secret, crypto)));
}
