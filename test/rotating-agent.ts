// An agent whose keys change: its DID log, the key it signs with now, and the one it keeps for recovery.
import type { ActivityDraft } from '../src/protocol/activity.ts';
import { formatDateTime } from '../src/protocol/date-time.ts';
import type { Did } from '../src/protocol/did.ts';
import type { DidService } from '../src/protocol/did-document.ts';
import type { DidLog } from '../src/protocol/did-log.ts';
import {
  appendToDidLog,
  createDidLog,
  type DidLogChange,
  HOSTED_PATH,
} from '../src/protocol/did-log-maker.ts';
import { type MadeDidLog, promiseOf } from '../src/protocol/did-log-publish.ts';
import { didLogStatement } from '../src/protocol/did-log-statement.ts';
import type { JsonObject } from '../src/protocol/json.ts';
import { ed25519ToMultibase } from '../src/protocol/multikey.ts';
import {
  type SignedObject,
  signObject,
  type VerifiedObject,
  verifyObject,
} from '../src/protocol/object.ts';
import { type Author, crypto, seedOf } from './sandbox.ts';

type Change = Omit<DidLogChange, 'now' | 'updateSeed' | 'nextKeyHashes' | 'signingKeys'>;

/** A DID and a key that it has, or once had. */
export class KeyHolder implements Author {
  readonly did: Did;
  readonly seed: Uint8Array;

  constructor(did: Did, seed: Uint8Array) {
    this.did = did;
    this.seed = seed;
  }

  get keyId(): string {
    return `${this.did}#${ed25519ToMultibase(crypto.publicKeyOf(this.seed))}`;
  }

  make(draft: ActivityDraft | JsonObject, now: number): SignedObject {
    const created = formatDateTime(Math.floor(now / 1000));
    const { did, keyId: verificationMethod, seed } = this;
    return signObject(draft, { did, seed, verificationMethod, created }, crypto);
  }

  /** Verified by this key, whatever any node knows of it. */
  async sign(draft: ActivityDraft | JsonObject, now: number): Promise<VerifiedObject> {
    const publicKey = crypto.publicKeyOf(this.seed);
    const resolveKey = async () => ({ ok: true, publicKey }) as const;
    const verdict = await verifyObject(this.make(draft, now).object, { crypto, resolveKey });
    if (!verdict.ok) throw new Error(`${verdict.reason}: ${verdict.detail}`);
    return verdict.object;
  }
}

/** Every version has a signing key and an update key of its own, made from the agent's name. */
export class RotatingAgent implements Author {
  readonly name: string;
  #made: MadeDidLog;
  #version = 1;

  /** `host` as in a DID: `node.example`, `localhost%3A8787`. */
  constructor(name: string, host: string, now: number, services: readonly DidService[] = []) {
    this.name = name;
    this.#made = createDidLog(
      {
        host,
        path: HOSTED_PATH,
        updateSeed: this.#updateSeed(1),
        signingKeys: [crypto.publicKeyOf(this.seed)],
        nextKeyHashes: this.#promises(2),
        services,
        now,
      },
      crypto,
    );
  }

  get log(): DidLog {
    return this.#made.log;
  }

  /** The whole did.jsonl. */
  get text(): string {
    return this.#made.text;
  }

  get did(): Did {
    return this.log.did;
  }

  /** Of the key that signs objects and requests now. */
  get seed(): Uint8Array {
    return seedOf(`${this.name} signs ${this.#version}`);
  }

  get keyId(): string {
    return this.thief.keyId;
  }

  /** A new signing key, perhaps under a new name. */
  rotate(now: number, change: Change = {}): this {
    return this.#append(this.#updateSeed(this.#version + 1), now, change);
  }

  /** As `rotate`, with the key that was put away when the identity began. */
  recover(now: number, change: Change = {}): this {
    return this.#append(seedOf(`${this.name} recovers`), now, change);
  }

  /** What somebody has who has the agent's key of now, whatever the agent does next. */
  get thief(): KeyHolder {
    return new KeyHolder(this.did, this.seed);
  }

  make(draft: ActivityDraft | JsonObject, now: number): SignedObject {
    return this.thief.make(draft, now);
  }

  sign(draft: ActivityDraft | JsonObject, now: number): Promise<VerifiedObject> {
    return this.thief.sign(draft, now);
  }

  /** The statement of the log as it is now. */
  statement(now: number): SignedObject {
    return this.make(didLogStatement(this.text), now);
  }

  #append(updateSeed: Uint8Array, now: number, change: Change): this {
    this.#version += 1;
    const signingKeys = [crypto.publicKeyOf(this.seed)];
    const nextKeyHashes = this.#promises(this.#version + 1);
    const next = { ...change, updateSeed, signingKeys, nextKeyHashes, now };
    this.#made = appendToDidLog(this.text, next, crypto);
    return this;
  }

  #updateSeed(version: number): Uint8Array {
    return seedOf(`${this.name} updates ${version}`);
  }

  #promises(version: number): string[] {
    const recovery = seedOf(`${this.name} recovers`);
    return [this.#updateSeed(version), recovery].map((seed) => promiseOf(seed, crypto));
  }
}
