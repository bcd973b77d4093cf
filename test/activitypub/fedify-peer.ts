// A server made of the real Fedify with its default loaders, as a peer on loopback: one user, who follows and is told.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createFederation, generateCryptoKeyPair, MemoryKvStore } from '@fedify/fedify';
import {
  Accept,
  type Activity,
  Announce,
  Create,
  Endpoints,
  Follow,
  Note,
  Person,
  PUBLIC_COLLECTION,
  Reject,
  Undo,
} from '@fedify/fedify/vocab';

/** What a listener was given, and the JSON that came. */
interface Told {
  readonly activity: Activity;
  readonly id: string;
}

export interface FedifyPeer {
  readonly origin: string;
  readonly actor: string;
  /** In the order of the listeners' calls. */
  readonly told: Told[];
  /** Statuses of all requests that came to inboxes. */
  readonly answered: number[];
  /** Requests to inboxes, with their bodies, as they came. */
  readonly posted: string[];
  /** What to do with a request before Fedify gets it; gives true if it has been answered. */
  intercept: (request: IncomingMessage, response: ServerResponse) => boolean | Promise<boolean>;
  follow(group: string, id?: string): Promise<void>;
  unfollow(group: string, id?: string): Promise<void>;
  /** Replies to the object at that address, to its author, its group and the public. */
  reply(to: string, group: string): Promise<void>;
  /** Waits until the condition holds. */
  until(holds: () => boolean | Promise<boolean>, what: string): Promise<void>;
  lookUp: ReturnType<ReturnType<typeof createFederation>['createContext']>['lookupObject'];
  close(): Promise<void>;
}

const NAME = 'alice';

export async function openFedifyPeer(): Promise<FedifyPeer> {
  const told: Told[] = [];
  const answered: number[] = [];
  const posted: string[] = [];
  const rsa = await generateCryptoKeyPair('RSASSA-PKCS1-v1_5');
  const ed25519 = await generateCryptoKeyPair('Ed25519');
  const federation = createFederation<void>({
    kv: new MemoryKvStore(),
    allowPrivateAddress: true,
  });
  federation
    .setActorDispatcher('/users/{identifier}', async (context, identifier) => {
      if (identifier !== NAME) return null;
      const keys = await context.getActorKeyPairs(identifier);
      return new Person({
        id: context.getActorUri(identifier),
        preferredUsername: identifier,
        inbox: context.getInboxUri(identifier),
        endpoints: new Endpoints({ sharedInbox: context.getInboxUri() }),
        publicKeys: keys.map(({ cryptographicKey }) => cryptographicKey),
        assertionMethods: keys.map(({ multikey }) => multikey),
      });
    })
    .setKeyPairsDispatcher(() => [rsa, ed25519]);
  const listen = (_: unknown, activity: Activity) => {
    told.push({ activity, id: activity.id?.href ?? '' });
  };
  federation
    .setInboxListeners('/users/{identifier}/inbox', '/inbox')
    .on(Accept, listen)
    .on(Reject, listen)
    .on(Announce, listen);

  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const isInbox = request.method === 'POST';
    if (isInbox) posted.push(body.toString());
    if (await peer.intercept(request, response)) return;
    const headers = new Headers();
    for (const [name, value] of Object.entries(request.headers)) headers.set(name, String(value));
    const answer = await federation.fetch(
      new Request(peer.origin + request.url, {
        method: request.method ?? 'GET',
        headers,
        ...(isInbox ? { body } : {}),
      }),
      { contextData: undefined },
    );
    if (isInbox) answered.push(answer.status);
    response.writeHead(answer.status, Object.fromEntries(answer.headers));
    response.end(Buffer.from(await answer.arrayBuffer()));
  };
  const server = createServer((request, response) => void serve(request, response));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const context = federation.createContext(new URL(origin), undefined);
  const actor = context.getActorUri(NAME);
  const followId = (id: string) => new URL(`${origin}/follows/${id}`);
  const send = (group: URL, activity: Activity) => {
    const recipient = { id: group, inboxId: new URL(`${group.href}/inbox`) };
    return context.sendActivity({ identifier: NAME }, recipient, activity);
  };

  const peer: FedifyPeer = {
    ...{ origin, told, answered, posted, actor: actor.href },
    intercept: () => false,
    lookUp: context.lookupObject.bind(context),
    async follow(group, id = '1') {
      const object = new URL(group);
      await send(object, new Follow({ id: followId(id), actor, object, to: object }));
    },
    async unfollow(group, id = '1') {
      const to = new URL(group);
      const object = new Follow({ id: followId(id), actor, object: to });
      await send(to, new Undo({ id: followId(`${id}/undo`), actor, object, to }));
    },
    async reply(to, group) {
      const note = new Note({
        id: new URL(`${origin}/notes/1`),
        attribution: actor,
        content: '<p>reply</p>',
        replyTarget: new URL(to),
        to: PUBLIC_COLLECTION,
        cc: new URL(group),
      });
      const create = new Create({
        id: new URL(`${origin}/creates/1`),
        actor,
        object: note,
        to: PUBLIC_COLLECTION,
        cc: new URL(group),
      });
      await send(new URL(group), create);
    },
    async until(holds, what) {
      const end = Date.now() + 20_000;
      while (!(await holds())) {
        if (Date.now() > end) throw new Error(`never: ${what}`);
        await new Promise((next) => setTimeout(next, 10));
      }
    },
    async close() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
  return peer;
}
