// An agent's key: made here, kept by the agent, written as a JWK, never sent anywhere.
import { equalBytes, fromBase64url, toBase64url } from '../protocol/bytes.ts';
import type { Crypto } from '../protocol/crypto.ts';
import { type Did, didKeyOf, didWebToUrl } from '../protocol/did.ts';
import { ed25519ToMultibase } from '../protocol/multikey.ts';
import { agentUrlOfDidKey } from '../protocol/signature-agent.ts';
import { jwkThumbprint } from '../protocol/thumbprint.ts';
import { ClientError } from './error.ts';

/** RFC 8037 §2. */
export interface PrivateJwk {
  readonly kty: 'OKP';
  readonly crv: 'Ed25519';
  readonly x: string;
  readonly d: string;
  readonly kid?: string;
}

/** Who the agent is and the seed it signs with. Whoever has the seed is the agent. */
export interface AgentKey {
  readonly did: Did;
  /** 32 bytes. */
  readonly seed: Uint8Array;
  /** The key's DID URL: what proofs name. */
  readonly verificationMethod: string;
}

type KeyCrypto = Pick<Crypto, 'publicKeyOf' | 'sha256'>;

/**
 * The key of a 32-byte seed. Without `did` the agent is the did:key of the seed. A did:web lists the key in
 * its document as a Multikey `<did>#<multibase>`, or under the `verificationMethod` given here.
 */
export function keyFromSeed(
  seed: Uint8Array,
  crypto: KeyCrypto,
  identity: { readonly did?: Did; readonly verificationMethod?: string } = {},
): AgentKey {
  if (seed.length !== 32) throw new ClientError('invalid_key', 'an Ed25519 seed has 32 bytes');
  const publicKey = crypto.publicKeyOf(seed);
  const didKey = didKeyOf(publicKey);
  const did = identity.did ?? didKey;
  if (did.startsWith('did:key:') && did !== didKey) {
    throw new ClientError('invalid_key', `the seed is not the private key of ${did}`);
  }
  const verificationMethod =
    identity.verificationMethod ?? `${did}#${ed25519ToMultibase(publicKey)}`;
  return { did, seed, verificationMethod };
}

/** A new did:key agent. `random` must be a cryptographic source. */
export function createKey(random: (length: number) => Uint8Array, crypto: KeyCrypto): AgentKey {
  return keyFromSeed(random(32), crypto);
}

/** The private key as a JWK, for a file that only its owner can read. */
export function keyToJwk({ seed }: AgentKey, crypto: KeyCrypto): PrivateJwk {
  const publicKey = crypto.publicKeyOf(seed);
  return {
    kty: 'OKP',
    crv: 'Ed25519',
    x: toBase64url(publicKey),
    d: toBase64url(seed),
    kid: jwkThumbprint(publicKey, crypto),
  };
}

/** The key of a JWK. Throws `invalid_key` unless it is an Ed25519 private key whose `x` belongs to its `d`. */
export function keyFromJwk(
  jwk: unknown,
  crypto: KeyCrypto,
  identity: { readonly did?: Did; readonly verificationMethod?: string } = {},
): AgentKey {
  const { kty, crv, x, d } = (jwk ?? {}) as Record<string, unknown>;
  const seed = typeof d === 'string' ? fromBase64url(d) : null;
  const publicKey = typeof x === 'string' ? fromBase64url(x) : null;
  if (kty !== 'OKP' || crv !== 'Ed25519' || seed?.length !== 32 || publicKey === null) {
    throw new ClientError('invalid_key', 'not an Ed25519 private key as a JWK');
  }
  // A wrong x would sign under a key that nobody can verify.
  if (!equalBytes(crypto.publicKeyOf(seed), publicKey)) {
    throw new ClientError('invalid_key', 'the x of the JWK does not belong to its d');
  }
  return keyFromSeed(seed, crypto, identity);
}

/** What the key's requests carry as Signature-Agent when they go to the node at `origin`. */
export function agentUrlOf({ did }: AgentKey, origin: string): string {
  return didWebToUrl(did) ?? agentUrlOfDidKey(origin, did);
}
