// What the agent of a did:webvh keeps: its DID log, the key it signs with, the key promised next, the recovery key.
import type { Crypto } from '../protocol/crypto.ts';
import type { Did } from '../protocol/did.ts';
import { ClientError } from './error.ts';
import { type AgentKey, keyFromSeed } from './keys.ts';

/** Seeds have 32 bytes. */
export interface IdentityKeys {
  readonly did: Did;
  /** The text of did.jsonl. */
  readonly log: string;
  /** Signs objects and requests. */
  readonly key: Uint8Array;
  /** Takes over at the next rotation: the log has its hash. Null where it is kept elsewhere. */
  readonly next: Uint8Array | null;
  /** Takes over when the other two are lost or stolen. Null unless it was made just now: it belongs elsewhere. */
  readonly recovery: Uint8Array | null;
}

/**
 * Keeps an identity. New keys are prepared before anybody hears of them and committed once they are in force, so that
 * whatever happens in between, no key is lost that a node may know.
 */
export interface IdentityStorage {
  /** What is in force; null before the identity was made. */
  load(): Promise<IdentityKeys | null>;
  /** What was prepared and neither committed nor discarded. */
  loadPrepared(): Promise<IdentityKeys | null>;
  /** Keeps `keys` beside what is in force. They must outlast a power cut once this resolves. Throws `change_unfinished`. */
  prepare(keys: IdentityKeys): Promise<void>;
  /** Puts in force what is prepared. A `recovery` that is null changes nothing about the one that is kept. */
  commit(): Promise<void>;
  discard(): Promise<void>;
}

/** What `prepare` throws where something is prepared. */
export function unfinishedChange(): ClientError {
  return new ClientError('change_unfinished', 'an earlier change of the keys is not finished', {
    remedy: 'Finish it first.',
  });
}

/** An identity that lasts as long as the process. */
export function memoryIdentity(inForce: IdentityKeys | null = null): IdentityStorage {
  let current = inForce;
  let prepared: IdentityKeys | null = null;
  return {
    load: async () => current,
    loadPrepared: async () => prepared,
    async prepare(keys) {
      if (prepared !== null) throw unfinishedChange();
      prepared = keys;
    },
    async commit() {
      if (prepared === null) return;
      const recovery = prepared.recovery ?? current?.recovery ?? null;
      current = { ...prepared, recovery };
      prepared = null;
    },
    async discard() {
      prepared = null;
    },
  };
}

/** The key that an identity signs with. */
export function agentKeyOf(
  { did, log, key }: IdentityKeys,
  crypto: Pick<Crypto, 'publicKeyOf' | 'sha256'>,
): AgentKey {
  return keyFromSeed(key, crypto, { did, didLog: log });
}
