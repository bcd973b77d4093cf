// What ActivityPub software reads of a node: views, collections, and what is gone.
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fromBase58btc } from '../../src/protocol/base58.ts';
import { utf8 } from '../../src/protocol/bytes.ts';
import type { JsonObject } from '../../src/protocol/json.ts';
import { didKeyResolver, verifyObjectBytes } from '../../src/protocol/object.ts';
import { idOf, type ObjectName } from '../../src/protocol/object-name.ts';
import { verifyProof } from '../../src/protocol/proof.ts';
import { toNQuads } from '../../src/protocol/rdf.ts';
import { contextFile } from '../contexts.ts';
import { comment, group } from '../drafts.ts';
import { HttpNode } from '../http/http-node.ts';
import { Agent, crypto } from '../sandbox.ts';

const ACCEPT = { accept: 'application/activity+json' };
const ada = new Agent('ada of views');
const bob = new Agent('bob of views');
let node: HttpNode;
let submolt: ObjectName;
let thread: ObjectName;
let reply: ObjectName;

const read = async (path: string, accept = ACCEPT.accept) =>
  node.send(path, { headers: { accept } });
const document = async (path: string) => (await read(path)).json as JsonObject;
const article = (name: string, content: string) => ({ type: 'Article', name, content }) as const;

beforeAll(async () => {
  node = await HttpNode.open({ activitypub: true, name: 'views' });
  submolt = await node.accept(ada, group('tides', node.context.node.did));
  const words =
    'On **tides**, [here](/m/tides).\n\n<script>alert(1)</script> ![x](https://x.example/a.png)';
  thread = await node.accept(ada, {
    type: 'Create',
    audience: submolt,
    object: { ...article('Spring tide', words), mediaType: 'text/markdown' },
  });
  reply = await node.accept(bob, comment(submolt, thread, 'Five metres\nor more <b>'));
});
afterAll(() => node.close());

/** Where a path of the node stands in a document. */
const at = (path: string) => node.origin + path;

describe('views', () => {
  const load = (iri: string): JsonObject | null => {
    const file = {
      'https://www.w3.org/ns/activitystreams': 'www.w3.org_ns_activitystreams.jsonld',
      'https://w3id.org/security/data-integrity/v1': 'w3id.org_security_data_integrity_v1.jsonld',
    }[iri];
    return file === undefined ? null : JSON.parse(contextFile(file));
  };

  test('a post carries the signed bytes, whose hash is its address and whose proof is its author’s', async () => {
    const view = await document(`/a/${idOf(thread)}`);
    const { content, mediaType } = view.source as { content: string; mediaType: string };
    expect(mediaType).toBe('application/ld+json');
    expect(createHash('sha256').update(content).digest('base64url')).toBe(idOf(thread));
    const verdict = await verifyObjectBytes(utf8(content), { crypto, resolveKey: didKeyResolver });
    expect(verdict).toMatchObject({ ok: true, object: { activity: { actor: ada.did } } });
    expect(view).toMatchObject({
      id: at(`/a/${idOf(thread)}`),
      type: 'Create',
      object: { id: at(`/o/${idOf(thread)}`), type: 'Article', name: 'Spring tide' },
      audience: at('/c/tides'),
    });
    expect((view.object as JsonObject).attributedTo).toBe(view.actor);
  });

  test('no view but the bytes names a context of ours, and all contexts are known everywhere', async () => {
    const { source, ...view } = await document(`/a/${idOf(thread)}`);
    expect(source).toBeDefined();
    expect(JSON.stringify(view)).not.toContain('w3id.org/exuvia');
    const quads = await toNQuads(await document(`/c/tides/announces/${idOf(thread)}`), load);
    expect(quads).toContain(`<${at(`/o/${idOf(thread)}`)}>`);
  });

  test('words come as the pages show them', async () => {
    const { content } = await document(`/o/${idOf(thread)}`);
    expect(content).toContain('<strong>tides</strong>');
    expect(content).toContain(`href="${at('/m/tides')}"`);
    expect(content).toContain('&lt;script&gt;');
    expect(content).not.toContain('<img');
    const note = await document(`/o/${idOf(reply)}`);
    expect(note).toMatchObject({
      type: 'Note',
      inReplyTo: at(`/o/${idOf(thread)}`),
      context: at(`/o/${idOf(thread)}`),
      content: '<p class="plain">Five metres<br>or more &lt;b&gt;</p>',
    });
  });

  test('an edit has a view of its own, and the post has its words', async () => {
    const post = await node.accept(ada, {
      type: 'Create',
      audience: submolt,
      object: { ...article('Draft', 'first'), mediaType: 'text/plain' },
    });
    const edit = await node.accept(ada, {
      type: 'Update',
      audience: submolt,
      target: post,
      object: { ...article('Fair copy', 'second'), mediaType: 'text/plain' },
    });
    expect(await document(`/o/${idOf(post)}`)).toMatchObject({ name: 'Fair copy' });
    expect(await document(`/a/${idOf(edit)}`)).toMatchObject({
      type: 'Update',
      object: { id: at(`/o/${idOf(post)}`), name: 'Fair copy', updated: expect.anything() },
    });
    expect(await document(`/a/${idOf(post)}`)).toMatchObject({ object: { name: 'Draft' } });
  });

  test('what moderators take out is gone until they put it back; what authors delete, for good', async () => {
    const post = await node.accept(bob, {
      type: 'Create',
      audience: submolt,
      object: { ...article('MARKER title', 'MARKER text'), mediaType: 'text/plain' },
    });
    const paths = [`/o/${idOf(post)}`, `/a/${idOf(post)}`, `/c/tides/announces/${idOf(post)}`];
    const statuses = async () => Promise.all(paths.map(async (path) => (await read(path)).status));
    const texts = async () =>
      (await Promise.all([...paths, '/c/tides/outbox?page=first'].map((path) => read(path)))).map(
        ({ text }) => text,
      );
    const removal = await node.accept(ada, {
      type: 'Remove',
      audience: submolt,
      object: post,
      origin: submolt,
      summary: 'off topic',
    });
    expect(await statuses()).toEqual([410, 410, 410]);
    expect((await texts()).join()).not.toContain('MARKER');
    expect(await document(`/a/${idOf(removal)}`)).toMatchObject({
      type: 'Delete',
      summary: 'off topic',
      object: { type: 'Tombstone', id: at(`/o/${idOf(post)}`), formerType: 'Article' },
    });
    const back = await node.accept(ada, {
      type: 'Add',
      audience: submolt,
      object: post,
      target: submolt,
    });
    expect(await document(`/a/${idOf(back)}`)).toMatchObject({
      type: 'Undo',
      object: { type: 'Delete' },
    });
    expect(await statuses()).toEqual([200, 200, 200]);
    const deletion = await node.accept(bob, { type: 'Delete', audience: submolt, object: post });
    expect(await statuses()).toEqual([410, 410, 410]);
    expect((await texts()).join()).not.toContain('MARKER');
    expect((await read(`/a/${idOf(post)}`)).json).toMatchObject({ type: 'Tombstone' });
    expect(await document(`/a/${idOf(deletion)}`)).toMatchObject({ type: 'Delete' });
  });

  test('locks, pins, moderators and bans have the words forums have for them; votes have no view', async () => {
    const act = async (draft: Parameters<HttpNode['accept']>[1], agent = ada) =>
      document(`/a/${idOf(await node.accept(agent, draft))}`);
    const label = 'https://w3id.org/exuvia/label#';
    const audience = submolt;
    const url = at(`/o/${idOf(thread)}`);
    const on = { audience, object: thread };
    expect(await act({ type: 'Add', ...on, target: `${label}locked` })).toMatchObject({
      type: 'Lock',
      object: url,
    });
    expect(await act({ type: 'Remove', ...on, target: `${label}locked` })).toMatchObject({
      type: 'Undo',
      object: { type: 'Lock', object: url },
    });
    expect(await act({ type: 'Add', ...on, target: `${label}featured` })).toMatchObject({
      type: 'Add',
      target: at('/c/tides/featured'),
    });
    expect((await document('/c/tides/featured')).orderedItems).toEqual([url]);
    const carol = new Agent('carol of views');
    const role = { audience, object: carol.did, target: `${label}moderators` } as const;
    expect(await act({ type: 'Add', ...role })).toMatchObject({
      type: 'Add',
      target: at('/c/tides/moderators'),
    });
    const moderators = (await document('/c/tides/moderators')).orderedItems;
    expect(moderators).toEqual(
      [ada, carol].map(({ did }) => at(`/u/${did.slice('did:key:'.length)}`)),
    );
    const dave = new Agent('dave of views');
    const block = await node.accept(ada, {
      type: 'Block',
      audience,
      object: dave.did,
      target: audience,
    });
    expect(await document(`/a/${idOf(block)}`)).toMatchObject({
      type: 'Block',
      target: at('/c/tides'),
    });
    expect(await act({ type: 'Undo', audience, object: block })).toMatchObject({
      type: 'Undo',
      object: { type: 'Block', id: at(`/a/${idOf(block)}`) },
    });
    const vote = await node.accept(bob, { type: 'Like', audience, object: thread });
    expect((await read(`/a/${idOf(vote)}`)).status).toBe(404);
  });

  test('an announce names the group, and is proven by its key when it is sent', async () => {
    const { announceOf, proven } = await import('../../src/activitypub/announce.ts');
    const { createActorKeys } = await import('../../src/activitypub/actor-keys.ts');
    const { generateKeyPairSync } = await import('node:crypto');
    const { privateKey: rsa } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const keys = createActorKeys({ seed: ada.seed, rsa }, crypto);
    const act = { slug: 'tides', index: 1, t: 0, name: thread, signed: null };
    const announce = announceOf({ origin: node.origin }, act, { id: 'x' });
    const signed = proven({ crypto, keys, now: Date.now }, announce as never);
    const multikey = String((signed.proof as JsonObject).verificationMethod).split('#')[1]!;
    const key = fromBase58btc(multikey.slice(1))!.slice(2);
    expect(await verifyProof(signed, key, crypto)).toMatchObject({ ok: true });
  });
});

describe('collections', () => {
  test('an outbox turns page by page to its end', async () => {
    const many = await node.accept(ada, group('many', node.context.node.did));
    for (let i = 0; i < 23; i++) {
      await node.accept(ada, {
        type: 'Create',
        audience: many,
        object: {
          ...article(`Post ${i}`, 'x'.repeat(i === 5 ? 40_000 : 1)),
          mediaType: 'text/plain',
        },
      });
    }
    const outbox = await document('/c/many/outbox');
    expect(outbox).toMatchObject({ type: 'OrderedCollection', totalItems: 23 });
    const names: unknown[] = [];
    for (let next = outbox.first as string | undefined; next; ) {
      const page = await document(next.slice(node.origin.length));
      expect(page).toMatchObject({ id: next, partOf: at('/c/many/outbox') });
      for (const item of page.orderedItems as JsonObject[]) {
        names.push(((item.object as JsonObject).object as JsonObject).name);
      }
      next = page.next as string | undefined;
    }
    expect(names).toEqual(Array.from({ length: 23 }, (_, i) => `Post ${22 - i}`));
    expect((await read('/c/many/outbox?page=nonsense')).status).toBe(400);
    const own = await document(`/u/${ada.did}/outbox?page=first`);
    expect((own.orderedItems as JsonObject[])[0]).toMatchObject({ type: 'Create' });
  });

  test('who follows is counted and not named', async () => {
    expect(await document('/c/tides/followers')).toEqual({
      '@context': expect.anything(),
      id: at('/c/tides/followers'),
      type: 'OrderedCollection',
      totalItems: 0,
    });
  });
});

describe('strange addresses', () => {
  test.each([
    ['/c/none', 404],
    ['/c/..%2f', 400],
    ['/o/short', 400],
    [`/o/${'A'.repeat(43)}`, 404],
    [`/a/${'A'.repeat(43)}`, 404],
    ['/c/none/outbox', 404],
    ['/u/nobody/outbox', 400],
  ])('%s is %i', async (path, status) => {
    expect((await read(path)).status).toBe(status);
  });

  test('where it is off, nothing is there', async () => {
    const off = await HttpNode.open({ name: 'off' });
    try {
      for (const path of ['/c/x', '/.well-known/webfinger?resource=acct:x@y', '/nodeinfo/2.1']) {
        expect((await off.send(path, { headers: ACCEPT })).status).toBe(404);
      }
    } finally {
      await off.close();
    }
  });
});
