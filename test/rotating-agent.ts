// Agents whose keys change: their DID logs, what they sign with now, and what they keep for recovery.
import type { ActivityDraft } from '../src/protocol/activity.ts';
import { formatDateTime } from '../src/protocol/date-time.ts';
import { type Did, subjectOf } from '../src/protocol/did.ts';
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
import { DID_LOGS } from '../src/protocol/labels.ts';
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
  readonly publicKey: Uint8Array;
  readonly keyId: string;

  constructor(did: Did, seed: Uint8Array) {
    this.did = did;
    this.seed = seed;
    this.publicKey = crypto.publicKeyOf(seed);
    this.keyId = `${did}#${ed25519ToMultibase(this.publicKey)}`;
  }

  make(draft: ActivityDraft | JsonObject, now: number): SignedObject {
    const created = formatDateTime(Math.floor(now / 1000));
    const { did, keyId: verificationMethod, seed } = this;
    return signObject(draft, { did, seed, verificationMethod, created }, crypto);
  }

  /** Verified by this key, whatever any node knows of it. */
  async sign(draft: ActivityDraft | JsonObject, now: number): Promise<VerifiedObject> {
    const { publicKey } = this;
    const resolveKey = async () => ({ ok: true, publicKey }) as const;
    const verdict = await verifyObject(this.make(draft, now).object, { crypto, resolveKey });
    if (!verdict.ok) throw new Error(`${verdict.reason}: ${verdict.detail}`);
    return verdict.object;
  }
}

/** Property tests make the same logs over and over. */
const made = new Map<string, MadeDidLog>();

function once(key: string, make: () => MadeDidLog): MadeDidLog {
  const known = made.get(key) ?? make();
  made.set(key, known);
  return known;
}

interface Beginning {
  /** As in a DID: `node.example`, `localhost%3A8787`. */
  readonly host: string;
  readonly path?: readonly string[];
  readonly services?: readonly DidService[];
  /** Milliseconds. */
  readonly now: number;
}

interface Step {
  readonly now: number;
  readonly change: Change;
  /** By the key that was put away when the identity began. */
  readonly recovers?: boolean;
  readonly keepsKey?: boolean;
  /** Nothing comes after it. */
  readonly ends?: boolean;
}

/** A DID log whose keys are made from the agent's name: the same name gives the same DID in every run. */
abstract class LogKeeper implements Author {
  readonly name: string;
  #made: MadeDidLog;
  /** Versions made, and signing keys. */
  #version = 1;
  #keys = 1;
  #holder: { readonly version: string; readonly holder: KeyHolder } | null = null;

  constructor(name: string, { now, ...beginning }: Beginning) {
    this.name = name;
    this.#made = once(JSON.stringify([name, now, beginning]), () =>
      createDidLog(
        {
          ...beginning,
          updateSeed: this.#updateSeed(1),
          signingKeys: [crypto.publicKeyOf(this.seed)],
          nextKeyHashes: this.#promises(2),
          now,
        },
        crypto,
      ),
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

  get version(): string {
    return this.log.versions.at(-1)!.versionId;
  }

  /** Of the key that signs objects and requests now. */
  get seed(): Uint8Array {
    return seedOf(`${this.name} signs ${this.#keys}`);
  }

  get keyId(): string {
    return this.thief.keyId;
  }

  /** What somebody has who has the agent's key of now, whatever the agent does next. */
  get thief(): KeyHolder {
    const { version } = this;
    if (this.#holder?.version === version) return this.#holder.holder;
    const holder = new KeyHolder(this.did, this.seed);
    this.#holder = { version, holder };
    return holder;
  }

  make(draft: ActivityDraft | JsonObject, now: number): SignedObject {
    return this.thief.make(draft, now);
  }

  sign(draft: ActivityDraft | JsonObject, now: number): Promise<VerifiedObject> {
    return this.thief.sign(draft, now);
  }

  protected get versions(): number {
    return this.#version;
  }

  protected append({ change, ends, keepsKey, now, recovers }: Step): this {
    const before = this.version;
    this.#version += 1;
    if (keepsKey !== true) this.#keys += 1;
    const updateSeed =
      recovers === true ? seedOf(`${this.name} recovers`) : this.#updateSeed(this.#version);
    const next = {
      ...change,
      ...(keepsKey !== true && { signingKeys: [crypto.publicKeyOf(this.seed)] }),
      ...(ends !== true && { nextKeyHashes: this.#promises(this.#version + 1) }),
      updateSeed,
      now,
    };
    const key = [before, change, now, recovers, this.#version, this.#keys];
    this.#made = once(JSON.stringify(key), () => appendToDidLog(this.text, next, crypto));
    return this;
  }

  /** Goes on from where another one is, with keys of its own. */
  protected goOnFrom(other: LogKeeper): this {
    this.#made = other.#made;
    this.#version = other.#version;
    this.#keys = other.#keys + 100;
    this.#holder = { version: this.version, holder: other.thief };
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

/** Each version has a signing key of its own; it is told what time it is. */
export class RotatingAgent extends LogKeeper {
  /** `host` as in a DID: `node.example`, `localhost%3A8787`. */
  constructor(name: string, host: string, now: number, services: readonly DidService[] = []) {
    super(name, { host, path: HOSTED_PATH, services, now });
  }

  /** A new signing key, perhaps under a new name. */
  rotate(now: number, change: Change = {}): this {
    return this.append({ now, change });
  }

  /** As `rotate`, with the key that was put away when the identity began. */
  recover(now: number, change: Change = {}): this {
    return this.append({ now, change, recovers: true });
  }

  /** The statement of the log as it is now. */
  statement(now: number): SignedObject {
    return this.make(didLogStatement(this.text), now);
  }
}

const BEGINNING = Date.UTC(2026, 10, 1);

/** Changes as the rules see it, whenever that is: it rotates its keys, moves to another host, or ends. */
export class ShiftingAgent extends LogKeeper {
  constructor(name: string, host = 'agents.example') {
    super(name, { host, now: BEGINNING });
  }

  get subject(): Did {
    return subjectOf(this.did);
  }

  /** The key that the last version lists; kept by a test, it is one that was retired. */
  get key(): KeyHolder {
    return this.thief;
  }

  get statement(): ActivityDraft {
    return {
      ...{ type: 'Add', object: this.did, target: DID_LOGS },
      ...{ mediaType: 'text/jsonl', content: this.text },
    };
  }

  rotate(): this {
    return this.#step({ change: {} });
  }

  /** Keeps its keys. */
  move(host: string): this {
    return this.#step({ change: { host }, keepsKey: true });
  }

  end(): this {
    return this.#step({ change: { deactivate: true }, keepsKey: true, ends: true });
  }

  /** The same agent as it is now, whose log goes on by itself: rotated apart, the two are a fork. */
  copy(): ShiftingAgent {
    return new ShiftingAgent(this.name).goOnFrom(this);
  }

  #step(step: Omit<Step, 'now'>): this {
    return this.append({ ...step, now: BEGINNING + (this.versions + 2) * 60_000 });
  }
}
