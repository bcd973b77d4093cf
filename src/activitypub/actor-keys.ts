// The two keys that a node's actors show and groups sign with, apart from all other keys of the node: what is signed is courtesy.
import { createHash, createPublicKey, type KeyObject, sign } from 'node:crypto';
import type { Crypto } from '../protocol/crypto.ts';
import type { JsonObject } from '../protocol/json.ts';
import { ed25519ToMultibase } from '../protocol/multikey.ts';

export interface ActorKeys {
  /** 32-byte Ed25519 seed, for proofs. */
  readonly seed: Uint8Array;
  /** Its public key as a Multikey. */
  readonly multibase: string;
  /** The RSA public key, SPKI. */
  readonly pem: string;
  /** Fragments of the keys at every actor: new keys have new ids, so nobody takes a kept key for a new one. */
  readonly rsaFragment: string;
  /** RSASSA-PKCS1-v1_5 with SHA-256, for HTTP signatures. */
  signRsa(bytes: Uint8Array): Uint8Array;
}

export function createActorKeys(
  { rsa, seed }: { readonly rsa: KeyObject; readonly seed: Uint8Array },
  crypto: Pick<Crypto, 'publicKeyOf'>,
): ActorKeys {
  const pem = createPublicKey(rsa).export({ type: 'spki', format: 'pem' });
  const digest = createHash('sha256').update(pem).digest('base64url');
  return {
    seed,
    multibase: ed25519ToMultibase(crypto.publicKeyOf(seed)),
    pem: String(pem),
    rsaFragment: `rsa-${digest.slice(0, 16)}`,
    signRsa: (bytes) => sign('sha256', bytes, rsa),
  };
}

export function rsaKeyId(keys: ActorKeys, actor: string): string {
  return `${actor}#${keys.rsaFragment}`;
}

/** Old readers of actors look for an RSA key, and some refuse actors without one. */
export function rsaMember(keys: ActorKeys, actor: string): JsonObject {
  const id = rsaKeyId(keys, actor);
  const publicKeyPem = keys.pem;
  return { publicKey: { id, type: 'CryptographicKey', owner: actor, publicKeyPem } };
}

export function proofKeyId(keys: ActorKeys, actor: string): string {
  return `${actor}#${keys.multibase}`;
}

export function proofMember(keys: ActorKeys, actor: string): JsonObject {
  const id = proofKeyId(keys, actor);
  const publicKeyMultibase = keys.multibase;
  return { assertionMethod: [{ id, type: 'Multikey', controller: actor, publicKeyMultibase }] };
}
