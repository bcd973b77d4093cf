// Owners with keys of each kind, who sign credentials as they do outside of any node.
import { createECDH } from 'node:crypto';
import type { Did } from '../src/protocol/did.ts';
import {
  type CredentialMediaType,
  createBitstring,
  createOwnerCredential,
  createStatusList,
  type OwnerClaim,
  type OwnerDid,
  ownerDidOfKey,
  withBit,
} from '../src/protocol/owner-credential.ts';
import { type KeyKind, publicKeyToMultibase } from '../src/protocol/public-key.ts';
import { crypto, seedOf } from './sandbox.ts';

const CURVES = { 'P-256': 'prime256v1', secp256k1: 'secp256k1' } as const;

interface Says extends Partial<Omit<OwnerClaim, 'owner' | 'agent'>> {
  /** Seconds. */
  readonly now: number;
}

export class OwnerKey {
  readonly did: OwnerDid;
  readonly #kind: KeyKind;
  readonly #secret: Uint8Array;
  readonly #keyId: string;

  /** `did` where it is not the did:key. */
  constructor(name: string, kind: KeyKind = 'Ed25519', did?: OwnerDid, secret = seedOf(name)) {
    this.#kind = kind;
    this.#secret = secret;
    const key = { kind, bytes: publicKeyOf(kind, secret) };
    this.did = did ?? ownerDidOfKey(key);
    this.#keyId = `${this.did}#${publicKeyToMultibase(key)}`;
  }

  get #signer() {
    return { key: { kind: this.#kind, secret: this.#secret }, keyId: this.#keyId };
  }

  get mediaType(): CredentialMediaType {
    return this.#kind === 'Ed25519' ? 'application/vc' : 'application/vc+jwt';
  }

  /** The text by which this owner says that the agent is theirs, for a day unless told. */
  claim(agent: Did, { now, ...says }: Says): Promise<string> {
    const { did: owner, mediaType } = this;
    const window = { validFrom: now, validUntil: now + 86_400 };
    return createOwnerCredential(
      { owner, agent, mediaType, ...window, ...says },
      this.#signer,
      crypto,
    );
  }

  /** The list for `url` in which those indexes are revoked. */
  statusList(url: string, now: number, ...revoked: readonly number[]): Promise<string> {
    const { did: issuer, mediaType } = this;
    const bits = revoked.reduce(withBit, createBitstring());
    const window = { validFrom: now, validUntil: now + 86_400 };
    return createStatusList({ issuer, url, bits, mediaType, ...window }, this.#signer, crypto);
  }
}

function publicKeyOf(kind: KeyKind, secret: Uint8Array): Uint8Array {
  if (kind === 'Ed25519') return crypto.publicKeyOf(secret);
  const ecdh = createECDH(CURVES[kind]);
  ecdh.setPrivateKey(secret);
  return new Uint8Array(ecdh.getPublicKey(null, 'compressed'));
}
