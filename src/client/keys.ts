// An agent's key: made here, kept by the agent, written as a JWK, never sent anywhere.
import { equalBytes, fromBase64url, toBase64url } from '../protocol/bytes.ts';
import type { Crypto } from '../protocol/crypto.ts';
import { type Did, didKeyOf, didMethod, didWebToUrl, parseDid, scidOf } from '../protocol/did.ts';
import { ed25519ToMultibase } from '../protocol/multikey.ts';
import { agentUrlOfDidKey, agentUrlOfScid } from '../protocol/signature-agent.ts';
import { jwkThumbprint } from '../protocol/thumbprint.ts';
import { ClientError } from './error.ts';

/** RFC 8037 §2; RFC 7517 §4 lets a JWK have members of others. */
export interface PrivateJwk {
  readonly kty: 'OKP';
  readonly crv: 'Ed25519';
  readonly x: string;
  readonly d: string;
  readonly kid?: string;
  /** Whose key it is, unless that is the key's own did:key. */
  readonly did?: Did;
  /** Under which DID URL the DID's document lists it, unless that is `<did>#<multibase>`. */
  readonly verificationMethod?: string;
}

/** Who the agent is and the seed it signs with. Whoever has the seed is the agent, until it rotates the key. */
export interface AgentKey {
  readonly did: Did;
  /** 32 bytes. */
  readonly seed: Uint8Array;
  /** The key's DID URL: what proofs name. */
  readonly verificationMethod: string;
  /** Of a did:webvh: its DID log, which nodes that do not know the agent are sent. */
  readonly didLog?: string;
}

/** What a seed alone does not say. */
export interface KeyIdentity {
  readonly did?: Did;
  readonly verificationMethod?: string;
  readonly didLog?: string;
}

type KeyCrypto = Pick<Crypto, 'publicKeyOf' | 'sha256'>;

/**
 * The key of a 32-byte seed. Without `did` the agent is the did:key of the seed. A did:web or did:webvh lists the
 * key in its document as a Multikey `<did>#<multibase>`, or under the `verificationMethod` given here.
 */
export function keyFromSeed(
  seed: Uint8Array,
  crypto: KeyCrypto,
  identity: KeyIdentity = {},
): AgentKey {
  if (seed.length !== 32) throw new ClientError('invalid_key', 'an Ed25519 seed has 32 bytes');
  const publicKey = crypto.publicKeyOf(seed);
  const didKey = didKeyOf(publicKey);
  const did = identity.did ?? didKey;
  if (did.startsWith('did:key:') && did !== didKey) {
    throw new ClientError('invalid_key', `the seed is not the private key of ${did}`);
  }
  const { didLog, verificationMethod = methodOf(did, publicKey) } = identity;
  if (!verificationMethod.startsWith(`${did}#`)) {
    throw new ClientError('invalid_key', `${verificationMethod} is not a key of ${did}`);
  }
  return { did, seed, verificationMethod, ...(didLog !== undefined && { didLog }) };
}

function methodOf(did: Did, publicKey: Uint8Array): string {
  return `${did}#${ed25519ToMultibase(publicKey)}`;
}

/** A new did:key agent. `random` must be a cryptographic source. */
export function createKey(random: (length: number) => Uint8Array, crypto: KeyCrypto): AgentKey {
  return keyFromSeed(random(32), crypto);
}

/** The private key as a JWK, for a file that only its owner can read. A DID log is not part of it. */
export function keyToJwk(
  { did, seed, verificationMethod }: AgentKey,
  crypto: KeyCrypto,
): PrivateJwk {
  const publicKey = crypto.publicKeyOf(seed);
  return {
    kty: 'OKP',
    crv: 'Ed25519',
    x: toBase64url(publicKey),
    d: toBase64url(seed),
    kid: jwkThumbprint(publicKey, crypto),
    ...(didMethod(did) !== 'key' && { did }),
    ...(verificationMethod !== methodOf(did, publicKey) && { verificationMethod }),
  };
}

/**
 * The key of a JWK. Throws `invalid_key` unless it is an Ed25519 private key whose `x` belongs to its `d`. What
 * `identity` says goes before what the JWK says of itself.
 */
export function keyFromJwk(jwk: unknown, crypto: KeyCrypto, identity: KeyIdentity = {}): AgentKey {
  const { kty, crv, x, d, ...named } = (jwk ?? {}) as Record<string, unknown>;
  const seed = typeof d === 'string' ? fromBase64url(d) : null;
  const publicKey = typeof x === 'string' ? fromBase64url(x) : null;
  if (kty !== 'OKP' || crv !== 'Ed25519' || seed?.length !== 32 || publicKey === null) {
    throw new ClientError('invalid_key', 'not an Ed25519 private key as a JWK');
  }
  // A wrong x would sign under a key that nobody can verify.
  if (!equalBytes(crypto.publicKeyOf(seed), publicKey)) {
    throw new ClientError('invalid_key', 'the x of the JWK does not belong to its d');
  }
  return keyFromSeed(seed, crypto, { ...readIdentity(named), ...identity });
}

function readIdentity({ did, verificationMethod }: Record<string, unknown>): KeyIdentity {
  const parsed = typeof did === 'string' ? parseDid(did) : null;
  if (did !== undefined && parsed === null) {
    throw new ClientError('invalid_key', 'the did of the JWK is no DID of this network');
  }
  if (verificationMethod !== undefined && typeof verificationMethod !== 'string') {
    throw new ClientError('invalid_key', 'the verificationMethod of the JWK is no DID URL');
  }
  return { ...(parsed && { did: parsed }), ...(verificationMethod && { verificationMethod }) };
}

/** What the key's requests carry as Signature-Agent when they go to the node at `origin`. */
export function agentUrlOf({ did }: AgentKey, origin: string): string {
  const scid = scidOf(did);
  // Any node that knows the DID log serves a document under this path.
  if (scid !== null) return agentUrlOfScid(origin, scid);
  return didWebToUrl(did) ?? agentUrlOfDidKey(origin, did);
}
