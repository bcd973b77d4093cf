// A node's heart in a temporary folder, with its own clock and as many agents as a test needs.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CommandContext, NodeIdentity } from '../src/commands/context.ts';
import { openNode } from '../src/commands/open-node.ts';
import type { Sequencer, SubmitOutcome } from '../src/commands/sequencer.ts';
import { createNodeCrypto } from '../src/crypto/node.ts';
import type { ActivityDraft } from '../src/protocol/activity.ts';
import { utf8 } from '../src/protocol/bytes.ts';
import { formatDateTime } from '../src/protocol/date-time.ts';
import { type Did, didKeyOf } from '../src/protocol/did.ts';
import type { JsonObject } from '../src/protocol/json.ts';
import { ed25519ToMultibase } from '../src/protocol/multikey.ts';
import {
  didKeyResolver,
  signObject,
  type VerifiedObject,
  verifyObject,
} from '../src/protocol/object.ts';
import type { ObjectName } from '../src/protocol/object-name.ts';
import type { Database } from '../src/store/database.ts';
import { ErasureList } from '../src/store/erasure-list.ts';
import { FileDatabase } from '../src/store/file-database.ts';

export const crypto = createNodeCrypto();

/** A seed that is the same for the same name in every run. */
export function seedOf(name: string): Uint8Array {
  return crypto.sha256(utf8(`seed of ${name}`));
}

/** Whoever signs in a test: one with a did:key, or with a DID log. */
export interface Author {
  readonly did: Did;
  /** Signs a draft as of `now` (milliseconds) and verifies it as a node would. */
  sign(draft: ActivityDraft | JsonObject, now: number): Promise<VerifiedObject>;
}

export class Agent implements Author {
  readonly seed: Uint8Array;
  readonly did: Did;

  constructor(name: string) {
    this.seed = seedOf(name);
    this.did = didKeyOf(crypto.publicKeyOf(this.seed));
  }

  async sign(draft: ActivityDraft | JsonObject, now: number): Promise<VerifiedObject> {
    const created = formatDateTime(Math.floor(now / 1000));
    const { object } = signObject(draft, { did: this.did, seed: this.seed, created }, crypto);
    const verdict = await verifyObject(object, { crypto, resolveKey: didKeyResolver });
    if (!verdict.ok) throw new Error(`${verdict.reason}: ${verdict.detail}`);
    return verdict.object;
  }
}

export function identityOf(name: string): NodeIdentity {
  const seed = seedOf(`node ${name}`);
  const did = didKeyOf(crypto.publicKeyOf(seed));
  return {
    did,
    origin: `http://${name}.test`,
    authority: `${name}.test`,
    seed,
    logSeed: seedOf(`log of ${name}`),
    witnessSeed: seedOf(`witness of ${name}`),
    keyId: `${did}#${ed25519ToMultibase(crypto.publicKeyOf(seed))}`,
  };
}

const START = Date.UTC(2026, 10, 20, 10);

export class Sandbox {
  readonly context: CommandContext;
  readonly sequencer: Sequencer;
  readonly folder: string;
  #nonce = 0;

  private constructor(context: CommandContext, sequencer: Sequencer, folder: string) {
    this.context = context;
    this.sequencer = sequencer;
    this.folder = folder;
  }

  /** A fresh node, or with `options.db` one on a database that is there already. */
  static async open(
    name = 'a',
    options: {
      readonly db?: Database;
      readonly clock?: { now: number };
      readonly node?: NodeIdentity;
      readonly erasures?: ErasureList;
    } = {},
  ): Promise<Sandbox> {
    const folder = mkdtempSync(join(tmpdir(), 'exuvia-'));
    const clock = options.clock ?? { now: START };
    let salts = 0;
    const context: CommandContext = {
      db: options.db ?? new FileDatabase(join(folder, 'node.db')),
      crypto,
      now: () => clock.now,
      random: (bytes) => crypto.sha256(utf8(`${name} random ${salts++}`)).subarray(0, bytes),
      node: options.node ?? identityOf(name),
      erasures: options.erasures ?? new ErasureList(join(folder, 'erasures.ndjson')),
    };
    Object.assign(context, { clock });
    return new Sandbox(context, await openNode(context), folder);
  }

  /** The same node after its process has ended and another was started, with the keys that are in `node`. */
  async restart(node: NodeIdentity): Promise<Sandbox> {
    await this.sequencer.close();
    const context = { ...this.context, node };
    const sequencer = await openNode(context);
    const { nextLogSeed, ...rest } = node;
    Object.assign(context, { node: { ...rest, logSeed: nextLogSeed ?? rest.logSeed } });
    const next = new Sandbox(context, sequencer, this.folder);
    next.#nonce = this.#nonce;
    return next;
  }

  get db(): Database {
    return this.context.db;
  }

  get clock(): { now: number } {
    return (this.context as CommandContext & { clock: { now: number } }).clock;
  }

  /** Signs now and submits, each request with a nonce of its own. */
  async submit(agent: Author, draft: ActivityDraft | JsonObject): Promise<SubmitOutcome> {
    const object = await agent.sign(draft, this.clock.now);
    return this.send(object, agent.did);
  }

  send(object: VerifiedObject, did: Did, nonce = `n${this.#nonce++}`): Promise<SubmitOutcome> {
    const nonceExpires = Math.floor(this.clock.now / 1000) + 60;
    return this.sequencer.submit({ object, caller: { did, nonce, nonceExpires } });
  }

  /** As `submit`, for what must be accepted; gives its name. */
  async accept(agent: Author, draft: ActivityDraft | JsonObject): Promise<ObjectName> {
    const outcome = await this.submit(agent, draft);
    if (outcome.kind !== 'accepted') throw new Error(JSON.stringify(outcome));
    return outcome.receipt.id;
  }

  async close(): Promise<void> {
    await this.sequencer.close();
    await this.db.close();
    rmSync(this.folder, { recursive: true });
  }
}
