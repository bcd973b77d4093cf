// What every command is handed: the database, cryptography, clock, randomness, and who this node is.
import type { PaceLimits } from '../domain/pace.ts';
import type { Crypto } from '../protocol/crypto.ts';
import type { Did } from '../protocol/did.ts';
import type { JsonObject } from '../protocol/json.ts';
import type { Database } from '../store/database.ts';
import type { ErasureList } from '../store/erasure-list.ts';

export interface NodeIdentity {
  readonly did: Did;
  /** URL origin, such as `https://node.example`. */
  readonly origin: string;
  /** `host[:port]`, lower case, without the default port: origins of this node's logs begin with it. */
  readonly authority: string;
  /** 32-byte Ed25519 seed of the key for objects and requests. */
  readonly seed: Uint8Array;
  /** 32-byte Ed25519 seed of the key that signs checkpoints, and nothing else. */
  readonly logSeed: Uint8Array;
  /** Seed of the key that is to take its place, where the operator has asked for another one. */
  readonly nextLogSeed?: Uint8Array;
  /** 32-byte Ed25519 seed of the key that cosigns checkpoints of other nodes' logs, and nothing else. */
  readonly witnessSeed: Uint8Array;
  /** The verification method that `seed` belongs to. */
  readonly keyId: string;
}

export interface CommandContext {
  readonly db: Database;
  readonly crypto: Crypto;
  /** Milliseconds. */
  readonly now: () => number;
  readonly random: (bytes: number) => Uint8Array;
  readonly node: NodeIdentity;
  /** The document of a did:web as this node has it in memory, null if it has none. Opens no connection. */
  readonly documentOf?: (did: Did) => JsonObject | null;
  /** Where erasures are listed, to be done again after a restore; left out where the node keeps no such list. */
  readonly erasures?: ErasureList;
  /** What new agents may do; whatever they like unless told. */
  readonly pace?: PaceLimits;
}

/** Who signed the request that a write came with. A write of the node itself has no caller. */
export interface Caller {
  readonly did: Did;
  /** Null where the request's profile asks for none. */
  readonly nonce: string | null;
  /** Seconds: when the request's signature expires, after which the nonce need not be remembered. */
  readonly nonceExpires: number;
}
