// What a complete node is made of, on a port of this machine and with its own clock: for HttpNode.
import { generateKeyPair } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createActorKeys } from '../../src/activitypub/actor-keys.ts';
import { ActivityPub } from '../../src/activitypub/worker.ts';
import { freePort } from '../../src/cli/node-process.ts';
import { Admission, type AdmissionOptions } from '../../src/commands/admission.ts';
import type { CommandContext } from '../../src/commands/context.ts';
import { MESSAGE_LIMITS, type MessageLimits } from '../../src/commands/envelope-rules.ts';
import { heldKeys } from '../../src/commands/held-keys.ts';
import { openNode } from '../../src/commands/open-node.ts';
import type { Sequencer } from '../../src/commands/sequencer.ts';
import type { PaceLimits } from '../../src/domain/pace.ts';
import type { FederationEvent } from '../../src/federation/perform-task.ts';
import { Federation } from '../../src/federation/worker.ts';
import { createApp } from '../../src/http/app.ts';
import type { BodyBudgetOptions } from '../../src/http/body-budget.ts';
import { type LimitRates, Limits } from '../../src/http/limits.ts';
import { type Pace, StreamHub } from '../../src/http/live/hub.ts';
import type { Logger } from '../../src/http/logger.ts';
import { createPrometheus } from '../../src/http/prometheus.ts';
import { type EdgeServer, startServer } from '../../src/http/server.ts';
import { SALT_SIZE } from '../../src/log/entry.ts';
import {
  type AddressRange,
  createAddressReader,
  parseAddressRange,
} from '../../src/net/client-address.ts';
import { createDocumentCache, peekDocument } from '../../src/net/document-cache.ts';
import { createGuardedFetch } from '../../src/net/guarded-fetch.ts';
import { createOwnerVerifier } from '../../src/net/owner-credentials.ts';
import { createResolution } from '../../src/net/resolution.ts';
import { utf8 } from '../../src/protocol/bytes.ts';
import type { JsonObject } from '../../src/protocol/json.ts';
import type { SignatureAgentCompat } from '../../src/protocol/signature-agent.ts';
import { readSkillTexts } from '../../src/skill-texts.ts';
import { listDocuments } from '../../src/store/did-documents.ts';
import { listHolds } from '../../src/store/holds.ts';
import { openDatabase } from '../../src/store/open-database.ts';
import { countEvidence } from '../../src/store/queries/evidence.ts';
import { countForeign } from '../../src/store/queries/foreign-followers.ts';
import { findDidLog } from '../../src/store/queries/identities.ts';
import { readLogTotals } from '../../src/store/queries/log-totals.ts';
import { findPeer } from '../../src/store/queries/peers.ts';
import { contextFile } from '../contexts.ts';
import { crypto, identityOf, seedOf } from '../sandbox.ts';

const generate = promisify(generateKeyPair);

const contexts = [
  ['https://www.w3.org/ns/activitystreams', 'www.w3.org_ns_activitystreams.jsonld'],
  ['https://w3id.org/security/data-integrity/v1', 'w3id.org_security_data_integrity_v1.jsonld'],
  ['https://w3id.org/exuvia/v1', 'exuvia-v1.jsonld'],
].map(([iri = '', file = '']) => ({ iri, bytes: utf8(contextFile(file)) }));

const UNLIMITED: LimitRates = {
  address: null,
  failures: null,
  reads: null,
  writes: null,
  peer: null,
  stranger: null,
};

export interface NodeParts {
  readonly context: CommandContext;
  readonly sequencer: Sequencer;
  readonly server: EdgeServer;
  /** Makes another one in its place. */
  readonly listen: () => Promise<EdgeServer>;
  /** Null unless the node talks to others. */
  readonly federation: Federation | null;
  /** Null unless the node answers ActivityPub software. */
  readonly activitypub: ActivityPub | null;
  /** What the operator was told of it. */
  readonly told: FederationEvent[];
  readonly clock: { now: number };
  /** What the node has written to its log at `error`. */
  readonly failures: object[];
  /** What is mounted, as `GET /path/:name`. */
  readonly routes: readonly string[];
  /** What ends before the server does, and what after it. */
  readonly end: () => Promise<void>;
  readonly close: () => Promise<void>;
}

export interface HttpNodeOptions {
  /** Decides its keys; two nodes of one test need two names. */
  readonly name?: string;
  readonly reads?: 'signed' | 'public';
  readonly compat?: SignatureAgentCompat;
  /** Documents by URL that need no fetching. */
  readonly documents?: ReadonlyMap<string, JsonObject>;
  /** Answers other nodes, follows them and pushes to them. */
  readonly federated?: boolean;
  /** What mailboxes may have; the usual unless told. */
  readonly messages?: Partial<MessageLimits>;
  readonly metrics?: 'loopback' | 'open' | 'off';
  /** How often requests may come; as often as they like unless told. */
  readonly rates?: Partial<LimitRates>;
  /** What new agents may do; whatever they like unless told. */
  readonly newAgents?: PaceLimits;
  /** Who may write for the first time; everybody unless told. */
  readonly admission?: AdmissionOptions;
  /** With `rates`: true while the disk has no room. */
  readonly isFull?: () => boolean;
  /** With `rates`: bytes of bodies at a time. */
  readonly bodies?: BodyBudgetOptions;
  /** Proxies whose word about addresses is taken. */
  readonly proxies?: readonly string[];
  /** Answers ActivityPub software. */
  readonly activitypub?: boolean;
  /** How streams are paced; as in a running node unless told. */
  readonly pace?: Partial<Pace>;
  /** Milliseconds; the server's own unless told. */
  readonly limits?: { readonly headersTimeout: number; readonly requestTimeout: number };
}

/** Everything is started; `server` listens. */
export async function openParts(options: HttpNodeOptions): Promise<NodeParts> {
  const { name = 'http', reads = 'signed', federated = false, limits = {} } = options;
  const folder = mkdtempSync(join(tmpdir(), 'exuvia-http-'));
  const port = await freePort();
  const clock = { now: Date.UTC(2026, 10, 20, 10) };
  const drawn = new Map<number, number>();
  const authority = `127.0.0.1:${port}`;
  const origin = `http://${authority}`;
  const db = openDatabase(`file:${join(folder, 'node.db')}`, { dataDir: folder });
  const context: CommandContext = {
    db,
    crypto,
    now: () => clock.now,
    // Salts are the only draws of their length here: what else is drawn, and when, does not change what vectors have.
    random(bytes) {
      const draw = drawn.get(bytes) ?? 0;
      drawn.set(bytes, draw + 1);
      const text = bytes === SALT_SIZE ? `${name} random ${draw}` : `${name} ${bytes} ${draw}`;
      return crypto.sha256(utf8(text)).subarray(0, bytes);
    },
    node: { ...identityOf(name), origin, authority },
    documentOf: (did) => peekDocument(documents, did),
    ...(options.newAgents ? { pace: options.newAgents } : {}),
  };
  const fetch = createGuardedFetch({ loopback: true });
  const own = options.documents ? { own: options.documents } : {};
  const documents = createDocumentCache({ fetch, now: context.now, ...own });
  const sequencer = await openNode(context);
  const failures: object[] = [];
  const told: FederationEvent[] = [];
  const error = (fields: object) => failures.push(fields);
  const log: Logger = { debug() {}, info() {}, warn() {}, error };
  const { didLogs, enrolledKeys, objectKeys, requestKeys, resolver } = createResolution({
    crypto,
    fetch,
    now: context.now,
    origin,
    loopback: true,
    findDidLog: async (subject) => (await findDidLog(db, subject, context.node.did))?.text ?? null,
    held: heldKeys(context, sequencer),
    documents,
    findKeptDocuments: (did) => listDocuments(db, [did]),
  });
  sequencer.onCommit(() => didLogs.known.forget());
  const keys = objectKeys;
  const messages = { ...MESSAGE_LIMITS, ...options.messages };
  const federation = federated
    ? new Federation({ context, sequencer, fetch, keys, messages })
    : null;
  const { metrics: access = 'loopback' } = options;
  const metrics =
    access === 'off'
      ? undefined
      : createPrometheus({
          logs: () => readLogTotals(db),
          evidence: () => countEvidence(db),
          held: async () => (await listHolds(db)).map(({ origin }) => origin),
          ...(options.activitypub ? { foreign: () => countForeign(db) } : {}),
          process: false,
        });
  if (metrics) sequencer.onOutcome(metrics.submitted);
  const counted = metrics === undefined ? {} : { metrics };
  const { proxies = [], rates } = options;
  const limited = rates && {
    limits: new Limits({
      ...counted,
      rates: { ...UNLIMITED, ...rates },
      addresses: createAddressReader({
        proxies: proxies.map((text) => parseAddressRange(text) as AddressRange),
        field: 'x-forwarded-for',
        behindProxy: false,
      }),
      bodies: options.bodies ?? null,
      ...(options.isFull ? { isFull: options.isFull } : {}),
      own: context.node.did,
      isPeer: async (did) => (await findPeer(db, did)) !== null,
      now: context.now,
    }),
  };
  const streams = new StreamHub({
    context,
    sequencer,
    log,
    pace: options.pace ?? {},
    ...counted,
  });
  const activitypub = options.activitypub
    ? new ActivityPub({
        ...{ context, sequencer, fetch, keys: await actorKeys() },
        report: (event) => told.push(event),
        ...(metrics ? { counted: metrics.told } : {}),
      })
    : null;
  const door = options.admission ?? { policy: 'open', bits: 1, invitations: 0 };
  const admission = new Admission(context, sequencer, keys.resolve, door);
  const app = createApp({
    ...counted,
    admission,
    ...limited,
    streams,
    metricsAccess: access === 'open' ? 'open' : 'loopback',
    context,
    sequencer,
    reads,
    ...(options.compat ? { compat: options.compat } : {}),
    name: `Node ${name}`,
    software: { name: 'exuvia', version: '0.0.0' },
    resolveKey: keys.resolve,
    verifyOwner: createOwnerVerifier({ crypto, fetch, resolver, now: context.now }),
    lookupKey: requestKeys,
    enrolledKeys,
    contexts,
    skill: await readSkillTexts(),
    didDocuments: async () => [],
    ready: async () => true,
    log,
    ...(federation ? { federation: federation.context } : {}),
    ...(activitypub
      ? {
          activitypub: {
            context: activitypub.context,
            authority,
            facts: { software: { name: 'exuvia', version: '0.0.0' }, open: true },
            ...(metrics ? { received: metrics.received } : {}),
          },
        }
      : {}),
  });
  const listening = { app, origin, host: '127.0.0.1', port, log, ...limits, ...counted };
  const listen = () => startServer(listening);
  const server = await listen();
  federation?.start();
  activitypub?.start();
  const end = async () => {
    await activitypub?.stop();
    await federation?.stop();
    await streams.close();
  };
  const close = async () => {
    await sequencer.close();
    await fetch.close();
    await db.close();
    rmSync(folder, { recursive: true });
  };
  const routes = app.routes.flatMap(({ method, path }) =>
    method === 'ALL' ? [] : [`${method} ${path}`],
  );
  return {
    context,
    sequencer,
    server,
    listen,
    federation,
    activitypub,
    told,
    clock,
    failures,
    routes,
    end,
    close,
  };
}

async function actorKeys() {
  const { privateKey: rsa } = await generate('rsa', { modulusLength: 2048 });
  return createActorKeys({ seed: seedOf('actors'), rsa }, crypto);
}
