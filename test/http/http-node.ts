import { connect } from 'node:net';
import type { ActivityPub } from '../../src/activitypub/worker.ts';
import type { CommandContext } from '../../src/commands/context.ts';
import type { Sequencer } from '../../src/commands/sequencer.ts';
import type { FederationEvent } from '../../src/federation/perform-task.ts';
import type { Federation } from '../../src/federation/worker.ts';
import type { EdgeServer } from '../../src/http/server.ts';
import type { ActivityDraft } from '../../src/protocol/activity.ts';
import { decodeUtf8, utf8 } from '../../src/protocol/bytes.ts';
import { type Did, scidOf } from '../../src/protocol/did.ts';
import type { JsonObject } from '../../src/protocol/json.ts';
import type { ObjectName } from '../../src/protocol/object-name.ts';
import { signRequest } from '../../src/protocol/request-signature.ts';
import { agentUrlOfDidKey, agentUrlOfScid } from '../../src/protocol/signature-agent.ts';
import { type Agent, type Author, crypto } from '../sandbox.ts';
import { type HttpNodeOptions, type NodeParts, openParts } from './node-parts.ts';

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
  readonly #listen: NodeParts['listen'];
  readonly #end: NodeParts['end'];
  readonly #close: NodeParts['close'];
  #nonce = 0;

  private constructor(parts: NodeParts) {
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
    return new HttpNode(await openParts(options));
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
