// A complete node on a port of this machine, with its own clock, and agents that send it signed requests.
import { generateKeyPair } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createActorKeys } from '../../src/activitypub/actor-keys.ts';
import { ActivityPub } from '../../src/activitypub/worker.ts';
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
import type { ActivityDraft } from '../../src/protocol/activity.ts';
import { decodeUtf8, utf8 } from '../../src/protocol/bytes.ts';
import { type Did, scidOf } from '../../src/protocol/did.ts';
import type { JsonObject } from '../../src/protocol/json.ts';
import type { ObjectName } from '../../src/protocol/object-name.ts';
import { signRequest } from '../../src/protocol/request-signature.ts';
import {
  agentUrlOfDidKey,
  agentUrlOfScid,
  type SignatureAgentCompat,
} from '../../src/protocol/signature-agent.ts';
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
import { type Agent, type Author, crypto, identityOf, seedOf } from '../sandbox.ts';

const generate = promisify(generateKeyPair);

const contexts = [
  ['https://www.w3.org/ns/activitystreams', 'www.w3.org_ns_activitystreams.jsonld'],
  ['https://w3id.org/security/data-integrity/v1', 'w3id.org_security_data_integrity_v1.jsonld'],
  ['https://w3id.org/exuvia/v1', 'exuvia-v1.jsonld'],
].map(([iri = '', file = '']) => ({ iri, bytes: utf8(contextFile(file)) }));

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Uint8Array;
  /** The body as text. */
  readonly text: string;
  /** The body as JSON, or an empty object. */
  readonly json: Record<string, unknown>;
}

/** Whoever has a DID and a key for requests. */
export type Caller = Pick<Agent, 'did' | 'seed'>;

export interface Signing {
  /** Seconds; the node's clock unless told. */
  readonly created?: number;
  readonly expires?: number;
  /** Null for none. */
  readonly nonce?: string | null;
  /** Whose key signs; the agent's own unless told. */
  readonly seed?: Uint8Array;
  /** What is signed instead of what is sent. */
  readonly method?: string;
  readonly path?: string;
  readonly signedBody?: Uint8Array;
  /** Null for none; the URL of the agent's DID at this node unless told. */
  readonly signatureAgent?: string | null;
}

export interface Sent {
  readonly method?: string;
  readonly body?: Uint8Array | string;
  readonly headers?: Record<string, string>;
}

export const POSTED: Sent = { method: 'POST', headers: { 'content-type': 'application/json' } };

const UNLIMITED: LimitRates = {
  address: null,
  failures: null,
  reads: null,
  writes: null,
  peer: null,
  stranger: null,
};

interface Parts {
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

export class HttpNode {
  readonly context: CommandContext;
  readonly sequencer: Sequencer;
  server: EdgeServer;
  readonly federation: Federation | null;
  readonly activitypub: ActivityPub | null;
  readonly told: FederationEvent[];
  readonly clock: { now: number };
  readonly failures: object[];
  readonly routes: readonly string[];
  readonly #listen: Parts['listen'];
  readonly #end: Parts['end'];
  readonly #close: Parts['close'];
  #nonce = 0;

  private constructor(parts: Parts) {
    this.context = parts.context;
    this.sequencer = parts.sequencer;
    this.server = parts.server;
    this.federation = parts.federation;
    this.activitypub = parts.activitypub;
    this.told = parts.told;
    this.clock = parts.clock;
    this.failures = parts.failures;
    this.routes = parts.routes;
    this.#listen = parts.listen;
    this.#end = parts.end;
    this.#close = parts.close;
  }

  static async open(options: HttpNodeOptions = {}): Promise<HttpNode> {
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
      findDidLog: async (subject) =>
        (await findDidLog(db, subject, context.node.did))?.text ?? null,
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
    const parts = {
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
    return new HttpNode(parts);
  }

  async close(): Promise<void> {
    await this.#end();
    await this.server.close(0);
    await this.#close();
  }

  /** Nobody reaches the node any more, until `up`. It goes on working. */
  async down(): Promise<void> {
    await this.server.close(0);
  }

  async up(): Promise<void> {
    this.server = await this.#listen();
  }

  get origin(): string {
    return this.context.node.origin;
  }

  /** Sends as it is, unsigned unless the fields say otherwise. */
  async send(path: string, { method = 'GET', body, headers = {} }: Sent = {}): Promise<Answer> {
    const content =
      body === undefined ? {} : { body: typeof body === 'string' ? utf8(body) : body };
    const response = await fetch(this.origin + path, {
      method,
      headers,
      ...(content as RequestInit),
    });
    const bytes = new Uint8Array(await response.arrayBuffer());
    return { status: response.status, headers: response.headers, ...read(bytes) };
  }

  /** The fields that make `agent` the signer of a request, or of another one than is sent. */
  sign(
    agent: Caller,
    path: string,
    sent: Sent = {},
    signing: Signing = {},
  ): Record<string, string> {
    const created = signing.created ?? Math.floor(this.clock.now / 1000);
    const body =
      signing.signedBody ?? (typeof sent.body === 'string' ? utf8(sent.body) : sent.body);
    return signRequest(
      {
        method: signing.method ?? sent.method ?? 'GET',
        url: this.origin + (signing.path ?? path),
        ...(body === undefined ? {} : { body, contentType: 'application/json' }),
      },
      {
        seed: signing.seed ?? agent.seed,
        signatureAgent:
          signing.signatureAgent === undefined
            ? agentUrlOf(this.origin, agent.did)
            : signing.signatureAgent,
        created,
        expires: signing.expires ?? created + 60,
        nonce: signing.nonce === undefined ? `nonce ${this.#nonce++}` : signing.nonce,
      },
      crypto,
    );
  }

  /** Signs and sends. */
  ask(agent: Caller, path: string, sent: Sent = {}, signing: Signing = {}): Promise<Answer> {
    const headers = { ...this.sign(agent, path, sent, signing), ...sent.headers };
    return this.send(path, { ...sent, headers });
  }

  /** Posts bytes or an object's JSON to /api/v1/activities, signed by `agent`. */
  submit(agent: Caller, object: Uint8Array | JsonObject, signing: Signing = {}): Promise<Answer> {
    const body = object instanceof Uint8Array ? object : utf8(JSON.stringify(object));
    return this.ask(agent, '/api/v1/activities', { ...POSTED, body }, signing);
  }

  /** Signs a draft and has it accepted over HTTP; gives its name. */
  async accept(agent: Caller & Author, draft: ActivityDraft): Promise<ObjectName> {
    const { bytes, name } = await agent.sign(draft, this.clock.now);
    const { status, text } = await this.submit(agent, bytes);
    if (status !== 201) throw new Error(text);
    return name;
  }

  /** Writes the text to a fresh connection and gives everything that comes back until it is closed. */
  raw(text: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const chunks: Buffer[] = [];
      const socket = connect(this.server.address.port, '127.0.0.1', () => socket.write(text));
      socket.on('data', (chunk) => chunks.push(chunk));
      socket.on('error', reject);
      socket.on('close', () => resolve(Buffer.concat(chunks).toString()));
    });
  }
}

async function actorKeys() {
  const { privateKey: rsa } = await generate('rsa', { modulusLength: 2048 });
  return createActorKeys({ seed: seedOf('actors'), rsa }, crypto);
}

function agentUrlOf(origin: string, did: Did): string {
  const scid = scidOf(did);
  return scid === null ? agentUrlOfDidKey(origin, did) : agentUrlOfScid(origin, scid);
}

function read(bytes: Uint8Array): Pick<Answer, 'bytes' | 'text' | 'json'> {
  let text = '';
  try {
    text = decodeUtf8(bytes);
    return { bytes, text, json: JSON.parse(text) };
  } catch {
    return { bytes, text, json: {} };
  }
}

/** The origin has to be known before the node that is called so can listen. */
function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}
