// The composition root: makes everything a node is of, hands it in, and takes it down in order.
import { join } from 'node:path';
import { pino } from 'pino';
import packageJson from '../package.json' with { type: 'json' };
import { ActivityPub } from './activitypub/worker.ts';
import { readOrCreateActorKeys } from './actor-key-files.ts';
import { Admission } from './commands/admission.ts';
import { record } from './commands/admit.ts';
import type { CommandContext, NodeIdentity } from './commands/context.ts';
import { EnrolmentRoom } from './commands/enrolment-room.ts';
import { heldKeys } from './commands/held-keys.ts';
import { keepDocuments } from './commands/keep-documents.ts';
import { HeadsKeeper } from './commands/keep-heads.ts';
import { openNode } from './commands/open-node.ts';
import { systemOrigin } from './commands/origin.ts';
import { OwnStatements } from './commands/own-statements.ts';
import { SearchFollower } from './commands/search-follower.ts';
import type { Config } from './config.ts';
import { readContextFiles } from './context-files.ts';
import { loadCrypto } from './crypto/platform.ts';
import { guardRollback } from './federation/guard-rollback.ts';
import { createPeerClient } from './federation/peer-client.ts';
import { Federation } from './federation/worker.ts';
import { createApp } from './http/app.ts';
import type { EdgeApp } from './http/edge.ts';
import { Limits } from './http/limits.ts';
import { StreamHub } from './http/live/hub.ts';
import type { Logger } from './http/logger.ts';
import { ownDocuments } from './http/node-document.ts';
import { createPrometheus } from './http/prometheus.ts';
import { startServer } from './http/server.ts';
import { createAddressReader, NO_ADDRESSES } from './net/client-address.ts';
import { createDocumentCache, peekDocument } from './net/document-cache.ts';
import { createGuardedFetch } from './net/guarded-fetch.ts';
import { knownDocuments } from './net/known-documents.ts';
import { createOwnerVerifier } from './net/owner-credentials.ts';
import { createResolution } from './net/resolution.ts';
import { putInForce } from './next-keys.ts';
import { inForce, readOrCreateNodeIdentity } from './node-identity.ts';
import type { Did } from './protocol/did.ts';
import { readSkillTexts } from './skill-texts.ts';
import { listDocuments } from './store/did-documents.ts';
import { DiskRoom } from './store/disk-room.ts';
import { ErasureList } from './store/erasure-list.ts';
import { fillSearch } from './store/fill-search.ts';
import { isHeld, listHolds } from './store/holds.ts';
import { openDatabase } from './store/open-database.ts';
import { pingDatabase } from './store/ping.ts';
import { listWitnessKeys } from './store/queries/archive.ts';
import { countEvidence } from './store/queries/evidence.ts';
import { countForeign } from './store/queries/foreign-followers.ts';
import { findDidLog } from './store/queries/identities.ts';
import { readLogTotals } from './store/queries/log-totals.ts';
import { listLogs } from './store/queries/logs.ts';
import { rebuildDerived } from './store/rebuild.ts';
import { SignedHeadsFile } from './store/signed-heads.ts';
import { createPages } from './web/pages.ts';

/** Clock and randomness, handed in. */
export interface Machine {
  /** Milliseconds since the epoch. */
  now(): number;
  /** A cryptographic source. */
  random(bytes: number): Uint8Array;
}

export interface Node {
  readonly config: Config;
  readonly identity: NodeIdentity;
  /** Takes no new request, finishes what was begun, closes the database. */
  close(): Promise<void>;
}

/** In the data folder. */
export const HEADS_FILE = 'signed-heads.ndjson';
const HELD =
  'this node has signed more than it has; nothing more is signed before exuvia admin recover';
const MEGABYTE = 1_048_576;
const PROXY_UNNAMED =
  'EXUVIA_LIMIT_PROXIES does not name the proxy before this node: nobody behind it can be told from anybody else, and nothing is limited by address';

const software = { name: packageJson.name, version: packageJson.version };

/** Starts a node and resolves when it listens. Throws ConfigError, StoreError or CommandError when it cannot. */
export async function startNode(config: Config, { now, random }: Machine): Promise<Node> {
  const log = pino({ level: config.logLevel }, pino.destination(2));
  const crypto = await loadCrypto();
  const { identity: found, next } = await readOrCreateNodeIdentity(config, crypto, random);
  const identity = inForce(found);
  const db = openNodeDatabase(config);
  const closing: (() => Promise<void>)[] = [() => db.close()];
  const closeAll = async () => {
    while (closing.length > 0) await closing.pop()?.();
  };
  try {
    const { loopback, reads, compat, origin, host, port } = config;
    const userAgent = `exuvia/${software.version} (+${origin})`;
    const fetch = createGuardedFetch({ loopback, userAgent });
    closing.push(() => fetch.close());
    const documents = createDocumentCache({ fetch, now, own: ownDocuments(identity, crypto) });
    const documentOf = (did: Did) => peekDocument(documents, did);
    const erasures = new ErasureList(join(config.dataDir, 'erasures.ndjson'), (line) =>
      log.warn({ line }, 'erasures.ndjson: a line that cannot be read was passed over'),
    );
    const opening: CommandContext = {
      ...{ db, crypto, now, random, documentOf, erasures },
      ...(config.limits.pace === null ? {} : { pace: config.limits.pace }),
      node: found,
    };
    const heads = await HeadsKeeper.open(db, new SignedHeadsFile(join(config.dataDir, HEADS_FILE)));
    closing.push(() => heads.close());
    const asked = new Set<string>();
    const sequencer = await openNode(opening, async () => {
      const urls = config.peers.map((page) => new URL(page).origin);
      const client = createPeerClient({ ...opening, fetch });
      const guarded = await guardRollback(opening, client, { urls, kept: heads.kept });
      for (const url of guarded.answered) asked.add(url);
      if (guarded.asked > 0 && asked.size === 0) {
        log.warn(
          { peers: guarded.asked },
          'no peer could be asked what this node has signed before',
        );
      }
      for (const { checkpoint, source } of guarded.unknown) {
        log.error({ log: checkpoint.origin, size: checkpoint.size, source }, HELD);
      }
    });
    closing.push(() => sequencer.close());
    // What could not be stated yet waits for a later start.
    const silent = isHeld(await listHolds(db), systemOrigin(identity));
    if (!silent) await putInForce(config, next);
    if (next.length > 0 && !silent) log.info({ keys: next }, 'new keys are in force');
    const context = { ...opening, node: silent ? found : identity };
    // Others are shown what the node has signed under before, and until when.
    const own = keepDocuments(context, [identity.did]);
    if (own.length > 0) await record(context, sequencer, own);
    sequencer.onCommit(heads.grown);

    const { didLogs, enrolledKeys, objectKeys, requestKeys, resolver } = createResolution({
      crypto,
      fetch,
      now,
      origin,
      loopback,
      findDidLog: async (subject) => (await findDidLog(db, subject, identity.did))?.text ?? null,
      held: heldKeys(context, sequencer),
      documents,
      findKeptDocuments: (did) => listDocuments(db, [did]),
    });
    sequencer.onCommit((grown) => {
      const system = systemOrigin(identity);
      if (grown.some((log) => log.origin === system)) didLogs.known.forget();
    });

    const search = new SearchFollower({
      db,
      report: (error) => log.warn({ err: error }, 'the search index waits'),
    });
    closing.push(() => search.close());
    sequencer.onCommit(() => search.wake());
    search.wake();

    const held = async () => (await listHolds(db)).map(({ origin }) => origin);
    const metrics =
      config.metrics === 'off'
        ? undefined
        : createPrometheus({
            logs: () => readLogTotals(db),
            evidence: () => countEvidence(db),
            held,
            ...(config.activitypub ? { foreign: () => countForeign(db) } : {}),
            process: true,
          });
    if (metrics) sequencer.onOutcome(metrics.submitted);
    const counted = metrics === undefined ? {} : { metrics };

    const room = await openRoom(config, log);
    closing.push(async () => room?.close());
    const federation = new Federation({
      context,
      sequencer,
      fetch,
      keys: objectKeys,
      follow: config.peers,
      isFull: () => room?.isFull ?? false,
      quarantine: {
        ...config.limits.quarantine,
        metOnly: config.admission.policy !== 'open',
      },
      ...(metrics ? { quotaMet: metrics.quotaMet } : {}),
      messages: config.messages,
      publish: {
        everyMs: config.publishEveryMs,
        ...(metrics ? { counted: metrics.cosigned, reached: metrics.reached } : {}),
      },
      report: ({ event, ...what }) =>
        event === 'held' ? log.error(what, HELD) : log.warn(what, event),
      asked,
    });

    closing.push(async () => {
      await federation.drain();
      await federation.stop();
    });
    const activitypub = config.activitypub
      ? new ActivityPub({
          context,
          sequencer,
          fetch,
          keys: await readOrCreateActorKeys(config, crypto, random),
          report: ({ event, ...what }) => log.warn(what, event),
          ...(metrics ? { counted: metrics.told } : {}),
        })
      : null;
    closing.push(async () => {
      await activitypub?.drain();
      await activitypub?.stop();
    });
    const statements = new OwnStatements(context);
    const {
      archives,
      bodies,
      byAddress,
      connections,
      enrolments,
      rates,
      proxies,
      proxyField,
      slowest,
    } = config.limits;
    // A node on https stands behind what speaks TLS for it.
    const addresses = byAddress
      ? createAddressReader({ proxies, field: proxyField, behindProxy: !loopback })
      : NO_ADDRESSES;
    if (!loopback && byAddress && proxies.length === 0) log.warn(PROXY_UNNAMED);
    const limits = new Limits({
      isFull: () => room?.isFull ?? false,
      ...counted,
      rates,
      addresses,
      bodies: bodies === null ? null : bodyBudget(bodies),
      own: identity.did,
      isPeer: async (did) => (await federation.context.quarantine.standingOf(did)) === 'chosen',
      now,
    });
    const streams = new StreamHub({ context, sequencer, log, ...counted });
    const admission = new Admission(context, sequencer, objectKeys.resolve, config.admission);
    const app = createApp({
      admission,
      ...counted,
      streams,
      metricsAccess: config.metrics === 'open' ? 'open' : 'loopback',
      context,
      sequencer,
      limits,
      ...(archives === null ? { archives: Number.MAX_SAFE_INTEGER } : { archives }),
      federation: federation.context,
      reads,
      compat,
      name: config.authority,
      software,
      log,
      resolveKey: objectKeys.resolve,
      verifyOwner: createOwnerVerifier({ crypto, fetch, resolver, now }),
      lookupKey: requestKeys,
      enrolledKeys,
      ...(enrolments === null
        ? {}
        : { enrolmentRoom: new EnrolmentRoom(context, sequencer, enrolments) }),
      contexts: await readContextFiles(),
      skill: await readSkillTexts(config.rulesFile),
      heartbeatSeconds: config.heartbeatSeconds,
      agentRates: rates,
      didDocuments: (dids) => knownDocuments(resolver, dids),
      ready: async () => {
        await pingDatabase(db);
        return true;
      },
      held,
      ...(activitypub
        ? {
            activitypub: {
              context: activitypub.context,
              authority: config.authority,
              facts: { software, open: config.admission.policy === 'open' },
              ...(metrics ? { received: metrics.received } : {}),
            },
          }
        : {}),
      pages: createPages({
        db,
        now,
        node: { name: config.authority, did: identity.did, origin },
        async witnesses() {
          const asked = [...(await statements.read()).witnesses];
          return (await listWitnessKeys(db, asked)).map(({ name }) => name);
        },
      }) as unknown as EdgeApp,
    });
    const server = await startServer({
      ...counted,
      ...{ app, origin, host, port, log },
      connections: { ...connections, addresses },
      slowest: slowest === null ? null : { bytesPerSecond: slowest },
    });
    closing.push(() => server.close());
    // Their answers would have no end by themselves.
    closing.push(() => streams.close());
    federation.start();
    activitypub?.start();
    log.info({ did: identity.did, origin, crypto: crypto.name }, 'listening');
    return { config, identity, close: closeAll };
  } catch (error) {
    await closeAll();
    throw error;
  }
}

/** Of a database that is a file; a server looks after its own disk. */
async function openRoom({ databaseUrl, dataDir, limits }: Config, log: Logger) {
  if (limits.disk === null || !databaseUrl.startsWith('file:')) return null;
  return DiskRoom.open({
    folder: dataDir,
    least: limits.disk * MEGABYTE,
    onChange: (isFull, free) =>
      isFull
        ? log.error({ free }, 'the disk is nearly full: nothing more is written for others')
        : log.info({ free }, 'the disk has room again'),
  });
}

/** One caller has an eighth, and room for one body at least. */
function bodyBudget(megabytes: number) {
  return { total: megabytes * MEGABYTE, each: Math.max(2, megabytes / 8) * MEGABYTE };
}

export function openNodeDatabase({ databaseUrl, databaseToken, dataDir }: Config) {
  const token = databaseToken === undefined ? {} : { token: databaseToken };
  return openDatabase(databaseUrl, { dataDir, ...token });
}

/** Makes all derived tables anew from the logs of a stopped node; gives the number of entries replayed. */
export async function rebuildNode(config: Config): Promise<number> {
  const db = openNodeDatabase(config);
  try {
    await rebuildDerived(db);
    while (!(await fillSearch(db)).done);
    const logs = await listLogs(db);
    return logs.reduce((entries, { size }) => entries + size, 0);
  } finally {
    await db.close();
  }
}
