// Signs and verifies envelopes and letters: the only maker of `VerifiedEnvelope`.
import type { ActivityRefusal } from './activity-schema.ts';
import { SIGNED_CONTEXT } from './contexts.ts';
import type { Crypto } from './crypto.ts';
import {
  type Envelope,
  type EnvelopeDraft,
  type Letter,
  type LetterDraft,
  type Parsed,
  parseEnvelope,
  parseLetter,
} from './envelope.ts';
import { ProtocolError } from './error.ts';
import { type CanonicalBytes, canonicalize } from './jcs.ts';
import { type JsonObject, type JsonValue, parseIJson } from './json.ts';
import { readJwe, type SealedText } from './jwe.ts';
import { isPaddedSize } from './letter-padding.ts';
import { ed25519ToMultibase } from './multikey.ts';
import type { KeyResolver, RefusedObject, Signer } from './object.ts';
import { nameOf, type ObjectName } from './object-name.ts';
import { createProof, verifyProof } from './proof.ts';

declare const verifiedBrand: unique symbol;

/** An envelope whose sender is proven; nothing but `verifyEnvelope` makes one. */
export interface VerifiedEnvelope {
  /** Hash of `bytes`: what it is known by, and what it is taken once by. */
  readonly name: ObjectName;
  /** JCS form of the whole map, proof included. */
  readonly bytes: CanonicalBytes;
  readonly envelope: Envelope;
  /** What is sealed in it; null in an answer to an `Offer`. */
  readonly sealed: SealedText | null;
  readonly [verifiedBrand]: true;
}

export type EnvelopeVerdict =
  | { readonly ok: true; readonly verified: VerifiedEnvelope }
  | RefusedObject;

export interface EnvelopeContext {
  readonly crypto: Pick<Crypto, 'sha256' | 'acceptsKey' | 'verify'>;
  readonly resolveKey: KeyResolver;
}

/** Verifies one envelope that was parsed from I-JSON; member order does not matter. Never throws unless `resolveKey` does. */
export async function verifyEnvelope(
  value: JsonValue,
  context: EnvelopeContext,
): Promise<EnvelopeVerdict> {
  const parsed = parseEnvelope(value);
  if (!parsed.ok) return parsed;
  const envelope = parsed.value;
  const bytes = canonicalize(value);
  let sealed: SealedText | null = null;
  if (typeof envelope.object !== 'string') {
    const read = readJwe(envelope.object.content, context.crypto);
    const detail = read.ok ? 'a ciphertext of that length is no letter' : read.detail;
    if (!read.ok || !isPaddedSize(read.sealed.size)) {
      return { ok: false, reason: 'malformed', path: 'object.content', detail };
    }
    sealed = read.sealed;
  }
  const refused = await refuseProof(value as JsonObject, envelope, context);
  if (refused !== null) return refused;
  const name = nameOf(bytes, context.crypto);
  return { ok: true, verified: { name, bytes, envelope, sealed } as VerifiedEnvelope };
}

export type LetterVerdict = { readonly ok: true; readonly letter: Letter } | RefusedObject;

/** The same for what was in it. */
export async function verifyLetter(
  value: JsonValue,
  context: EnvelopeContext,
): Promise<LetterVerdict> {
  const parsed = parseLetter(value);
  if (!parsed.ok) return parsed;
  const refused = await refuseProof(value as JsonObject, parsed.value, context);
  return refused ?? { ok: true, letter: parsed.value };
}

async function refuseProof(
  value: JsonObject,
  { actor, proof }: Envelope | Letter,
  { crypto, resolveKey }: EnvelopeContext,
): Promise<RefusedObject | null> {
  const { verificationMethod } = proof;
  const key = await resolveKey(actor, verificationMethod);
  if (!key.ok) return { ...key, path: 'proof.verificationMethod' };
  if ((await verifyProof(value, key.publicKey, crypto)).ok) return null;
  if (!crypto.acceptsKey(key.publicKey)) {
    const detail = 'names no canonical Ed25519 key of prime order';
    return { ok: false, reason: 'proof_key_rejected', path: 'proof.verificationMethod', detail };
  }
  const detail = 'is not a signature of this content by this key';
  return { ok: false, reason: 'proof_invalid', path: 'proof.proofValue', detail };
}

export interface SignedEnvelope {
  readonly object: JsonObject;
  readonly bytes: CanonicalBytes;
  readonly name: ObjectName;
}

type Signing = Pick<Crypto, 'sha256' | 'sign' | 'publicKeyOf'>;

/** Adds context, actor, instant and proof. Throws ProtocolError with the reason for which no node would take it. */
export function signEnvelope(
  draft: EnvelopeDraft,
  signer: Signer,
  crypto: Signing,
): SignedEnvelope {
  return sign(draft as unknown as JsonObject, signer, crypto, parseEnvelope);
}

/** The same for a letter, which is sealed next. */
export function signLetter(draft: LetterDraft, signer: Signer, crypto: Signing): SignedEnvelope {
  return sign(draft as unknown as JsonObject, signer, crypto, parseLetter);
}

function sign(
  draft: JsonObject,
  { created, did, seed, verificationMethod }: Signer,
  crypto: Signing,
  parse: (value: JsonValue) => Parsed<unknown>,
): SignedEnvelope {
  const method = verificationMethod ?? `${did}#${ed25519ToMultibase(crypto.publicKeyOf(seed))}`;
  const authored = { '@context': [...SIGNED_CONTEXT], actor: did, published: created };
  const options = { verificationMethod: method, created };
  const object = createProof({ ...authored, ...draft }, options, seed, crypto);
  const bytes = canonicalize(object);
  const gate = parseIJson(bytes);
  if (!gate.ok) throw new ProtocolError(gate.reason, gate.detail);
  const parsed = parse(gate.value);
  if (!parsed.ok) {
    throw new ProtocolError(parsed.reason as ActivityRefusal, `${parsed.path} ${parsed.detail}`);
  }
  return { object, bytes, name: nameOf(bytes, crypto) };
}
