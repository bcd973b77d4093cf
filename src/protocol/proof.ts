// The W3C Data Integrity cryptosuite eddsa-jcs-2022, for any JSON document; object.ts adds our profile.
import { fromBase58btc, toBase58btc } from './base58.ts';
import { concatBytes, equalBytes } from './bytes.ts';
import type { Crypto } from './crypto.ts';
import { canonicalize } from './jcs.ts';
import { isObject, type JsonObject, type JsonValue } from './json.ts';

/** The proof of a signed object: exactly these members, all required. */
export interface DataIntegrityProof {
  readonly '@context': readonly string[];
  readonly type: 'DataIntegrityProof';
  readonly cryptosuite: 'eddsa-jcs-2022';
  /** `<did>#<fragment>` of the author. */
  readonly verificationMethod: string;
  readonly proofPurpose: 'assertionMethod';
  /** `YYYY-MM-DDTHH:MM:SSZ`. */
  readonly created: string;
  /** Multibase base58btc of the 64-byte signature. */
  readonly proofValue: string;
}

/** What the maker of a proof chooses; the suite fixes the rest. */
export interface ProofOptions {
  readonly verificationMethod: string;
  /** XML Schema dateTime. */
  readonly created: string;
  readonly proofPurpose?: 'assertionMethod';
}

export type ProofRefusal = 'proof_missing' | 'proof_malformed' | 'proof_context' | 'proof_invalid';

/**
 * `document` is the only map a caller may act on: it has the context that was signed and no proof.
 * The received map can have had contexts appended that give its terms another meaning.
 */
export type ProofVerdict =
  | { readonly ok: true; readonly document: JsonObject }
  | { readonly ok: false; readonly reason: ProofRefusal; readonly detail: string };

const XSD_DATE_TIME =
  /^-?\d{4,}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)?$/;

/**
 * The 64 bytes that are signed: SHA-256 of the proof configuration, then SHA-256 of the document.
 * `document` has no `proof`, `proofConfig` no `proofValue`. Throws ProtocolError if either has no JCS form.
 */
export function hashData(
  document: JsonObject,
  proofConfig: JsonObject,
  crypto: Pick<Crypto, 'sha256'>,
): Uint8Array {
  // vc-di-eddsa §3.3.4: the proof's hash comes first.
  return concatBytes(
    crypto.sha256(canonicalize(proofConfig)),
    crypto.sha256(canonicalize(document)),
  );
}

/**
 * Signs `document` (without `proof`) with a 32-byte seed and returns it with its proof.
 * Throws ProtocolError if the document has no JCS form.
 */
export function createProof(
  document: JsonObject,
  options: ProofOptions,
  seed: Uint8Array,
  crypto: Pick<Crypto, 'sha256' | 'sign'>,
): JsonObject {
  const context = document['@context'];
  const config: JsonObject = {
    // vc-di-eddsa §3.3.5: the proof carries the context of the document it secures.
    ...(context === undefined ? {} : { '@context': context }),
    type: 'DataIntegrityProof',
    cryptosuite: 'eddsa-jcs-2022',
    verificationMethod: options.verificationMethod,
    proofPurpose: options.proofPurpose ?? 'assertionMethod',
    created: options.created,
  };
  const signature = crypto.sign(seed, hashData(document, config, crypto));
  return { ...document, proof: { ...config, proofValue: encodeProofValue(signature) } };
}

/** Checks the one proof of `document` against a 32-byte public key. Never throws. */
export async function verifyProof(
  document: JsonObject,
  publicKey: Uint8Array,
  crypto: Pick<Crypto, 'sha256' | 'verify'>,
): Promise<ProofVerdict> {
  const { proof, ...unsecured } = document;
  if (proof === undefined) return refuse('proof_missing', 'the document has no proof');
  if (!isObject(proof)) return refuse('proof_malformed', 'proof is not one object');
  const { proofValue, ...config } = proof;
  const shape = checkConfig(config);
  if (shape !== null) return refuse('proof_malformed', shape);
  const signature = decodeProofValue(proofValue);
  if (signature === null) {
    return refuse('proof_malformed', 'proofValue is not "z" and the base58btc form of 64 bytes');
  }
  let verified: JsonObject;
  let data: Uint8Array;
  try {
    const context = config['@context'];
    if (context !== undefined && !startsWithContext(unsecured['@context'], context)) {
      return refuse('proof_context', 'the document does not start with the contexts of its proof');
    }
    verified = context === undefined ? unsecured : { ...unsecured, '@context': context };
    data = hashData(verified, config, crypto);
  } catch {
    return refuse('proof_malformed', 'the document has no canonical JSON form (RFC 8785)');
  }
  if (await crypto.verify(publicKey, data, signature)) return { ok: true, document: verified };
  return refuse('proof_invalid', 'the signature is not of this content by this key');
}

/** `z` and base58btc: how `proofValue` writes the bytes of a signature. */
export function encodeProofValue(signature: Uint8Array): string {
  return `z${toBase58btc(signature)}`;
}

/** The 64 bytes behind a `proofValue`, or null. */
export function decodeProofValue(value: JsonValue | undefined): Uint8Array | null {
  // The longest base58btc form of 64 bytes has 88 characters; longer input is not worth decoding.
  if (typeof value !== 'string' || value[0] !== 'z' || value.length > 89) return null;
  const bytes = fromBase58btc(value.slice(1));
  return bytes?.length === 64 ? bytes : null;
}

function checkConfig(config: JsonObject): string | null {
  if (config.type !== 'DataIntegrityProof') return 'proof.type is not DataIntegrityProof';
  if (config.cryptosuite !== 'eddsa-jcs-2022') return 'proof.cryptosuite is not eddsa-jcs-2022';
  if (config.proofPurpose !== 'assertionMethod') return 'proof.proofPurpose is not assertionMethod';
  if (typeof config.verificationMethod !== 'string') return 'proof.verificationMethod is missing';
  const { created } = config;
  if (created !== undefined && !(typeof created === 'string' && XSD_DATE_TIME.test(created))) {
    return 'proof.created is not a date and time';
  }
  return null;
}

/** vc-di-eddsa §3.3.2: the values of the proof's context come first in the document's, in order. */
function startsWithContext(context: JsonValue | undefined, start: JsonValue): boolean {
  const all = asList(context);
  return asList(start).every((entry, index) => sameJson(entry, all[index]));
}

function asList(value: JsonValue | undefined): readonly JsonValue[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value as JsonValue];
}

function sameJson(a: JsonValue, b: JsonValue | undefined): boolean {
  if (typeof a === 'string' || b === undefined) return a === b;
  return equalBytes(canonicalize(a), canonicalize(b));
}

function refuse(reason: ProofRefusal, detail: string): ProofVerdict {
  return { ok: false, reason, detail };
}
