// How followers are told: once each, in order, by the signatures they take, through trouble of every kind.
import type { ServerResponse } from 'node:http';
import { getDocumentLoader } from '@fedify/fedify/runtime';
import { verifyProof, verifyRequest } from '@fedify/fedify/sig';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { reasonOf } from '../../src/protocol/erasure-grounds.ts';
import { idOf, type ObjectName } from '../../src/protocol/object-name.ts';
import { group, post } from '../drafts.ts';
import { dumpDatabase } from '../http/database-dump.ts';
import { HttpNode } from '../http/http-node.ts';
import { Agent, identityOf } from '../sandbox.ts';
import { ForeignSite } from './foreign-site.ts';

const ada = new Agent('ada of deliveries');
let node: HttpNode;
let sites: ForeignSite[];
let submolt: ObjectName;
let url: string;
let n = 0;

beforeAll(async () => {
  node = await HttpNode.open({ activitypub: true, federated: true, name: 'deliveries' });
  node.clock.now = Date.now();
  submolt = await node.accept(ada, group('tides', node.context.node.did));
  url = `${node.origin}/c/tides`;
});
afterAll(async () => {
  await Promise.all(sites.map((site) => site.close()));
  await node.close();
});
beforeEach(async () => {
  for (const site of sites ?? []) {
    await operate({ host: new URL(site.origin).host, denied: true });
    await operate({ host: new URL(site.origin).host, denied: false });
    await site.close();
  }
  sites = [await ForeignSite.open(), await ForeignSite.open()];
});

const operate = (decision: object) =>
  node.ask(node.context.node, '/federation/activitypub', {
    method: 'POST',
    body: JSON.stringify(decision),
    headers: { 'content-type': 'application/json' },
  });
const state = async () => (await node.ask(node.context.node, '/federation/activitypub')).json;
const say = () => node.accept(ada, post(submolt, `Post ${n++}`));
const announceOf = (name: ObjectName) => `${url}/announces/${idOf(name)}`;
const idle = () => node.activitypub!.idle();
/** Waits until the site has been told so much; what a test waits for has always an end. */
const told = async (site: ForeignSite, count: number) => {
  const end = Date.now() + 10_000;
  while (announcements(site).length < count) {
    if (Date.now() > end) throw new Error(`${announcements(site).length} of ${count}`);
    await new Promise((next) => setTimeout(next, 10));
  }
  await idle();
};
const announcements = (site: ForeignSite) =>
  site.posted
    .filter(({ activity }) => activity.type === 'Announce')
    .map(({ activity }) => activity.id);
async function follow(site: ForeignSite, ...names: string[]): Promise<void> {
  for (const name of names) {
    expect((await site.post(node, site.follow(url, name, n++))).status).toBe(202);
    await idle();
  }
}
/** Answers inboxes with these statuses in turn, then as usual. */
function answering(site: ForeignSite, ...statuses: [number, Record<string, string>?][]): void {
  site.intercept = (request, response) => {
    const next = request.method === 'POST' ? statuses.shift() : undefined;
    if (next !== undefined) response.writeHead(next[0], next[1] ?? {}).end();
    return next !== undefined;
  };
}

/** The site says what software it runs. */
function says(site: ForeignSite, name: string): void {
  site.intercept = (request, response) => {
    const { method, url: path = '' } = request;
    if (method !== 'GET' || !path.includes('nodeinfo')) return false;
    const href = `${site.origin}/nodeinfo/2.0`;
    const info = path.startsWith('/.well-known')
      ? { links: [{ rel: 'x', href }] }
      : { software: { name } };
    site.show(response, info);
    return true;
  };
}

test('one delivery for each inbox, however many follow there', async () => {
  const [site, other] = sites as [ForeignSite, ForeignSite];
  await follow(site, 'eve', 'mallory', 'oscar');
  await follow(other, 'eve');
  const name = await say();
  await told(site, 1);
  await told(other, 1);
  for (const each of [site, other]) {
    expect(announcements(each)).toEqual([announceOf(name)]);
    expect(each.posted.at(-1)!.path).toBe('/inbox');
  }
});

test.each(['draft', 'standard'] as const)(
  'an independent reader verifies the request by %s, and the proof',
  async (form) => {
    const [site] = sites as [ForeignSite];
    await follow(site, 'eve');
    // 401 means: in the other way.
    if (form === 'standard') answering(site, [401]);
    await say();
    await told(site, form === 'standard' ? 2 : 1);
    const { activity, headers, path } = site.posted.at(-1)!;
    expect('signature-input' in headers).toBe(form === 'standard');
    const fields = new Headers();
    for (const [name, value] of Object.entries(headers)) fields.set(name, String(value));
    const body = JSON.stringify(activity);
    const request = new Request(site.origin + path, { method: 'POST', headers: fields, body });
    const loader = getDocumentLoader({ allowPrivateAddress: true });
    const options = { documentLoader: loader, contextLoader: loader };
    expect(await verifyRequest(request, options)).not.toBeNull();
    const forged = new Request(site.origin + path, {
      method: 'POST',
      headers: fields,
      body: `${body} `,
    });
    expect(await verifyRequest(forged, options)).toBeNull();
    const { DataIntegrityProof } = await import('@fedify/fedify/vocab');
    const proof = await DataIntegrityProof.fromJsonLd(activity.proof, options);
    expect(await verifyProof(activity, proof, options)).not.toBeNull();
  },
);

describe('trouble', () => {
  test('what cannot be told now is told later, at the time that the peer says, in order', async () => {
    const [site] = sites as [ForeignSite];
    await follow(site, 'eve');
    answering(site, [429, { 'retry-after': '120' }], [500]);
    const names = [await say(), await say()];
    await told(site, 1);
    expect((await state()).inboxes).toMatchObject([{ failures: 1 }]);
    node.clock.now += 60_000;
    node.activitypub!.poke();
    await idle();
    expect(announcements(site)).toHaveLength(1);
    node.clock.now += 61_000;
    node.activitypub!.poke();
    await told(site, 2);
    // The 500 of the second try.
    expect((await state()).inboxes).toMatchObject([{ failures: 2 }]);
    node.clock.now += 10_000;
    node.activitypub!.poke();
    await told(site, 4);
    const [first, second] = names.map(announceOf);
    expect(announcements(site)).toEqual([first, first, first, second]);
    expect((await state()).inboxes).toMatchObject([{ failures: 0, error: null }]);
  });

  test('what is refused for good is put aside, and what comes after it is told', async () => {
    const [site] = sites as [ForeignSite];
    await follow(site, 'eve');
    answering(site, [422]);
    await say();
    const next = await say();
    await told(site, 2);
    expect(announcements(site).at(-1)).toBe(announceOf(next));
    const { dead_letters: letters } = (await node.ask(node.context.node, '/federation/peers')).json;
    expect(letters).toMatchObject([{ code: 'activity_refused', peer: null, evidence: null }]);
  });

  test('an inbox that is gone is told nothing more', async () => {
    const [site] = sites as [ForeignSite];
    await follow(site, 'eve', 'oscar');
    answering(site, [410]);
    await say();
    await told(site, 1);
    await say();
    await idle();
    expect(announcements(site)).toHaveLength(1);
    expect(await state()).toMatchObject({ inboxes: [], followers: [] });
  });

  test('after a week of silence there is nobody to tell', async () => {
    const [site] = sites as [ForeignSite];
    await follow(site, 'eve');
    site.intercept = (request, response) => {
      if (request.method === 'POST') response.destroy();
      return request.method === 'POST';
    };
    await say();
    await told(site, 1);
    expect((await state()).inboxes).toMatchObject([{ failures: 1 }]);
    node.clock.now += 8 * 86_400_000;
    node.activitypub!.poke();
    await told(site, 2);
    expect(await state()).toMatchObject({ inboxes: [] });
  });

  test('one who cannot be answered is dropped alone', async () => {
    const [site] = sites as [ForeignSite];
    await follow(site, 'eve');
    answering(site, [404]);
    await follow(site, 'oscar');
    expect(await state()).toMatchObject({ inboxes: [{ followers: 1, failures: 0 }] });
  });

  test('a host that never answers holds up nobody else', async () => {
    const [slow, site] = sites as [ForeignSite, ForeignSite];
    await follow(slow, 'eve');
    await follow(site, 'eve');
    const held: ServerResponse[] = [];
    slow.intercept = (request, response) => {
      if (request.method === 'POST') held.push(response);
      return request.method === 'POST';
    };
    const names = [await say(), await say(), await say()];
    const end = Date.now() + 10_000;
    while (announcements(site).length < 3 && Date.now() < end) {
      await new Promise((next) => setTimeout(next, 10));
    }
    expect(announcements(site)).toEqual(names.map(announceOf));
    expect(announcements(slow)).toHaveLength(1);
    slow.intercept = () => false;
    for (const response of held) response.writeHead(202).end();
    await told(slow, 3);
  });

  test('a redirect and a flood of words are answers too', async () => {
    const [site] = sites as [ForeignSite];
    await follow(site, 'eve');
    let first = true;
    site.intercept = (request, response) => {
      if (request.method !== 'POST') return false;
      if (first) response.writeHead(307, { location: 'http://127.0.0.1:1/' }).end();
      else response.writeHead(202).end('x'.repeat(200_000));
      first = false;
      return true;
    };
    await say();
    await told(site, 1);
    expect((await state()).inboxes).toMatchObject([{ failures: 1 }]);
    node.clock.now += 5_000;
    node.activitypub!.poke();
    await told(site, 2);
    expect((await state()).inboxes).toMatchObject([{ failures: 0 }]);
  });
});

test('software without groups is told of posts by their address too', async () => {
  const [site] = sites as [ForeignSite];
  says(site, 'Mastodon');
  await follow(site, 'eve');
  const name = await say();
  await told(site, 2);
  const [first, second] = site.posted.slice(-2).map(({ activity }) => activity);
  expect(first).toMatchObject({ id: announceOf(name), object: { type: 'Create' } });
  expect(second).toMatchObject({
    id: `${announceOf(name)}/object`,
    object: `${node.origin}/o/${idOf(name)}`,
  });
  expect(await state()).toMatchObject({ inboxes: [{ software: 'mastodon' }] });
  await node.accept(ada, { type: 'Delete', audience: submolt, object: name });
  await told(site, 3);
  expect(site.posted.at(-1)!.activity.object).toMatchObject({ type: 'Delete' });
});

test('software that knows few acts is told of those', async () => {
  const [site] = sites as [ForeignSite];
  says(site, 'mitra');
  await follow(site, 'eve');
  const name = await say();
  await told(site, 1);
  const target = 'https://w3id.org/exuvia/label#locked';
  await node.accept(ada, { type: 'Add', audience: submolt, object: name, target });
  await node.accept(ada, { type: 'Remove', audience: submolt, object: name, target });
  await node.accept(ada, { type: 'Delete', audience: submolt, object: name });
  await told(site, 2);
  expect(site.posted.at(-1)!.activity.object).toMatchObject({ type: 'Delete' });
});

test('a host has so many followers and no more', async () => {
  const [site, other] = sites as [ForeignSite, ForeignSite];
  await follow(site, 'eve');
  const { host } = new URL(site.origin);
  await node.context.db.batch('write', [
    {
      sql: `WITH RECURSIVE k (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM k WHERE i < 4999)
INSERT INTO foreign_followers SELECT f.submolt, 'x' || k.i, f.host, f.inbox, f.answer_to, 'x' || k.i, 1, 0
FROM foreign_followers AS f, k WHERE f.host = ?`,
      args: [host],
    },
  ]);
  const refused = await site.post(node, site.follow(url, 'oscar'));
  expect(refused.json).toMatchObject({ status: 429, code: 'too_many_followers' });
  // Who follows already may say so again.
  await follow(site, 'eve');
  await follow(other, 'eve');
  const headers = { accept: 'application/activity+json' };
  const { json } = await node.send('/c/tides/followers', { headers });
  expect(json.totalItems).toBe(5_001);
});

test('a group whose founding this node has dropped is nobody’s to follow, and its name is nowhere', async () => {
  const [site, other] = sites as [ForeignSite, ForeignSite];
  const { did } = node.context.node;
  const kelp = await node.accept(ada, group('zzyzx', did));
  const group_ = `${node.origin}/c/zzyzx`;
  // One is told, and one could not be answered.
  answering(other, [403]);
  for (const each of [site, other]) {
    expect((await each.post(node, each.follow(group_, 'eve', n++))).status).toBe(202);
  }
  await idle();
  const operator = Object.assign(new Agent('operator'), identityOf('deliveries'));
  const law = { type: 'Delete', reason: reasonOf('legal'), object: kelp } as const;
  await node.accept(operator, law);
  await node.accept(operator, { ...law, origin: kelp });
  const before = site.posted.length;
  await node.accept(ada, post(kelp, 'It goes on'));
  await say();
  await idle();
  expect(site.posted.slice(before)).toEqual([]);
  expect(await state()).toMatchObject({ followers: [] });
  expect((await node.send('/c/zzyzx')).status).toBe(404);
  expect(JSON.stringify(await dumpDatabase(node.context.db))).not.toContain('zzyzx');
  for (const path of [`/m/${idOf(kelp)}`, `/c/${idOf(kelp)}`]) {
    const answer = await node.send(path, { headers: { accept: 'application/activity+json' } });
    expect([path, answer.status]).toEqual([path, path.startsWith('/m') ? 404 : 400]);
  }
});

test('what was logged while nobody told is told when it is on again', async () => {
  const [site] = sites as [ForeignSite];
  await follow(site, 'eve');
  const { ActivityPub } = await import('../../src/activitypub/worker.ts');
  const { activitypub, context, sequencer } = node;
  await activitypub!.stop();
  const names = [await say(), await say()];
  expect(announcements(site)).toEqual([]);
  const { fetch, keys } = activitypub!.context;
  const { createGuardedFetch } = await import('../../src/net/guarded-fetch.ts');
  expect(fetch).toBeDefined();
  const guarded = createGuardedFetch({ loopback: true });
  const next = new ActivityPub({ context, sequencer, fetch: guarded, keys });
  next.start();
  const end = Date.now() + 10_000;
  while (announcements(site).length < 2 && Date.now() < end) {
    await new Promise((turn) => setTimeout(turn, 10));
  }
  expect(announcements(site)).toEqual(names.map(announceOf));
  await next.idle();
  await next.stop();
  await guarded.close();
  expect(node.failures).toEqual([]);
});
