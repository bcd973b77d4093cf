// Verifies and signs objects under the strict profile: the only maker of `VerifiedObject`.
import type { Activity, ActivityDraft, DateTime } from './activity.ts';
import { type ActivityRefusal, parseActivity } from './activity-schema.ts';
import { equalBytes } from './bytes.ts';
import { SIGNED_CONTEXT } from './contexts.ts';
import type { Crypto } from './crypto.ts';
import { type Did, didKeyOf, didMethod, publicKeyOfDidKey } from './did.ts';
import { ProtocolError } from './error.ts';
import { type CanonicalBytes, canonicalize } from './jcs.ts';
import { type IJsonRefusal, type JsonObject, type JsonValue, parseIJson } from './json.ts';
import { ed25519ToMultibase } from './multikey.ts';
import { nameOf, type ObjectName } from './object-name.ts';
import { createProof, decodeProofValue, hashData } from './proof.ts';

declare const verifiedBrand: unique symbol;

/** An activity whose author is proven; nothing but `verifyObject` makes one. */
export interface VerifiedObject {
  /** `ni:` name: the hash of `bytes`. */
  readonly name: ObjectName;
  /** JCS form of the whole map, proof included: what is stored and served. */
  readonly bytes: CanonicalBytes;
  readonly activity: Activity;
  /** The verification method that the proof names and the key was found under. */
  readonly keyId: string;
  /** 32 bytes: which key it was, whatever the method may stand for later. */
  readonly publicKey: Uint8Array;
  readonly [verifiedBrand]: true;
}

/**
 * `identity_unknown`: the DID log of a did:webvh is not known where the object came to, and nobody fetches it: its statement
 * has to come first. `identity_moved`: it is known, and the agent has another DID by now. `identity_deactivated`: it has ended.
 * `did_log_invalid`: the statement's own DID log does not verify.
 */
export type IdentityRefusal =
  | 'identity_unknown'
  | 'identity_moved'
  | 'identity_deactivated'
  | 'did_log_invalid';

export type KeyRefusal = 'key_unresolvable' | 'key_not_found' | 'did_mismatch' | IdentityRefusal;

/**
 * Finds the Ed25519 key of `verificationMethod` under `assertionMethod` of the DID's document. `activity` is what
 * that key has signed: a DID log statement brings its own keys. `retryable` tells "could not be fetched now" from
 * "will never be accepted".
 */
export type KeyResolver = (
  did: Did,
  verificationMethod: string,
  activity?: Activity,
) => Promise<
  | { readonly ok: true; readonly publicKey: Uint8Array }
  | {
      readonly ok: false;
      readonly reason: KeyRefusal;
      readonly detail: string;
      readonly retryable: boolean;
    }
>;

export type ObjectRefusal = ActivityRefusal | KeyRefusal | 'proof_key_rejected' | 'proof_invalid';

/** `path` names the member at fault (`object.name`); `retryable` is set when a key could not be fetched. */
export interface RefusedObject<Reason extends string = ObjectRefusal> {
  readonly ok: false;
  readonly reason: Reason;
  readonly detail: string;
  readonly path?: string;
  readonly retryable?: boolean;
}

export type ObjectVerdict = { readonly ok: true; readonly object: VerifiedObject } | RefusedObject;

export type ObjectBytesVerdict =
  | { readonly ok: true; readonly object: VerifiedObject }
  | RefusedObject<ObjectRefusal | IJsonRefusal | 'not_canonical'>;

export interface VerifyContext {
  readonly crypto: Pick<Crypto, 'sha256' | 'acceptsKey' | 'verify'>;
  readonly resolveKey: KeyResolver;
}

/**
 * Verifies one signed map that was parsed from I-JSON. Member order does not matter. Never throws
 * unless `resolveKey` does. The cheap checks come first; the key is asked for only when all of them pass.
 */
export async function verifyObject(
  value: JsonValue,
  context: VerifyContext,
): Promise<ObjectVerdict> {
  const parsed = parseActivity(value);
  if (!parsed.ok) return parsed;
  const { activity } = parsed;
  const { crypto } = context;
  // All of the map is read before the first wait: what was checked, what is verified and what is kept are one state of it.
  const bytes = canonicalize(value);
  // What verifyProof checks besides the signature, parseActivity has checked more strictly.
  const { proof, ...unsecured } = value as JsonObject;
  const { proofValue, ...config } = proof as JsonObject;
  const signature = decodeProofValue(proofValue) as Uint8Array;
  const data = hashData(unsecured, config, crypto);
  const { verificationMethod } = activity.proof;
  const key = await context.resolveKey(activity.actor, verificationMethod, activity);
  if (!key.ok) return { ...key, path: 'proof.verificationMethod' };
  if (!(await crypto.verify(key.publicKey, data, signature))) {
    // Under a key of small order one signature fits every content: what has to change is the key.
    if (!crypto.acceptsKey(key.publicKey)) {
      const detail = 'names no canonical Ed25519 key of prime order';
      return { ok: false, reason: 'proof_key_rejected', path: 'proof.verificationMethod', detail };
    }
    const detail = 'is not a signature of this content by this key';
    return { ok: false, reason: 'proof_invalid', path: 'proof.proofValue', detail };
  }
  const object = {
    name: nameOf(bytes, crypto),
    bytes,
    activity,
    keyId: verificationMethod,
    publicKey: key.publicKey,
  };
  return { ok: true, object: object as VerifiedObject };
}

/**
 * Verifies stored or received bytes: the I-JSON gate, then `verifyObject`, then the bytes themselves,
 * which must be the JCS form, because the object's name is their hash.
 */
export async function verifyObjectBytes(
  bytes: Uint8Array,
  context: VerifyContext,
): Promise<ObjectBytesVerdict> {
  const parsed = parseIJson(bytes);
  if (!parsed.ok) return parsed;
  const verdict = await verifyObject(parsed.value, context);
  if (verdict.ok && !equalBytes(verdict.object.bytes, bytes)) {
    return {
      ok: false,
      reason: 'not_canonical',
      detail: 'the bytes are not the JCS form (RFC 8785) of this object',
    };
  }
  return verdict;
}

/** Resolves did:key, whose only key is the DID itself; every other method is `key_unresolvable`. */
export const didKeyResolver: KeyResolver = async (did, verificationMethod) => {
  const publicKey = publicKeyOfDidKey(did);
  if (publicKey === null) {
    return {
      ok: false,
      reason: 'key_unresolvable',
      detail: `${did} has to be fetched`,
      retryable: false,
    };
  }
  // did:key: the one verification method is `<did>#<multibase key>`.
  if (verificationMethod === `${did}#${did.slice('did:key:'.length)}`) {
    return { ok: true, publicKey };
  }
  const ofThisDid = verificationMethod.startsWith(`${did}#`);
  return {
    ok: false,
    reason: ofThisDid ? 'key_not_found' : 'did_mismatch',
    detail: `${verificationMethod} is not a key of ${did}`,
    retryable: false,
  };
};

export interface Signer {
  readonly did: Did;
  /** 32-byte Ed25519 seed. */
  readonly seed: Uint8Array;
  /** Default: `<did>#<multibase of the seed's public key>`. */
  readonly verificationMethod?: string;
  /** Instant of the proof, and of `published` unless the draft states one. */
  readonly created: DateTime;
}

export interface SignedObject {
  readonly object: JsonObject;
  readonly bytes: CanonicalBytes;
  readonly name: ObjectName;
}

/** Why a draft is not signed: the reason a verifier would give, which is the code of the error thrown. */
export type DraftRefusal = ActivityRefusal | IJsonRefusal | 'did_mismatch';

/**
 * Adds `@context`, `actor`, `published` and the proof to a draft. The result is checked like received
 * bytes: throws ProtocolError with a `DraftRefusal` as code if no node would accept it.
 */
export function signObject(
  draft: ActivityDraft | JsonObject,
  signer: Signer,
  crypto: Pick<Crypto, 'sha256' | 'sign' | 'publicKeyOf'>,
): SignedObject {
  const { did, seed, created } = signer;
  const publicKey = crypto.publicKeyOf(seed);
  if (didMethod(did) === 'key' && didKeyOf(publicKey) !== did) {
    throw new ProtocolError('did_mismatch', `the seed is not the private key of ${did}`);
  }
  if ('proof' in draft) {
    throw new ProtocolError('proof_malformed', 'the draft has a proof already; sign it without');
  }
  const authored = { '@context': [...SIGNED_CONTEXT], actor: did, published: created };
  const document = { ...authored, ...draft } as JsonObject;
  const verificationMethod = signer.verificationMethod ?? `${did}#${ed25519ToMultibase(publicKey)}`;
  const object = createProof(document, { verificationMethod, created }, seed, crypto);
  const bytes = canonicalize(object);
  const gate = parseIJson(bytes);
  if (!gate.ok) throw new ProtocolError(gate.reason, gate.detail);
  const parsed = parseActivity(gate.value);
  if (!parsed.ok) throw new ProtocolError(parsed.reason, `${parsed.path} ${parsed.detail}`);
  return { object, bytes, name: nameOf(bytes, crypto) };
}
