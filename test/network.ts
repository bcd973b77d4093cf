// Nodes of one process on a network that can lose, delay, repeat and forge: the wire formats, without sockets.
import type { Caller, NodeIdentity } from '../src/commands/context.ts';
import { NodeDescription } from '../src/commands/node-description.ts';
import { Witness } from '../src/commands/witness.ts';
import { describePeers } from '../src/federation/describe-peers.ts';
import { encodeEntryBody } from '../src/federation/entry-record.ts';
import { followSubmolt } from '../src/federation/follow-submolt.ts';
import { heedDispute } from '../src/federation/heed-dispute.ts';
import type { FederationEvent } from '../src/federation/perform-task.ts';
import { receiveDecision } from '../src/federation/receive-decision.ts';
import { receiveEntries } from '../src/federation/receive-entries.ts';
import { receiveFarewell, receiveFollower } from '../src/federation/receive-follower.ts';
import { receiveSubmissions } from '../src/federation/receive-submissions.ts';
import { Federation } from '../src/federation/worker.ts';
import { WITNESS_PROBLEMS } from '../src/http/witness-problems.ts';
import { parseTilePath } from '../src/log/tile.ts';
import { createDocumentCache, peekDocument } from '../src/net/document-cache.ts';
import { NetError } from '../src/net/error.ts';
import type { GuardedRequest, GuardedResponse } from '../src/net/guarded-fetch.ts';
import { createResolution } from '../src/net/resolution.ts';
import { decodeUtf8, fromHex, utf8 } from '../src/protocol/bytes.ts';
import { CHECKPOINTS_FIELD } from '../src/protocol/checkpoints-field.ts';
import { contentDigest } from '../src/protocol/content-digest.ts';
import type { Did } from '../src/protocol/did.ts';
import type { JsonObject, JsonValue } from '../src/protocol/json.ts';
import { REQUEST_WINDOW, verifyRequest } from '../src/protocol/request-signature.ts';
import { COMPAT_ALL } from '../src/protocol/signature-agent.ts';
import { findNoteOver } from '../src/store/cosigned.ts';
import { derivedDigest } from '../src/store/derived-digest.ts';
import { listDocuments } from '../src/store/did-documents.ts';
import { readLeaves } from '../src/store/queries/bodies.ts';
import { findDidLog } from '../src/store/queries/identities.ts';
import { findLog, readEntries, readTile } from '../src/store/queries/logs.ts';
import { getSubmolt } from '../src/store/queries/submolts.ts';
import { readShownHead, selectShownHeads } from '../src/store/seen-heads.ts';
import { ForgedLog } from './forged-log.ts';
import { checkInvariants } from './invariants.ts';
import { type Answer, parse, toAnswer } from './peer-answer.ts';
import { crypto, identityOf, Sandbox } from './sandbox.ts';

export interface Sent {
  readonly from: string;
  readonly method: string;
  readonly url: URL;
  readonly request: GuardedRequest;
}

/** What becomes of a request; `next` lets it arrive, as often as it is called. */
export type Fault = (sent: Sent, next: () => Promise<Answer>) => Promise<Answer>;

const START = Date.UTC(2026, 10, 20, 10);

export class Network {
  readonly clock = { now: START };
  readonly nodes = new Map<string, FederatedNode>();
  /** Pages of hosts that are no nodes, such as DID documents. */
  readonly pages = new Map<string, string>();
  /** Everything that was sent, in order: `POST /federation/entries 202`. */
  readonly journal: string[] = [];
  fault: Fault = (_, next) => next();

  async request(
    from: string,
    text: string,
    request: GuardedRequest = {},
  ): Promise<GuardedResponse> {
    const url = new URL(text);
    const method = request.method ?? 'GET';
    const sent = { from, method, url, request };
    const arrive = async () => {
      const page = this.pages.get(text);
      if (page !== undefined) {
        return { status: 200, body: page, headers: { 'content-type': 'application/json' } };
      }
      const node = this.nodes.get(url.host);
      if (node === undefined) throw new NetError('connection_failed', `nobody at ${url.host}`);
      return node.answer(sent);
    };
    // Answers come in a later turn, as they do over a socket.
    await new Promise((done) => setImmediate(done));
    const { body, headers = {}, status } = await this.fault(sent, arrive);
    this.journal.push(`${method} ${url.pathname} ${status}`);
    const bytes = typeof body === 'string' ? utf8(body) : body;
    if (bytes.length > (request.maxBytes ?? 262_144)) throw new NetError('too_large', text);
    return { status, header: (name) => headers[name] ?? null, body: bytes };
  }

  /** Waits until no node has anything to do. */
  async settle(): Promise<void> {
    for (let quiet = 0; quiet < 2; quiet++) {
      const before = this.journal.length;
      for (const { federation } of this.nodes.values()) await federation.idle();
      if (this.journal.length > before) quiet = -1;
    }
  }

  /** Lets time pass and wakes everybody up. */
  async pass(ms: number): Promise<void> {
    this.clock.now += ms;
    for (const { federation } of this.nodes.values()) federation.poke();
    await this.settle();
  }

  async close(): Promise<void> {
    const nodes = [...this.nodes.values()];
    this.nodes.clear();
    // What one of them has asked for is answered by another, as long as that one's database is open.
    await Promise.all(nodes.map(({ federation }) => federation.stop()));
    for (const node of nodes) await node.close();
  }
}

export class FederatedNode {
  readonly network: Network;
  sandbox: Sandbox;
  readonly events: FederationEvent[] = [];
  witness: Witness;
  federation: Federation;
  readonly #publishes: boolean;

  private constructor(network: Network, sandbox: Sandbox, publishes: boolean) {
    this.network = network;
    this.sandbox = sandbox;
    this.witness = this.#witness();
    this.#publishes = publishes;
    this.federation = this.#federate();
  }

  /** A node at `127.0.0.1:<port>`, since only loopback nodes are did:keys. */
  static async open(
    network: Network,
    name: string,
    { publishes = false } = {},
  ): Promise<FederatedNode> {
    const authority = `127.0.0.1:${9000 + network.nodes.size}`;
    const node: NodeIdentity = { ...identityOf(name), origin: `http://${authority}`, authority };
    const { clock } = network;
    const sandbox = await Sandbox.open(name, { clock, node });
    const made = new FederatedNode(network, sandbox, publishes);
    network.nodes.set(authority, made);
    made.federation.start();
    return made;
  }

  get identity(): NodeIdentity {
    return this.sandbox.context.node;
  }

  get db() {
    return this.sandbox.db;
  }

  #federate(): Federation {
    const { network, sandbox } = this;
    const { context, sequencer } = sandbox;
    const fetch = {
      request: (url: string, request?: GuardedRequest) =>
        network.request(context.node.authority, url, request),
    };
    const { db, node, now } = context;
    const documents = createDocumentCache({ fetch, now });
    Object.assign(context, { documentOf: (did: Did) => peekDocument(documents, did) });
    const { didLogs, objectKeys } = createResolution({
      crypto,
      fetch,
      now,
      loopback: true,
      documents,
      findKeptDocuments: (did) => listDocuments(db, [did]),
      findDidLog: async (subject) => (await findDidLog(db, subject, node.did))?.text ?? null,
    });
    sequencer.onCommit(() => didLogs.known.forget());
    return new Federation({
      context,
      sequencer,
      fetch,
      keys: objectKeys,
      ...(this.#publishes ? { publish: { everyMs: 10_000 } } : {}),
      report: (event) => this.events.push(event),
    });
  }

  /** Forgets everything that is not in the database, as a restart does. */
  async restart(): Promise<void> {
    await this.federation.stop();
    this.federation = this.#federate();
    this.federation.start();
  }

  /** Starts again with another log key, or witness key. */
  async rotate(keys: Partial<Pick<NodeIdentity, 'nextLogSeed' | 'witnessSeed'>>): Promise<void> {
    await this.federation.stop();
    this.sandbox = await this.sandbox.restart({ ...this.identity, ...keys });
    this.witness = this.#witness();
    this.federation = this.#federate();
    this.federation.start();
  }

  #witness(): Witness {
    const { context, sequencer } = this.sandbox;
    return new Witness(context, sequencer, (heads) => heedDispute(this.federation.context, heads));
  }

  /** Follows `m/<slug>` of another node and waits until it is here. */
  async follow(home: FederatedNode, slug: string): Promise<string> {
    const submolt = `${home.identity.origin}/m/${slug}`;
    const answer = await followSubmolt(this.federation.context, null, { submolt });
    if (!answer.ok) throw new Error(`${answer.code}: ${answer.detail}`);
    await this.network.settle();
    return answer.body.log;
  }

  /** This node's log of a submolt, as it serves it. */
  async forge(origin: string): Promise<ForgedLog> {
    const path = origin.slice(origin.indexOf('/log/'));
    const fetch = async (part: string, body?: object) => {
      const url = new URL(`${this.identity.origin}${path}/${part}`);
      const request = body === undefined ? {} : { body: utf8(JSON.stringify(body)) };
      const answer = await this.answer({ from: '', method: 'GET', url, request });
      return typeof answer.body === 'string' ? answer.body : decodeUtf8(answer.body);
    };
    return ForgedLog.of(this.identity, origin, fetch);
  }

  async sizeOf(origin: string): Promise<number> {
    return (await findLog(this.db, origin))?.size ?? -1;
  }

  /** Throws if anything in the database is not as it must be. */
  async check(): Promise<void> {
    const { keys } = this.federation.context;
    await checkInvariants(this.db, crypto, async (did, id, activity) => {
      const found = await keys.resolve(did, id, activity);
      return found.ok ? found : keys.cached(did, id, activity);
    });
  }

  /** Of everything derived from the submolt's log. */
  async digestOf(origin: string): Promise<string> {
    const head = await findLog(this.db, origin);
    if (head === null || head.submolt === null) throw new Error(`no log ${origin}`);
    return derivedDigest(this.db, head.submolt);
  }

  /** Posts `value` to `path` of another node, signed by this one. */
  async post(
    to: FederatedNode,
    path: string,
    value: JsonObject,
  ): Promise<JsonObject & { status: number }> {
    const { client } = this.federation.context;
    const reply = await client.send('POST', to.identity.origin + path, value);
    const members = reply.ok ? (parse(reply.body) as JsonObject) : reply.problem;
    return { ...members, status: reply.ok ? 200 : (reply.status ?? 0) };
  }

  /** Who asks is known of what is signed; heads ride on everything. */
  async answer(sent: Sent): Promise<Answer> {
    const { gossip } = this.federation.context;
    const isSigned = sent.url.pathname.startsWith('/federation');
    const sender = isSigned ? this.network.nodes.get(sent.from)?.identity : undefined;
    const field = sent.request.headers?.[CHECKPOINTS_FIELD] ?? null;
    await gossip.take(field, sender?.origin ?? '');
    const answer = await this.#route(sent);
    const shown = field === null ? null : await gossip.show(sender?.authority ?? null);
    const riding = shown === null ? {} : { [CHECKPOINTS_FIELD]: shown };
    return { ...answer, headers: { ...answer.headers, ...riding } };
  }

  async #route({ method, url, request }: Sent): Promise<Answer> {
    const { pathname, searchParams } = url;
    const [, log, host, part] = /^\/log\/([\w-]+)(?:@([^/]+))?\/(\w+)/.exec(pathname) ?? [];
    if (log !== undefined) {
      const range =
        part === 'bodies' ? (parse(request.body) as { start: number; end: number }) : null;
      const start = range?.start ?? Number(searchParams.get('start'));
      const end = range?.end ?? start + Number(searchParams.get('limit'));
      const origin = `${host ?? this.identity.authority}/log/${log}`;
      if (part === 'tile') return this.#answerTile(origin, pathname);
      const cosigned = searchParams.get('cosigned') === 'true';
      return this.#answerLog(origin, cosigned ? 'cosigned' : (part ?? ''), start, end);
    }
    if (pathname === '/.well-known/exuvia') return this.#describe();
    if (pathname === '/checkpoints') return this.#answerCheckpoints(searchParams.get('of') ?? '');
    if (pathname === '/witness/add-checkpoint') return this.#cosign(request.body);
    const witnessed = /^\/witness\/([0-9a-f]{64})\/checkpoint$/.exec(pathname)?.[1];
    if (witnessed !== undefined) {
      const note = await this.witness.checkpointOf(fromHex(witnessed) as Uint8Array);
      return note === null ? { status: 404, body: '{}' } : { status: 200, body: note };
    }
    const caller = await this.#authenticate(method, url, request);
    if (caller === null) return { status: 403, body: '{"code":"bad_signature"}' };
    return this.#answerSigned(`${method} ${pathname}`, caller, parse(request.body));
  }

  async #answerLog(origin: string, part: string, start: number, end: number): Promise<Answer> {
    const head = await findLog(this.db, origin);
    if (head === null || head.checkpoint === null) return { status: 404, body: '{}' };
    if (part === 'cosigned')
      return { status: 200, body: (await findNoteOver(this.db, head, 0)).note };
    if (part === 'checkpoint') return { status: 200, body: head.checkpoint };
    const stop = Math.min(end, head.signedSize);
    const lines =
      part === 'entries'
        ? await readEntries(this.db, head, start, stop)
        : (await readLeaves(this.db, head, start, stop)).map(({ body, index }) =>
            encodeEntryBody(`"i":${index}`, body),
          );
    return { status: 200, body: lines.map((line) => `${decodeUtf8(line)}\n`).join('') };
  }

  async #answerTile(origin: string, pathname: string): Promise<Answer> {
    const head = await findLog(this.db, origin);
    const address = parseTilePath(pathname.slice(pathname.indexOf('/tile/') + 1));
    const tile =
      head && address && (await readTile(this.db, head, head.signedSize, address, crypto));
    return tile ? { status: 200, body: tile } : { status: 404, body: '{}' };
  }

  async #answerCheckpoints(of: string): Promise<Answer> {
    const shown = selectShownHeads(`${of}/log/`, `${of}/log/~`, 256);
    const [rows = []] = await this.db.batch('read', [shown]);
    const checkpoints = rows.map((row) => readShownHead(row).note);
    return { status: 200, body: JSON.stringify({ checkpoints, next: null }) };
  }

  async #describe(): Promise<Answer> {
    const names = { name: this.identity.authority, software: { name: 'exuvia', version: '0.0.0' } };
    const description = await new NodeDescription(this.sandbox.context).of(names);
    return { status: 200, body: JSON.stringify(description) };
  }

  async #cosign(body: Uint8Array = new Uint8Array()): Promise<Answer> {
    const answer = await this.witness.addCheckpoint(body);
    if (answer.kind === 'cosigned') return { status: 200, body: answer.line };
    if (answer.kind === 'conflict') return { status: 409, body: `${answer.size}\n` };
    return { status: WITNESS_PROBLEMS[answer.code].status, body: JSON.stringify(answer) };
  }

  async #authenticate(method: string, url: URL, request: GuardedRequest): Promise<Caller | null> {
    const { authority } = this.identity;
    const { body, headers = {} } = request;
    const verdict = await verifyRequest(
      {
        method,
        target: url.pathname + url.search,
        scheme: 'http',
        authority,
        headers: [['host', authority], ...Object.entries(headers)],
      },
      {
        write: method !== 'GET',
        hasBody: body !== undefined,
        now: Math.floor(this.network.clock.now / 1000),
        ...REQUEST_WINDOW,
        compat: COMPAT_ALL,
        loopback: true,
        authorities: [authority],
      },
      async () => ({ ok: false, reason: 'discovery_failed', detail: '', retryable: false }),
      crypto,
    );
    if (!verdict.ok) return null;
    if (body !== undefined && verdict.contentDigest !== contentDigest(body, crypto)) return null;
    return { did: verdict.did, nonce: verdict.nonce, nonceExpires: verdict.expires };
  }

  async #answerSigned(route: string, caller: Caller, value: JsonValue): Promise<Answer> {
    const { context } = this.federation;
    const slug = /^GET \/api\/v1\/submolts\/([\w.:@-]+)$/.exec(route)?.[1];
    if (slug !== undefined) {
      const submolt = await getSubmolt(this.db, slug);
      return submolt === null
        ? { status: 404, body: '{"code":"submolt_unknown"}' }
        : { status: 200, body: JSON.stringify({ success: true, submolt }) };
    }
    switch (route) {
      case 'POST /federation/entries':
        return toAnswer(await receiveEntries(context, caller, value));
      case 'POST /federation/submissions':
        return toAnswer(await receiveSubmissions(context, caller, value));
      case 'POST /federation/followers':
        return toAnswer(await receiveFollower(context, caller, value));
      case 'DELETE /federation/followers':
        return toAnswer(await receiveFarewell(context, caller, value));
      case 'POST /federation/evidence':
        return toAnswer(await receiveDecision(context, caller, value));
      case 'GET /federation/peers':
        return { status: 200, body: JSON.stringify(await describePeers(context)) };
      default:
        return { status: 404, body: '{}' };
    }
  }

  async close(): Promise<void> {
    await this.federation.stop();
    await this.sandbox.close();
  }
}
