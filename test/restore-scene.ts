// A home with two nodes that may follow it, and copies of its database on which it is recovered.
import { join } from 'node:path';
import { expect } from 'vitest';
import { Sequencer } from '../src/commands/sequencer.ts';
import { createPeerClient } from '../src/federation/peer-client.ts';
import type { RecoveryContext } from '../src/federation/recover-log.ts';
import { recoverLogs } from '../src/federation/recover-logs.ts';
import { createDocumentCache } from '../src/net/document-cache.ts';
import { createResolution } from '../src/net/resolution.ts';
import type { ActivityDraft } from '../src/protocol/activity.ts';
import { idOf, type ObjectName } from '../src/protocol/object-name.ts';
import type { Database } from '../src/store/database.ts';
import { derivedRows } from '../src/store/derived-digest.ts';
import { FileDatabase } from '../src/store/file-database.ts';
import { listHolds } from '../src/store/holds.ts';
import { migrate } from '../src/store/migrate.ts';
import { readLeaves } from '../src/store/queries/bodies.ts';
import { listLogs } from '../src/store/queries/logs.ts';
import { finishRebuild } from '../src/store/rebuild.ts';
import { snapshotFile } from '../src/store/snapshot.ts';
import { group, post } from './drafts.ts';
import { checkInvariants } from './invariants.ts';
import { FederatedNode, Network } from './network.ts';
import { Agent, crypto } from './sandbox.ts';

export class RestoreScene {
  readonly network: Network;
  readonly home: FederatedNode;
  readonly others: readonly [FederatedNode, FederatedNode];
  readonly ada = new Agent('ada');
  /** A submolt of the home, with one post. */
  readonly tea: ObjectName;
  readonly #opened: Database[] = [];

  private constructor(
    network: Network,
    nodes: readonly [FederatedNode, FederatedNode, FederatedNode],
    tea: ObjectName,
  ) {
    this.network = network;
    [this.home, ...this.others] = nodes;
    this.tea = tea;
  }

  static async open(): Promise<RestoreScene> {
    const network = new Network();
    const a = await FederatedNode.open(network, 'a');
    const b = await FederatedNode.open(network, 'b');
    const c = await FederatedNode.open(network, 'c');
    const ada = new Agent('ada');
    const tea = await a.sandbox.accept(ada, group('tea', a.identity.did));
    await a.sandbox.accept(ada, post(tea, 'Kept'));
    return new RestoreScene(network, [a, b, c], tea);
  }

  get urls(): string[] {
    return this.others.map(({ identity }) => identity.origin);
  }

  get system(): string {
    return `${this.home.identity.authority}/log/system`;
  }

  logOf(submolt: ObjectName): string {
    return `${this.home.identity.authority}/log/${idOf(submolt)}`;
  }

  async followAll(): Promise<void> {
    for (const node of this.others) await node.follow(this.home, 'tea');
  }

  async postMany(posts: number): Promise<void> {
    for (let from = 0; from < posts; from += 200) {
      const some = Array.from({ length: Math.min(200, posts - from) }, (_, i) =>
        this.ada.sign(post(this.tea, `Post ${from + i}`), this.network.clock.now),
      );
      await this.home.sandbox.sequencer.submitAll(await Promise.all(some), null);
    }
  }

  /** A copy of the home's database as it is now, or of another copy. */
  backUp(of: string = join(this.home.sandbox.folder, 'node.db')): FileDatabase & { path: string } {
    const path = join(this.home.sandbox.folder, `copy-${this.#opened.length}.db`);
    snapshotFile(of, path);
    return Object.assign(this.#open(path), { path });
  }

  /** A database of nobody. */
  async empty(): Promise<Database> {
    const db = this.#open(join(this.home.sandbox.folder, `empty-${this.#opened.length}.db`));
    await migrate(db, () => 0);
    await finishRebuild(db);
    return db;
  }

  #open(path: string): FileDatabase {
    const db = new FileDatabase(path);
    this.#opened.push(db);
    return db;
  }

  /** The home on another database, perhaps with keys that it has had since. */
  on(db: Database, node = this.home.identity): RecoveryContext {
    const { context } = this.home.sandbox;
    const { authority } = this.home.identity;
    const fetch = {
      request: (url: string, request = {}) => this.network.request(authority, url, request),
    };
    const { objectKeys: keys } = createResolution({
      ...{ crypto, fetch, now: context.now, loopback: true },
      documents: createDocumentCache({ fetch, now: context.now }),
      findDidLog: async () => null,
    });
    const restored = { ...context, db, node };
    const client = createPeerClient({ ...restored, fetch });
    return { ...restored, sequencer: new Sequencer(restored), client, keys };
  }

  recover(db: Database, kept: readonly string[] = [], node = this.home.identity) {
    return recoverLogs(this.on(db, node), {
      urls: this.urls,
      kept: { notes: kept, source: 'signed-heads.ndjson' },
      progress: () => undefined,
    });
  }

  async submit(db: Database, draft: ActivityDraft) {
    const object = await this.ada.sign(draft, this.network.clock.now);
    return this.on(db).sequencer.submit({ object, caller: null });
  }

  /** Everything of the home's own logs in the bytes that are served, and all that follows from it. */
  async expectSame(db: Database): Promise<void> {
    await checkInvariants(db, crypto);
    expect(await contentsOf(db)).toEqual(await contentsOf(this.home.db));
    expect(await derivedRows(db)).toEqual(await derivedRows(this.home.db));
    expect(await listHolds(db)).toEqual([]);
  }

  async close(): Promise<void> {
    for (const db of this.#opened) await db.close();
    await this.network.close();
  }
}

async function contentsOf(db: Database) {
  const logs = (await listLogs(db)).filter(({ isHome }) => isHome);
  return Promise.all(
    logs
      .toSorted((a, b) => (a.origin < b.origin ? -1 : 1))
      .map(async (log) => ({
        origin: log.origin,
        size: log.size,
        root: log.root,
        note: log.checkpoint,
        leaves: await readLeaves(db, log, 0, log.size),
      })),
  );
}
