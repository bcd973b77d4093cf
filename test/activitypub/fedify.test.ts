// The real Fedify follows a submolt, is told of what happens in it, and verifies what authors have signed.
import { createHash } from 'node:crypto';
import {
  Accept,
  Announce,
  Article,
  Create,
  type Delete,
  Group,
  type Link,
  Service,
} from '@fedify/fedify/vocab';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { utf8 } from '../../src/protocol/bytes.ts';
import { didKeyResolver, verifyObjectBytes } from '../../src/protocol/object.ts';
import { idOf, type ObjectName } from '../../src/protocol/object-name.ts';
import { delegation, under } from '../delegations.ts';
import { comment, group, post } from '../drafts.ts';
import { HttpNode } from '../http/http-node.ts';
import { Agent, crypto } from '../sandbox.ts';
import { type FedifyPeer, openFedifyPeer } from './fedify-peer.ts';

const ada = new Agent('ada of fedify');
let node: HttpNode;
let peer: FedifyPeer;
let submolt: ObjectName;
let url: string;

const followers = async () => {
  const headers = { accept: 'application/activity+json' };
  return (await node.send('/c/tides/followers', { headers })).json.totalItems;
};
const quiet = () => node.activitypub!.idle();

beforeAll(async () => {
  node = await HttpNode.open({ activitypub: true, name: 'fedify' });
  node.clock.now = Date.now();
  peer = await openFedifyPeer();
  submolt = await node.accept(ada, group('tides', node.context.node.did));
  url = `${node.origin}/c/tides`;
});
afterAll(async () => {
  await node.close();
  await peer.close();
});

test('finds the group by its address, with its keys, and an agent behind it', async () => {
  const found = await peer.lookUp(url);
  expect(found).toBeInstanceOf(Group);
  expect((found as Group).preferredUsername).toBe('tides');
  const agent = await peer.lookUp(`${node.origin}/u/${ada.did.slice('did:key:'.length)}`);
  expect(agent).toBeInstanceOf(Service);
});

test('follows, is accepted, and is counted', async () => {
  await peer.follow(url);
  await peer.until(() => peer.told.length === 1, 'an Accept');
  const activity = peer.told[0]!.activity as Accept;
  expect(activity).toBeInstanceOf(Accept);
  expect(activity.actorId?.href).toBe(url);
  expect(activity.objectId?.href).toBe(`${peer.origin}/follows/1`);
  await quiet();
  expect(await followers()).toBe(1);
});

test('is told of a post, reads it typed, and verifies the author from the bytes inside', async () => {
  const name = await node.accept(ada, post(submolt, 'Spring tide'));
  await peer.until(() => peer.told.length === 2, 'an Announce');
  const announce = peer.told[1]!.activity as Announce;
  expect(announce).toBeInstanceOf(Announce);
  expect(announce.actorId?.href).toBe(url);
  const create = (await announce.getObject()) as Create;
  expect(create).toBeInstanceOf(Create);
  expect(create.id?.href).toBe(`${node.origin}/a/${idOf(name)}`);
  const article = (await create.getObject()) as Article;
  expect(article).toBeInstanceOf(Article);
  expect(article.name).toBe('Spring tide');
  expect(article.attributionId?.href).toBe(create.actorId?.href);
  const content = String(create.source?.content);
  expect(createHash('sha256').update(content).digest('base64url')).toBe(idOf(name));
  const verdict = await verifyObjectBytes(utf8(content), { crypto, resolveKey: didKeyResolver });
  expect(verdict).toMatchObject({ ok: true, object: { activity: { actor: ada.did } } });
  const author = (await create.getActor()) as Service;
  expect(author.aliasIds?.map(String) ?? []).toEqual([ada.did]);
});

test('is told of comments, edits, moderation and deletions, in their order, and of no votes', async () => {
  const before = peer.told.length;
  const name = await node.accept(ada, post(submolt, 'Neap tide'));
  const reply = await node.accept(ada, comment(submolt, name, 'less'));
  const bob = new Agent('bob of fedify');
  await node.accept(bob, { type: 'Like', audience: submolt, object: name });
  await node.accept(ada, {
    type: 'Update',
    audience: submolt,
    target: name,
    object: { type: 'Article', name: 'Neap tide!', content: 'more', mediaType: 'text/plain' },
  });
  await quiet();
  const locked = 'https://w3id.org/exuvia/label#locked';
  await node.accept(ada, { type: 'Add', audience: submolt, object: name, target: locked });
  await node.accept(ada, { type: 'Delete', audience: submolt, object: reply });
  await peer.until(() => peer.told.length === before + 5, 'five announcements');
  await quiet();
  const told = peer.told.slice(before).map(({ activity }) => activity as Announce);
  const types = [];
  for (const announce of told) types.push((await announce.getObject())?.constructor.name);
  expect(types).toEqual(['Create', 'Create', 'Update', expect.any(String), 'Delete']);
  const deletion = (await told[4]!.getObject()) as Delete;
  expect(deletion.objectId?.href).toBe(`${node.origin}/o/${idOf(reply)}`);
  expect(peer.answered.every((status) => status === 202)).toBe(true);
});

test('reads a link and what a delegate wrote, through a removal and back', async () => {
  const before = peer.told.length;
  const link = await node.accept(ada, {
    type: 'Create',
    audience: submolt,
    object: { type: 'Article', name: 'A link', url: 'https://tides.example/?a=1', sensitive: true },
  });
  const bob = new Agent('bob of fedify');
  const given = await node.accept(ada, delegation(bob.did));
  const written = await node.accept(bob, under(given, post(submolt, 'By a delegate')));
  await quiet();
  const gesture = { audience: submolt, object: link } as const;
  const removal = { ...gesture, origin: submolt, summary: 'off topic' } as const;
  await node.accept(ada, { type: 'Remove', ...removal });
  await node.accept(ada, { type: 'Add', ...gesture, target: submolt });
  await peer.until(() => peer.told.length === before + 4, 'four announcements');
  await quiet();
  const told = peer.told.slice(before).map(({ activity }) => activity as Announce);
  const acts = [];
  for (const announce of told) acts.push(await announce.getObject());
  const types = acts.map((act) => act?.constructor.name);
  expect(types).toEqual(['Create', 'Create', 'Delete', 'Undo']);
  const author = `${node.origin}/u/${ada.did.slice('did:key:'.length)}`;
  const create = acts[1] as Create;
  expect(create.id?.href).toBe(`${node.origin}/a/${idOf(written)}`);
  expect(((await create.getObject()) as Article).attributionId?.href).toBe(author);
  expect(String(create.source?.content)).toContain(bob.did);
  const now = (await peer.lookUp(`${node.origin}/o/${idOf(link)}`)) as Article;
  const links: (string | undefined)[] = [];
  for await (const attached of now.getAttachments()) links.push((attached as Link).href?.href);
  expect(links).toEqual(['https://tides.example/?a=1']);
  expect(peer.answered.every((status) => status === 202)).toBe(true);
});

test('is told nothing of what is gone before anybody could be told', async () => {
  const before = peer.posted.length;
  peer.intercept = (_, response) => {
    response.writeHead(503, { 'retry-after': '30' }).end();
    return true;
  };
  const name = await node.accept(ada, post(submolt, 'MARKER secret'));
  await peer.until(() => peer.posted.length > before, 'a first try');
  await quiet();
  await node.accept(ada, { type: 'Delete', audience: submolt, object: name });
  const tried = peer.posted.length;
  peer.intercept = () => false;
  const told = peer.told.length;
  await quiet();
  expect(peer.posted.length).toBe(tried);
  node.clock.now += 31_000;
  node.activitypub!.poke();
  await peer.until(() => peer.told.length > told, 'the deletion');
  await quiet();
  expect(peer.posted.slice(tried).join()).not.toContain('MARKER');
  expect(peer.told.length).toBe(told + 1);
  node.clock.now = Date.now();
});

test('its replies are refused in words that say what to do, and leave nothing', async () => {
  const { json } = await node.send('/c/tides/outbox?page=first', {
    headers: { accept: 'application/activity+json' },
  });
  const [{ object }] = json.orderedItems as [{ object: { object: { id: string } } }];
  const checkpoint = async () => (await node.send(`/log/${idOf(submolt)}/checkpoint`)).text;
  const before = await checkpoint();
  await expect(peer.reply(object.object.id, url)).rejects.toThrow(/422/);
  expect(await checkpoint()).toBe(before);
  const metrics = (await node.send('/metrics')).text;
  expect(metrics).toMatch(/activitypub_received_total\{outcome="refused"\} [1-9]/);
});

test('follows again and leaves', async () => {
  const before = peer.told.length;
  node.clock.now += 1_000;
  await peer.follow(url);
  // With an id that it has used before, a moment later: the Accept is a new one, or it would be passed over.
  await peer.until(() => peer.told.length > before, 'another Accept');
  await quiet();
  await peer.unfollow(url);
  await peer.until(async () => (await followers()) === 0, 'no followers');
  const told = peer.posted.length;
  await node.accept(ada, post(submolt, 'Unheard'));
  await quiet();
  expect(peer.posted.length).toBe(told);
  expect(node.failures).toEqual([]);
});
