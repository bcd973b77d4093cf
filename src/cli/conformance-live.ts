// The node under test as a run sees it: its origin, key and clock, and fresh agents that speak to it.
import { work } from '../client/admission.ts';
import { type AgentKey, agentUrlOf, createKey } from '../client/keys.ts';
import type { ActivityDraft } from '../protocol/activity.ts';
import { toBase64url, utf8 } from '../protocol/bytes.ts';
import type { Crypto } from '../protocol/crypto.ts';
import { formatDateTime } from '../protocol/date-time.ts';
import type { Did } from '../protocol/did.ts';
import type { JsonObject } from '../protocol/json.ts';
import { type SignedObject, signObject } from '../protocol/object.ts';
import { REQUEST_TAG, signRequest } from '../protocol/request-signature.ts';
import type { NodeView, Receipt } from '../protocol/views.ts';
import { type Answer, exchange, type Field, type Message } from './conformance-exchange.ts';
import { performActs, type Stage } from './conformance-stage.ts';
import { CommandError, type Terminal } from './terminal.ts';

export interface Submission extends SignedObject {
  readonly answer: Answer;
  /** Null unless the answer has one. */
  readonly receipt: Receipt | null;
}

interface Parts {
  /** Where requests are sent. */
  readonly url: URL;
  readonly node: NodeView;
  /** Milliseconds by which the node's clock is ahead of ours. */
  readonly ahead: number;
  readonly strict: boolean;
  readonly crypto: Crypto;
  readonly terminal: Pick<Terminal, 'now' | 'random'>;
}

interface RequestToMake extends Pick<Message, 'method' | 'target'> {
  readonly body?: Uint8Array | null;
  /** A fresh one unless told. */
  readonly nonce?: string;
  /** The node's own unless told. */
  readonly origin?: string;
  /** The agent's own at the node unless told; null for none. */
  readonly signatureAgent?: string | null;
}

const MAX_WAIT = 30;

export class Live {
  readonly node: NodeView;
  readonly strict: boolean;
  readonly crypto: Crypto;
  readonly random: (length: number) => Uint8Array;
  /** Distinguishes this run in what it leaves behind. */
  readonly tag: string;
  readonly #parts: Parts;
  readonly #agents = new Map<string, AgentKey>();
  #stage: Promise<Stage> | null = null;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.node = parts.node;
    this.strict = parts.strict;
    this.crypto = parts.crypto;
    this.random = parts.terminal.random;
    this.tag = Buffer.from(this.random(4)).toString('hex');
  }

  /** Host and port that the node knows itself by. */
  get authority(): string {
    return new URL(this.node.origin).host;
  }

  /** The origin that was asked. */
  get address(): string {
    return this.#parts.url.origin;
  }

  get loopback(): boolean {
    return this.node.origin.startsWith('http:');
  }

  /** Seconds of the node's clock. */
  now(): number {
    return Math.floor((this.#parts.terminal.now() + this.#parts.ahead) / 1000);
  }

  instant(offset = 0): string {
    return formatDateTime(this.now() + offset);
  }

  nonce(): string {
    return toBase64url(this.random(32));
  }

  /** An agent of this run by name, made when first asked for. */
  agent(name: string): AgentKey {
    const key = this.#agents.get(name) ?? createKey(this.random, this.crypto);
    this.#agents.set(name, key);
    return key;
  }

  /** What all acts of the run led to; they are done once. */
  stage(): Promise<Stage> {
    this.#stage ??= performActs(this);
    return this.#stage;
  }

  get hasStage(): boolean {
    return this.#stage !== null;
  }

  /** Sends exactly this. */
  exchange(message: Message): Promise<Answer> {
    return exchange(this.#parts.url, message);
  }

  /** Sends what `make` makes; a node that is busy or limits callers gets it again, made anew. */
  async ask(make: () => Message | Promise<Message>): Promise<Answer> {
    for (let attempt = 0; ; attempt++) {
      const answer = await this.exchange(await make());
      const wait = Number(answer.headers.get('retry-after') ?? Number.NaN);
      const busy = answer.status === 429 || answer.status === 503;
      if (!busy || !(wait <= MAX_WAIT) || attempt === 3 || answer.code === 'key_unresolvable') {
        return answer;
      }
      await new Promise((resolve) => setTimeout(resolve, wait * 1000));
    }
  }

  open(target: string, fields: readonly Field[] = []): Promise<Answer> {
    return this.ask(() => ({
      method: 'GET',
      target,
      fields: [['Host', this.authority], ...fields],
      body: null,
    }));
  }

  /** A well-signed request of that agent, not yet sent. */
  signed(
    agent: AgentKey,
    {
      method,
      target,
      body = null,
      nonce,
      signatureAgent,
      origin = this.node.origin,
    }: RequestToMake,
  ): Message {
    const ownAgent = agentUrlOf(agent, this.node.origin);
    const created = this.now() - 2;
    const signedFields = signRequest(
      {
        method,
        url: `${origin}${target}`,
        ...(body && { body, contentType: 'application/json' }),
      },
      {
        seed: agent.seed,
        signatureAgent: signatureAgent === undefined ? ownAgent : signatureAgent,
        created,
        expires: created + 120,
        nonce: method === 'GET' || method === 'HEAD' ? null : (nonce ?? this.nonce()),
      },
      this.crypto,
    );
    // A POST without either would be framed as if a body followed.
    const framed = body !== null || method === 'POST';
    const length: Field[] = framed ? [['content-length', String(body?.length ?? 0)]] : [];
    const fields: Field[] = [['host', this.authority], ...length, ...Object.entries(signedFields)];
    return { method, target, fields, body };
  }

  read(agent: AgentKey, target: string): Promise<Answer> {
    return this.ask(() => this.signed(agent, { method: 'GET', target }));
  }

  /** A text as the body of a well-signed submission. Where agents have to work to be let in, it does that first. */
  async post(agent: AgentKey, body: Uint8Array): Promise<Answer> {
    const target = '/api/v1/activities';
    const send = () => this.ask(() => this.signed(agent, { method: 'POST', target, body }));
    const answer = await send();
    return answer.code === 'admission_required' && (await this.#letIn(agent, answer))
      ? send()
      : answer;
  }

  async #letIn(agent: AgentKey, { json }: Answer): Promise<boolean> {
    const { bits, policy } = (json?.admission ?? {}) as { policy?: string; bits?: number };
    if (policy !== 'pow' || bits === undefined) return false;
    const { crypto, node } = this;
    const sleep = () => new Promise<void>((resolve) => setImmediate(resolve));
    const now = () => this.now() * 1000;
    const wanted = { node: node.did as Did, agent: agent.did, bits };
    const proof = { did: agent.did, work: await work(wanted, { crypto, now, sleep }) };
    const body = utf8(JSON.stringify(proof));
    const target = '/api/v1/admissions';
    const answer = await this.ask(() => this.signed(agent, { method: 'POST', target, body }));
    return answer.status < 300;
  }

  sign(agent: AgentKey, draft: ActivityDraft | JsonObject): SignedObject {
    return signObject(draft, { ...agent, created: this.instant() }, this.crypto);
  }

  async submit(agent: AgentKey, draft: ActivityDraft | JsonObject): Promise<Submission> {
    const signed = this.sign(agent, draft);
    const answer = await this.post(agent, signed.bytes);
    const receipt = (answer.json?.receipt as Receipt | undefined) ?? null;
    return { ...signed, answer, receipt };
  }

  /** Parameters of a fresh signature, as Signature-Input writes them. */
  signatureParameters(keyid: string, nonce = this.nonce()): string {
    const created = this.now() - 2;
    return `;created=${created};expires=${created + 120};keyid="${keyid}";alg="ed25519";nonce="${nonce}";tag="${REQUEST_TAG}"`;
  }
}

/** Asks the node who it is. Throws CommandError if nothing there can be tested. */
export async function openLive(
  address: string,
  strict: boolean,
  crypto: Crypto,
  terminal: Pick<Terminal, 'now' | 'random'>,
): Promise<Live> {
  const url = new URL(address);
  const target = '/.well-known/exuvia';
  const fields: Field[] = [['Host', url.host]];
  const answer = await exchange(url, { method: 'GET', target, fields, body: null }).catch(
    (cause: unknown) => {
      throw new CommandError(
        `Cannot reach ${url.origin}: ${cause instanceof Error ? cause.message : String(cause)}`,
      );
    },
  );
  const node = answer.json as NodeView | null;
  if (answer.status !== 200 || typeof node?.did !== 'string' || !URL.canParse(node.origin)) {
    throw new CommandError(`${url.origin}${target} answered ${answer.status} and names no node.`, {
      remedy: 'Name the origin of a running node, such as http://127.0.0.1:8787.',
    });
  }
  return new Live({
    url,
    node,
    ahead: clockAhead(answer, terminal.now()),
    strict,
    crypto,
    terminal,
  });
}

/** The Date field has whole seconds, so less than two apart is the same clock. */
function clockAhead({ headers }: Answer, now: number): number {
  const ahead = Date.parse(headers.get('date') ?? '') + 500 - now;
  return Math.abs(ahead) > 2000 ? ahead : 0;
}
