// An agent with a DID log: it rotates its keys, moves to another host, or ends.
import type { ActivityDraft } from '../src/protocol/activity.ts';
import { utf8 } from '../src/protocol/bytes.ts';
import { formatDateTime } from '../src/protocol/date-time.ts';
import { type Did, subjectOf } from '../src/protocol/did.ts';
import { keysFor } from '../src/protocol/did-document.ts';
import { appendToDidLog, createDidLog, type DidLogChange } from '../src/protocol/did-log-maker.ts';
import { type MadeDidLog, promiseOf } from '../src/protocol/did-log-publish.ts';
import type { JsonObject } from '../src/protocol/json.ts';
import { DID_LOGS } from '../src/protocol/labels.ts';
import { ed25519ToMultibase } from '../src/protocol/multikey.ts';
import { signObject, type VerifiedObject, verifyObject } from '../src/protocol/object.ts';
import { type Author, crypto } from './sandbox.ts';
import type { Signatory } from './town.ts';

/** Property tests make the same logs over and over. */
const made = new Map<string, MadeDidLog>();

function once(key: string, make: () => MadeDidLog): MadeDidLog {
  const known = made.get(key) ?? make();
  made.set(key, known);
  return known;
}

const BEGINNING = Date.UTC(2026, 10, 1);

/** What an agent signs with, as long as its DID log says so. */
export interface ShiftingKey extends Signatory {
  readonly seed: Uint8Array;
}

export class ShiftingAgent implements Author {
  readonly #name: string;
  #made: MadeDidLog;
  /** Versions made, of this log and of those given up for it. */
  #version = 1;
  #keys = 1;
  #key: { readonly version: string; readonly key: ShiftingKey } | null = null;

  /** The same name gives the same DID in every run. */
  constructor(name: string, host = 'agents.example') {
    this.#name = name;
    this.#made = once(`${name} ${host}`, () =>
      createDidLog(
        {
          host,
          updateSeed: this.#seed('update', 1),
          signingKeys: [this.#signingKey()],
          nextKeyHashes: [this.#promise(2)],
          now: BEGINNING,
        },
        crypto,
      ),
    );
  }

  #signingKey(): Uint8Array {
    return crypto.publicKeyOf(this.#seed('signing', this.#keys));
  }

  #seed(use: string, n: number): Uint8Array {
    return crypto.sha256(utf8(`${use} key ${n} of ${this.#name}`));
  }

  #promise(n: number): string {
    return promiseOf(this.#seed('update', n), crypto);
  }

  get did(): Did {
    return this.#made.log.did;
  }

  get subject(): Did {
    return subjectOf(this.did);
  }

  /** did.jsonl. */
  get text(): string {
    return this.#made.text;
  }

  get version(): string {
    return this.#made.log.versions.at(-1)!.versionId;
  }

  /** The key that the last version lists; kept by a test, it is one that was retired. */
  get key(): ShiftingKey {
    const { did, version } = this;
    if (this.#key?.version === version) return this.#key.key;
    const seed = this.#seed('signing', this.#keys);
    const listed = keysFor(this.#made.log.versions.at(-1)!.document, did, 'assertionMethod');
    if (!listed.ok) throw new Error(listed.detail);
    const named = ({ id, publicKey }: (typeof listed.keys)[number]) =>
      id.endsWith(`#${ed25519ToMultibase(publicKey)}`);
    const { id: keyId, publicKey } = listed.keys.find(named)!;
    const key = { did, keyId, publicKey, seed };
    this.#key = { version, key };
    return key;
  }

  get statement(): ActivityDraft {
    return {
      ...{ type: 'Add', object: this.did, target: DID_LOGS },
      ...{ mediaType: 'text/jsonl', content: this.text },
    };
  }

  /** By the key of now, whatever any node knows of it. */
  async sign(draft: ActivityDraft | JsonObject, now: number): Promise<VerifiedObject> {
    const { did, keyId: verificationMethod, publicKey, seed } = this.key;
    const created = formatDateTime(Math.floor(now / 1000));
    const { object } = signObject(draft, { did, seed, verificationMethod, created }, crypto);
    const resolveKey = async () => ({ ok: true, publicKey }) as const;
    const verdict = await verifyObject(object, { crypto, resolveKey });
    if (!verdict.ok) throw new Error(`${verdict.reason}: ${verdict.detail}`);
    return verdict.object;
  }

  rotate(): this {
    this.#keys += 1;
    return this.#append('rotate', () => ({ signingKeys: [this.#signingKey()] }));
  }

  /** Keeps its keys. */
  move(host: string): this {
    return this.#append(host, () => ({ host }));
  }

  end(): this {
    return this.#append('end', () => ({ deactivate: true }));
  }

  /** The same agent as it is now, whose log goes on by itself: rotated apart, the two are a fork. */
  copy(): ShiftingAgent {
    const copy = new ShiftingAgent(this.#name);
    copy.#made = this.#made;
    copy.#version = this.#version;
    copy.#keys = this.#keys + 100;
    return copy;
  }

  #append(what: string, change: () => Partial<DidLogChange>): this {
    const { text, version } = this;
    this.#version += 1;
    const next = this.#version + 1;
    this.#made = once(`${version} ${this.#keys} ${what}`, () => {
      const updateSeed = this.#seed('update', next - 1);
      const now = BEGINNING + next * 60_000;
      const promised = what === 'end' ? {} : { nextKeyHashes: [this.#promise(next)] };
      return appendToDidLog(text, { ...change(), ...promised, updateSeed, now }, crypto);
    });
    return this;
  }
}
