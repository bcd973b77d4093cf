// DID documents: ours as we publish them, and the Ed25519 keys that anybody's document lists for a purpose.
import type { Crypto } from './crypto.ts';
import { type Did, publicKeyOfDidKey } from './did.ts';
import { ProtocolError } from './error.ts';
import type { JsonObject } from './json.ts';
import { ed25519FromMultibase, ed25519ToMultibase } from './multikey.ts';
import { type Ed25519Jwk, ed25519FromJwk, ed25519ToJwk, jwkThumbprint } from './thumbprint.ts';

const DID_V1 = 'https://www.w3.org/ns/did/v1';
const MULTIKEY_V1 = 'https://w3id.org/security/multikey/v1';
const JWK_V1 = 'https://w3id.org/security/jwk/v1';
// JSON-LD readers would drop the JWK Set's member without a term for it.
const KEYS_TERM = {
  keys: { '@id': 'https://www.iana.org/assignments/jose#keys', '@type': '@json' },
};

// Types, not interfaces: only those are assignable to JsonObject.
export type MultikeyMethod = {
  id: string;
  type: 'Multikey';
  controller: Did;
  publicKeyMultibase: string;
};
export type JsonWebKeyMethod = {
  id: string;
  type: 'JsonWebKey';
  controller: Did;
  publicKeyJwk: Ed25519Jwk & { kid: string };
};
export type DidService = { id: string; type: string; serviceEndpoint: string };
export type DidDocument = {
  '@context': (string | JsonObject)[];
  id: Did;
  verificationMethod: (MultikeyMethod | JsonWebKeyMethod)[];
  authentication: string[];
  assertionMethod: string[];
  capabilityInvocation?: string[];
  capabilityDelegation?: string[];
  service?: DidService[];
  /** RFC 7517 §5: with this member the document is a JWK Set too. */
  keys?: (Ed25519Jwk & { kid: string; use: 'sig' })[];
};

export type KeyPurpose = 'authentication' | 'assertionMethod';

/** Gets the document of a DID. What comes back is checked by whoever asked. */
export type DocumentResolver = (
  did: Did,
) => Promise<
  | { readonly ok: true; readonly document: unknown }
  | { readonly ok: false; readonly detail: string }
>;

export interface DidWebKey {
  readonly publicKey: Uint8Array;
  /** Of the Multikey's id; its multibase form unless told. */
  readonly fragment?: string;
  /** None for a key that signs neither requests nor objects, such as a log's. */
  readonly purposes: readonly KeyPurpose[];
}

/**
 * The document of a did:key, computed from the DID alone: one Multikey under every purpose that an Ed25519
 * key can serve. Whether the key is acceptable is for `Crypto.acceptsKey`. Throws `invalid_argument`.
 */
export function buildDidKeyDocument(did: Did): DidDocument {
  const publicKey = publicKeyOfDidKey(did);
  if (publicKey === null) throw new ProtocolError('invalid_argument', `${did} is no did:key`);
  const method = multikeyMethod(did, publicKey);
  return {
    '@context': [DID_V1, MULTIKEY_V1],
    id: did,
    verificationMethod: [method],
    authentication: [method.id],
    assertionMethod: [method.id],
    capabilityInvocation: [method.id],
    capabilityDelegation: [method.id],
  };
}

/** Computes documents of did:key; every other method has to be fetched by somebody else. */
export const didKeyDocument: DocumentResolver = async (did) =>
  publicKeyOfDidKey(did) === null
    ? { ok: false, detail: `the document of ${did} has to be fetched` }
    : { ok: true, document: buildDidKeyDocument(did) };

/** Whose document it is and which keys it lists. */
export interface DocumentSubject {
  readonly did: Did;
  readonly keys: readonly DidWebKey[];
  readonly services?: readonly DidService[];
}

/**
 * The document of a did:web (or of a did:key that signs requests), which is a JWK Set at the same time. Each key
 * stands in it as a JsonWebKey named by its thumbprint, which is the `keyid` of its request signatures, and
 * as a Multikey, which is what verifiers of Data Integrity proofs read.
 */
export function buildDidWebDocument(
  subject: DocumentSubject,
  crypto: Pick<Crypto, 'sha256'>,
): DidDocument {
  const document = buildPlainDocument(subject, crypto);
  return withJwkSet(document, subject.did, crypto) as DidDocument;
}

/** The same without its JWK Set: what stands in a DID log. */
export function buildPlainDocument(
  { did, keys, services = [] }: DocumentSubject,
  crypto: Pick<Crypto, 'sha256'>,
): DidDocument {
  const document: DidDocument = {
    '@context': [DID_V1, JWK_V1, MULTIKEY_V1],
    id: did,
    verificationMethod: [],
    authentication: [],
    assertionMethod: [],
    ...(services.length > 0 ? { service: [...services] } : {}),
  };
  for (const { publicKey, fragment, purposes } of keys) {
    const kid = jwkThumbprint(publicKey, crypto);
    const jsonWebKey: JsonWebKeyMethod = {
      id: `${did}#${kid}`,
      type: 'JsonWebKey',
      controller: did,
      publicKeyJwk: { ...ed25519ToJwk(publicKey), kid },
    };
    const multikey = multikeyMethod(did, publicKey, fragment);
    document.verificationMethod.push(jsonWebKey, multikey);
    for (const purpose of purposes) document[purpose].push(jsonWebKey.id, multikey.id);
  }
  return document;
}

/** A DID document that is also a JWK Set (RFC 7517 §5) of the Ed25519 keys it lists under `authentication`, each once. */
export function withJwkSet(
  document: JsonObject,
  did: Did,
  crypto: Pick<Crypto, 'sha256'>,
): JsonObject {
  const listed = keysFor(document, did, 'authentication');
  const keys = new Map<string, JsonObject>();
  for (const { publicKey } of listed.ok ? listed.keys : []) {
    const kid = jwkThumbprint(publicKey, crypto);
    keys.set(kid, { ...ed25519ToJwk(publicKey), kid, use: 'sig' });
  }
  const { '@context': context = [] } = document;
  const contexts = Array.isArray(context) ? context : [context];
  return { ...document, '@context': [...contexts, KEYS_TERM], keys: [...keys.values()] };
}

function multikeyMethod(did: Did, publicKey: Uint8Array, fragment?: string): MultikeyMethod {
  const publicKeyMultibase = ed25519ToMultibase(publicKey);
  return {
    id: `${did}#${fragment ?? publicKeyMultibase}`,
    type: 'Multikey',
    controller: did,
    publicKeyMultibase,
  };
}

export interface DocumentKey {
  /** The absolute DID URL of the verification method. */
  readonly id: string;
  readonly publicKey: Uint8Array;
}

export interface RefusedDocument {
  readonly ok: false;
  readonly reason: 'malformed_document' | 'did_mismatch';
  readonly detail: string;
}

export type DocumentKeys =
  | { readonly ok: true; readonly keys: readonly DocumentKey[] }
  | RefusedDocument;

/** More methods than this are a burden, not a key list. */
const MAX_METHODS = 100;

type Method = Readonly<Record<string, unknown>>;

/**
 * The Ed25519 keys that `document` lists under `purpose`, by reference or embedded, in its order. Methods of
 * other kinds, of another controller, with an id that occurs twice, or marked `revoked` or `expires` (this room
 * has no clock) are passed over; a document of another subject is refused whole.
 */
export function keysFor(document: unknown, did: Did, purpose: KeyPurpose): DocumentKeys {
  return keysAmong(methodsFor(document, did, purpose));
}

/** Those that `keysFor` passes over because somebody else controls them: listed, and not the subject's. */
export function keysOfOthers(document: unknown, did: Did, purpose: KeyPurpose): DocumentKeys {
  return keysAmong(listedMethods(document, did, purpose, (controller) => controller !== did));
}

function keysAmong(listed: ListedMethods): DocumentKeys {
  if (!listed.ok) return listed;
  const keys: DocumentKey[] = [];
  for (const { id, method } of listed.methods) {
    const publicKey = publicKeyOf(method);
    if (publicKey !== null) keys.push({ id, publicKey });
  }
  return { ok: true, keys };
}

/** A verification method under the absolute DID URL that names it; its key material is as it was written. */
export interface ListedMethod {
  readonly id: string;
  readonly method: Method;
}

type ListedMethods =
  | { readonly ok: true; readonly methods: readonly ListedMethod[] }
  | RefusedDocument;

/** The methods that `document` lists under `purpose` with one kind of key material, by the rules of `keysFor`. */
export function methodsFor(
  document: unknown,
  did: string,
  purpose: KeyPurpose | 'keyAgreement',
): ListedMethods {
  return listedMethods(document, did, purpose, (controller) => controller === did);
}

function listedMethods(
  document: unknown,
  did: string,
  purpose: KeyPurpose | 'keyAgreement',
  isController: (controller: unknown) => boolean,
): ListedMethods {
  if (!isRecord(document)) return refused('malformed_document', 'the document is not an object');
  if (document.id !== did) return refused('did_mismatch', `the document's id is not ${did}`);
  const listed = document[purpose] ?? [];
  const methods = document.verificationMethod ?? [];
  if (!isMethodList(listed) || !isMethodList(methods)) {
    const what = `"verificationMethod" and "${purpose}" must be arrays of at most ${MAX_METHODS}`;
    return refused('malformed_document', what);
  }
  const byId = new Map<string, Method | null>();
  const embedded = listed.filter(isRecord);
  for (const method of [...methods.filter(isRecord), ...embedded]) {
    const id = absoluteId(method.id, did);
    // Of two methods with one id, nobody can say which of them a signature means.
    if (id !== null) byId.set(id, byId.has(id) ? null : method);
  }
  const ids = new Set(listed.map((entry) => absoluteId(isRecord(entry) ? entry.id : entry, did)));
  const usable: ListedMethod[] = [];
  for (const id of ids) {
    const method = id === null ? null : byId.get(id);
    if (id === null || !method || !isController(method.controller)) continue;
    if (isUsable(method)) usable.push({ id, method });
  }
  return { ok: true, methods: usable };
}

function refused(reason: RefusedDocument['reason'], detail: string): RefusedDocument {
  return { ok: false, reason, detail };
}

function isRecord(value: unknown): value is Method {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isMethodList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value) && value.length <= MAX_METHODS;
}

/** A DID URL of this subject with a fragment; `#fragment` alone is relative to the subject (DID Core §3.2.2). */
function absoluteId(id: unknown, did: string): string | null {
  if (typeof id !== 'string') return null;
  const absolute = id.startsWith('#') ? did + id : id;
  return absolute.startsWith(`${did}#`) && absolute.length > did.length + 1 ? absolute : null;
}

function isUsable({ publicKeyMultibase, publicKeyJwk, revoked, expires }: Method): boolean {
  if (revoked !== undefined || expires !== undefined) return false;
  // CID §2.2: one kind of key material per method.
  return publicKeyMultibase === undefined || publicKeyJwk === undefined;
}

function publicKeyOf({ type, publicKeyMultibase, publicKeyJwk }: Method): Uint8Array | null {
  switch (type) {
    case 'Multikey':
    case 'Ed25519VerificationKey2020':
      return typeof publicKeyMultibase === 'string'
        ? ed25519FromMultibase(publicKeyMultibase)
        : null;
    case 'JsonWebKey':
    case 'JsonWebKey2020':
      return ed25519FromJwk(publicKeyJwk);
    default:
      return null;
  }
}
