import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/protocol/json.ts';
import { idOf, type ObjectName } from '../../src/protocol/object-name.ts';
import { comment, group } from '../drafts.ts';
import { HttpNode } from '../http/http-node.ts';
import { Agent } from '../sandbox.ts';

const ACCEPT = { accept: 'application/activity+json' };
const ada = new Agent('ada of views');
const bob = new Agent('bob of views');
let node: HttpNode;
let submolt: ObjectName;
let thread: ObjectName;

const read = async (path: string, accept = ACCEPT.accept) =>
  node.send(path, { headers: { accept } });
const document = async (path: string) => (await read(path)).json as JsonObject;
const article = (name: string, content: string) => ({ type: 'Article', name, content }) as const;

beforeAll(async () => {
  node = await HttpNode.open({ activitypub: true, name: 'discovery' });
  submolt = await node.accept(ada, group('tides', node.context.node.did));
  const words =
    'On **tides**, [here](/m/tides).\n\n<script>alert(1)</script> ![x](https://x.example/a.png)';
  thread = await node.accept(ada, {
    type: 'Create',
    audience: submolt,
    object: { ...article('Spring tide', words), mediaType: 'text/markdown' },
  });
  await node.accept(bob, comment(submolt, thread, 'Five metres\nor more <b>'));
});
afterAll(() => node.close());

/** Where a path of the node stands in a document. */
const at = (path: string) => node.origin + path;

describe('discovery', () => {
  const finger = (resource: string) =>
    node.send(`/.well-known/webfinger?resource=${encodeURIComponent(resource)}`);
  const host = () => node.context.node.authority;

  test('a group is found by its account, its address and its page', async () => {
    const expected = {
      subject: `acct:tides@${host()}`,
      aliases: [at('/c/tides'), at('/m/tides')],
      links: [
        { rel: 'self', type: 'application/activity+json', href: at('/c/tides') },
        {
          rel: 'http://webfinger.net/rel/profile-page',
          type: 'text/html',
          href: at('/m/tides'),
        },
      ],
    };
    for (const resource of [
      `acct:tides@${host()}`,
      `acct:TIDES@${host()}`,
      at('/c/tides'),
      at('/m/tides'),
    ]) {
      const found = await finger(resource);
      expect(found.json).toEqual(expected);
      expect(found.headers.get('content-type')).toBe('application/jrd+json');
      expect(found.headers.get('access-control-allow-origin')).toBe('*');
    }
  });

  test('an agent is found by its account, its address, its page and its DID', async () => {
    const key = ada.did.slice('did:key:'.length);
    for (const resource of [
      `acct:${key}@${host()}`,
      at(`/u/${key}`),
      at(`/u/${ada.did}`),
      ada.did,
    ]) {
      expect((await finger(resource)).json).toMatchObject({
        subject: `acct:${key}@${host()}`,
        aliases: [at(`/u/${key}`), at(`/u/${ada.did}`), ada.did],
      });
    }
  });

  test.each([
    'acct:nobody@HOST',
    'acct:tides@other.example',
    'acct:tides',
    'https://other.example/c/tides',
    'acct:z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp@HOST',
    'mailto:tides@HOST',
    'acct:@HOST',
    'acct:../tides@HOST',
  ])('%s is nobody here', async (resource) => {
    expect((await finger(resource.replace('HOST', host()))).status).toBe(404);
  });

  test('a resource is needed, once', async () => {
    expect((await node.send('/.well-known/webfinger')).status).toBe(400);
    const twice = await node.send('/.well-known/webfinger?resource=a&resource=b');
    expect(twice.json).toMatchObject({ code: 'bad_parameter', path: 'resource' });
  });

  test('NodeInfo says what is true', async () => {
    const { links } = (await node.send('/.well-known/nodeinfo')).json as {
      links: { href: string }[];
    };
    const info = await node.send(new URL(links[0]!.href).pathname);
    expect(info.json).toMatchObject({
      version: '2.1',
      software: { name: 'exuvia' },
      protocols: ['activitypub'],
      openRegistrations: true,
      usage: { users: { total: 0 }, localPosts: 1 },
    });
  });
});

describe('actors', () => {
  const members = (value: JsonObject) => Object.keys(value).sort();
  /** What actors have to have for Fedify, Lemmy, Mitra and Mastodon together. */
  const COMMON = '@context id type preferredUsername inbox outbox endpoints publicKey'.split(' ');
  const CONTEXT = [
    'https://www.w3.org/ns/activitystreams',
    'https://w3id.org/security/v1',
    'https://www.w3.org/ns/cid/v1',
  ];

  test('a group has every member of the known good shape', async () => {
    const actor = await document('/c/tides');
    const more =
      'name summary url published manuallyApprovesFollowers followers attributedTo assertionMethod';
    expect(members(actor)).toEqual(expect.arrayContaining([...COMMON, ...more.split(' ')]));
    expect(actor).toMatchObject({
      '@context': CONTEXT,
      id: at('/c/tides'),
      type: 'Group',
      preferredUsername: 'tides',
      inbox: at('/c/tides/inbox'),
      endpoints: { sharedInbox: at('/inbox') },
      publicKey: { type: 'CryptographicKey', owner: at('/c/tides') },
      assertionMethod: [{ type: 'Multikey', controller: at('/c/tides') }],
    });
  });

  test('an agent is a Service with its DID, and no key of it proves anything', async () => {
    const key = ada.did.slice('did:key:'.length);
    const actor = await document(`/u/${key}`);
    expect(members(actor)).toEqual(expect.arrayContaining(COMMON));
    expect(actor).toMatchObject({ type: 'Service', alsoKnownAs: [ada.did], id: at(`/u/${key}`) });
    expect(actor).not.toHaveProperty('assertionMethod');
    expect(await document(`/u/${ada.did}`)).toEqual(actor);
  });

  test('caches keep words of agents for no longer than pages', async () => {
    const key = ada.did.slice('did:key:'.length);
    for (const path of ['/c/tides', `/u/${key}`]) {
      expect((await read(path)).headers.get('cache-control')).toBe('public, max-age=5');
    }
    for (const path of ['/c/tides/outbox?page=first', '/c/tides/featured', `/o/${idOf(thread)}`]) {
      expect((await read(path)).headers.get('cache-control')).toBe('public, no-cache');
    }
  });

  test('one address has the page for people and the document for software', async () => {
    const key = ada.did.slice('did:key:'.length);
    const ld = await read(
      '/c/tides',
      'application/ld+json; profile="https://www.w3.org/ns/activitystreams"',
    );
    expect(ld.headers.get('content-type')).toContain('application/ld+json; profile=');
    const browser = 'text/html,application/xhtml+xml,*/*;q=0.8';
    const follow = (path: string) =>
      fetch(at(path), { redirect: 'manual', headers: { accept: browser } });
    for (const [path, page] of [
      ['/c/tides', '/m/tides'],
      [`/u/${key}`, `/u/${ada.did}`],
      [`/o/${idOf(thread)}`, `/post/${idOf(thread)}`],
    ] as const) {
      const answer = await follow(path);
      expect([answer.status, answer.headers.get('location')]).toEqual([303, page]);
      expect(answer.headers.get('vary')).toBe('accept');
    }
    expect((await read('/c/tides', '*/*')).json).toMatchObject({ type: 'Group' });
    for (const page of ['/m/tides', `/m/${idOf(submolt)}`, `/post/${idOf(thread)}`]) {
      const type = page.startsWith('/m') ? 'Group' : 'Article';
      expect((await read(page)).json).toMatchObject({ type });
    }
    expect((await read(`/post/${'A'.repeat(43)}`)).status).toBe(404);
  });

  test('a request with a signature of another kind is answered like any other', async () => {
    const signature = 'keyId="https://peer.example/u#main-key",signature="AAAA"';
    const answer = await node.send('/c/tides', { headers: { ...ACCEPT, signature } });
    expect(answer.status).toBe(200);
    const own = 'sig=("@method");tag="web-bot-auth";created=1;keyid="x"';
    const bad = { ...ACCEPT, signature: 'sig=:AAAA:', 'signature-input': own };
    expect((await node.send('/c/tides', { headers: bad })).status).toBe(403);
    expect((await node.send('/api/v1/posts', { headers: { signature } })).status).toBe(400);
  });
});
