// A host of ActivityPub software made by hand: its actors say what a test wants, and what comes to its inboxes is kept.
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  type RequestToSign,
  type SignatureForm,
  signForeign,
} from '../../src/activitypub/http-message.ts';
import { utf8 } from '../../src/protocol/bytes.ts';
import type { JsonObject } from '../../src/protocol/json.ts';
import { ed25519ToMultibase } from '../../src/protocol/multikey.ts';
import type { Answer, HttpNode } from '../http/http-node.ts';
import { crypto, seedOf } from '../sandbox.ts';

const RSA = generateKeyPairSync('rsa', { modulusLength: 2048 });

export interface Posted {
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly activity: JsonObject & { id: string; type: string };
}

/** How a message differs from one that is right. */
export interface Twist {
  readonly form?: SignatureForm;
  readonly key?: KeyObject;
  readonly keyId?: string;
  /** Milliseconds; the node's clock unless told. */
  readonly now?: number;
  readonly sent?: Uint8Array;
  readonly headers?: Record<string, string>;
  readonly inbox?: string;
}

export class ForeignSite {
  readonly posted: Posted[] = [];
  /** Paths that were asked for. */
  readonly asked: string[] = [];
  readonly seed = seedOf('foreign site');
  /** Answers in place of the site; undefined lets it answer itself. */
  intercept: (
    request: IncomingMessage,
    response: ServerResponse,
    body: string,
  ) => boolean | Promise<boolean> = () => false;
  origin = '';
  #server = createServer((request, response) => void this.#answer(request, response));

  static async open(): Promise<ForeignSite> {
    const site = new ForeignSite();
    await new Promise<void>((done) => site.#server.listen(0, '127.0.0.1', done));
    site.origin = `http://127.0.0.1:${(site.#server.address() as AddressInfo).port}`;
    return site;
  }

  actor(name = 'eve'): string {
    return `${this.origin}/users/${name}`;
  }

  document(name = 'eve', change: JsonObject = {}): JsonObject {
    const id = this.actor(name);
    return {
      '@context': ['https://www.w3.org/ns/activitystreams', 'https://w3id.org/security/v1'],
      id,
      type: 'Person',
      inbox: `${id}/inbox`,
      endpoints: { sharedInbox: `${this.origin}/inbox` },
      publicKey: {
        id: `${id}#main-key`,
        owner: id,
        publicKeyPem: String(RSA.publicKey.export({ type: 'spki', format: 'pem' })),
      },
      assertionMethod: [
        {
          id: `${id}#proof`,
          type: 'Multikey',
          controller: id,
          publicKeyMultibase: ed25519ToMultibase(crypto.publicKeyOf(this.seed)),
        },
      ],
      ...change,
    };
  }

  follow(group: string, name = 'eve', n = 1): JsonObject {
    return {
      '@context': 'https://www.w3.org/ns/activitystreams',
      id: `${this.origin}/follows/${name}/${n}`,
      type: 'Follow',
      actor: this.actor(name),
      object: group,
    };
  }

  undo(follow: JsonObject): JsonObject {
    return { ...follow, id: `${String(follow.id)}/undo`, type: 'Undo', object: follow };
  }

  /** Posts an activity to an inbox of the node, signed as its actor unless twisted. */
  post(node: HttpNode, activity: JsonObject, twist: Twist = {}): Promise<Answer> {
    const path = twist.inbox ?? '/inbox';
    const body = utf8(JSON.stringify(activity));
    const key = twist.key ?? RSA.privateKey;
    const request: RequestToSign = {
      method: 'POST',
      url: node.origin + path,
      body,
      now: twist.now ?? node.clock.now,
      keyId: twist.keyId ?? `${String(activity.actor)}#main-key`,
      sign: (bytes) => sign('sha256', bytes, key),
    };
    const signed = signForeign(request, twist.form ?? 'draft', crypto);
    const headers = { 'content-type': 'application/activity+json', ...signed, ...twist.headers };
    return node.send(path, { method: 'POST', body: twist.sent ?? body, headers });
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((done) => this.#server.close(done));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { headers, method, url: path = '' } = request;
    const body = Buffer.concat(chunks).toString();
    if (method === 'POST') this.posted.push({ path, headers, activity: JSON.parse(body) });
    else this.asked.push(path);
    if (await this.intercept(request, response, body)) return;
    if (method === 'POST') {
      response.writeHead(202).end();
      return;
    }
    const [, name] = /^\/users\/(\w+)$/.exec(path) ?? [];
    if (name === undefined) response.writeHead(404).end();
    else this.show(response, this.document(name));
  }

  /** Answers with a document, as an actor's. */
  show(response: ServerResponse, document: JsonObject, type = 'application/activity+json'): void {
    response.writeHead(200, { 'content-type': type }).end(JSON.stringify(document));
  }
}
