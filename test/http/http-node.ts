// A complete node on a port of this machine, with its own clock, and agents that send it signed requests.
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CommandContext } from '../../src/commands/context.ts';
import { openNode } from '../../src/commands/open-node.ts';
import type { Sequencer } from '../../src/commands/sequencer.ts';
import { createApp } from '../../src/http/app.ts';
import type { Logger } from '../../src/http/logger.ts';
import { type EdgeServer, startServer } from '../../src/http/server.ts';
import type { ActivityDraft } from '../../src/protocol/activity.ts';
import { decodeUtf8, utf8 } from '../../src/protocol/bytes.ts';
import type { JsonObject } from '../../src/protocol/json.ts';
import { didKeyResolver } from '../../src/protocol/object.ts';
import type { ObjectName } from '../../src/protocol/object-name.ts';
import { signRequest } from '../../src/protocol/request-signature.ts';
import { agentUrlOfDidKey } from '../../src/protocol/signature-agent.ts';
import { openDatabase } from '../../src/store/open-database.ts';
import { contextFile } from '../contexts.ts';
import { type Agent, crypto, identityOf } from '../sandbox.ts';

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
}

export interface Sent {
  readonly method?: string;
  readonly body?: Uint8Array | string;
  readonly headers?: Record<string, string>;
}

export const POSTED: Sent = { method: 'POST', headers: { 'content-type': 'application/json' } };

export class HttpNode {
  readonly context: CommandContext;
  readonly sequencer: Sequencer;
  readonly server: EdgeServer;
  readonly clock: { now: number };
  /** What the node has written to its log at `error`. */
  readonly failures: object[];
  readonly #folder: string;
  #nonce = 0;

  private constructor(
    context: CommandContext,
    sequencer: Sequencer,
    server: EdgeServer,
    clock: { now: number },
    failures: object[],
    folder: string,
  ) {
    this.context = context;
    this.sequencer = sequencer;
    this.server = server;
    this.clock = clock;
    this.failures = failures;
    this.#folder = folder;
  }

  static async open(options: { readonly reads?: 'signed' | 'public' } = {}): Promise<HttpNode> {
    const folder = mkdtempSync(join(tmpdir(), 'exuvia-http-'));
    const port = await freePort();
    const clock = { now: Date.UTC(2026, 10, 20, 10) };
    let drawn = 0;
    const authority = `127.0.0.1:${port}`;
    const node = { ...identityOf('http'), origin: `http://${authority}`, authority };
    const db = openDatabase(`file:${join(folder, 'node.db')}`, { dataDir: folder });
    const context: CommandContext = {
      db,
      crypto,
      now: () => clock.now,
      random: (bytes) => crypto.sha256(utf8(`random ${drawn++}`)).subarray(0, bytes),
      node,
    };
    const sequencer = await openNode(context);
    const failures: object[] = [];
    const log: Logger = {
      debug() {},
      info() {},
      warn() {},
      error: (fields) => failures.push(fields),
    };
    const app = createApp({
      context,
      sequencer,
      reads: options.reads ?? 'signed',
      name: 'Test node',
      software: { name: 'exuvia', version: '0.0.0' },
      resolveKey: didKeyResolver,
      lookupKey: async () => ({
        ok: false,
        reason: 'discovery_failed',
        detail: 'nothing is fetched in these tests',
        retryable: true,
      }),
      contexts,
      didDocuments: async () => [],
      ready: async () => true,
      log,
    });
    const server = await startServer({ app, origin: node.origin, host: '127.0.0.1', port, log });
    return new HttpNode(context, sequencer, server, clock, failures, folder);
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
  sign(agent: Agent, path: string, sent: Sent = {}, signing: Signing = {}): Record<string, string> {
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
        signatureAgent: agentUrlOfDidKey(this.origin, agent.did),
        created,
        expires: signing.expires ?? created + 60,
        nonce: signing.nonce === undefined ? `nonce ${this.#nonce++}` : signing.nonce,
      },
      crypto,
    );
  }

  /** Signs and sends. */
  ask(agent: Agent, path: string, sent: Sent = {}, signing: Signing = {}): Promise<Answer> {
    const headers = { ...this.sign(agent, path, sent, signing), ...sent.headers };
    return this.send(path, { ...sent, headers });
  }

  /** Posts bytes or an object's JSON to /api/v1/activities, signed by `agent`. */
  submit(agent: Agent, object: Uint8Array | JsonObject, signing: Signing = {}): Promise<Answer> {
    const body = object instanceof Uint8Array ? object : utf8(JSON.stringify(object));
    return this.ask(agent, '/api/v1/activities', { ...POSTED, body }, signing);
  }

  /** Signs a draft and has it accepted over HTTP; gives its name. */
  async accept(agent: Agent, draft: ActivityDraft): Promise<ObjectName> {
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

  async close(): Promise<void> {
    await this.server.close(0);
    await this.sequencer.close();
    await this.context.db.close();
    rmSync(this.#folder, { recursive: true });
  }
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
