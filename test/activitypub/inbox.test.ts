// What hostile and careless software posts to inboxes, and what has to be right for anything to be taken.
import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { utf8 } from '../../src/protocol/bytes.ts';
import type { JsonObject } from '../../src/protocol/json.ts';
import type { ObjectName } from '../../src/protocol/object-name.ts';
import { createProof } from '../../src/protocol/proof.ts';
import { group } from '../drafts.ts';
import { HttpNode } from '../http/http-node.ts';
import { Agent, crypto } from '../sandbox.ts';
import { ForeignSite, type Twist } from './foreign-site.ts';

const ada = new Agent('ada of inbox');
const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
let node: HttpNode;
let site: ForeignSite;
let url: string;
let submolt: ObjectName;
let n = 0;

beforeAll(async () => {
  node = await HttpNode.open({ activitypub: true, name: 'inbox' });
  site = await ForeignSite.open();
  submolt = await node.accept(ada, group('tides', node.context.node.did));
  url = `${node.origin}/c/tides`;
});
afterAll(async () => {
  await node.close();
  await site.close();
});
beforeEach(() => {
  site.intercept = () => false;
  site.asked.length = 0;
});

/** Nobody else has this name: no document of it is in memory. */
const someone = () => `u${n++}`;
const followers = async () => {
  const headers = { accept: 'application/activity+json' };
  return Number((await node.send('/c/tides/followers', { headers })).json.totalItems);
};
const settled = async () => {
  await node.activitypub!.idle();
  return followers();
};

test.each([
  ['the draft', { form: 'draft' }],
  ['RFC 9421', { form: 'standard' }],
  ['an inbox of the group', { inbox: '/c/tides/inbox' }],
  ['an inbox of an agent', { inbox: '/u/someone/inbox' }],
] as [string, Twist][])('a follow by %s is taken, answered and ended', async (_, twist) => {
  const name = someone();
  const follow = site.follow(url, name);
  expect((await site.post(node, follow, twist)).status).toBe(202);
  const before = await settled();
  const accept = site.posted.at(-1)!;
  expect(accept).toMatchObject({
    path: `/users/${name}/inbox`,
    activity: { type: 'Accept', actor: url, object: { id: follow.id, type: 'Follow' } },
  });
  expect(accept.activity.object).not.toHaveProperty('@context');
  expect((await site.post(node, site.undo(follow), twist)).status).toBe(202);
  expect(await settled()).toBe(before - 1);
});

test('a proof alone is enough while it is fresh, and counts once', async () => {
  const name = someone();
  const make = (created: number, n = 1) =>
    createProof(
      { ...site.follow(url, name, n), '@context': ['https://www.w3.org/ns/activitystreams'] },
      {
        verificationMethod: `${site.actor(name)}#proof`,
        created: new Date(created).toISOString().replace('.000', ''),
      },
      site.seed,
      crypto,
    );
  const send = (activity: JsonObject) =>
    node.send('/inbox', {
      method: 'POST',
      body: JSON.stringify(activity),
      headers: { 'content-type': 'application/activity+json' },
    });
  const stale = await send(make(node.clock.now - 4_000_000));
  expect(stale.json).toMatchObject({ status: 401, code: 'foreign_signature_invalid' });
  const fresh = make(node.clock.now, 2);
  const changed = await send({ ...fresh, to: 'https://x.example/' });
  expect(changed.status).toBe(401);
  const before = await settled();
  // The older kind of signature is put on after the proof.
  expect((await send({ ...fresh, signature: { type: 'RsaSignature2017' } })).status).toBe(202);
  expect(await settled()).toBe(before + 1);
  await site.post(node, site.undo(site.follow(url, name, 2)));
  expect(await settled()).toBe(before);
  expect((await send(fresh)).status).toBe(202);
  expect(await settled()).toBe(before);
});

test('an actor may be a whole host', async () => {
  site.intercept = (request, response) => {
    if (request.url !== '/') return false;
    const inbox = `${site.origin}/inbox`;
    const key = { ...(site.document().publicKey as JsonObject), owner: site.origin };
    site.show(response, site.document('x', { id: site.origin, inbox, publicKey: key }));
    return true;
  };
  const before = await settled();
  const follow = { ...site.follow(url), actor: site.origin };
  const keyId = `${site.actor()}#main-key`;
  expect((await site.post(node, follow, { keyId })).status).toBe(202);
  expect(await settled()).toBe(before + 1);
});

test('a captured follow does not bring back who has left', async () => {
  const name = someone();
  const follow = site.follow(url, name);
  const before = await settled();
  await site.post(node, follow);
  expect(await settled()).toBe(before + 1);
  await site.post(node, site.undo(follow));
  expect((await site.post(node, follow)).status).toBe(202);
  expect(await settled()).toBe(before);
  // Whoever has left may come back with the same words, freshly signed.
  expect((await site.post(node, follow, { now: node.clock.now + 1_000 })).status).toBe(202);
  expect(await settled()).toBe(before + 1);
});

describe('signatures that are not right', () => {
  const other = utf8('{"type":"Follow"}');
  const cases: [string, (name: string) => Twist][] = [
    ['another key', () => ({ key: stranger })],
    ['a key of another actor', () => ({ keyId: `${site.actor('other')}#main-key` })],
    ['a key of another host', () => ({ keyId: 'https://elsewhere.example/u#main-key' })],
    ['an old date', () => ({ now: node.clock.now - 3_700_000 })],
    ['a date to come', () => ({ now: node.clock.now + 400_000 })],
    ['another body', () => ({ sent: other })],
    ['another digest', () => ({ headers: { digest: 'SHA-256=AAAA' } })],
    ['two digests', () => ({ headers: { digest: 'SHA-256=AAAA,SHA-256=BBBB' } })],
    ['another date field', () => ({ headers: { date: 'Fri, 20 Nov 2026 10:00:01 GMT' } })],
    [
      'no digest covered',
      () => ({ headers: { signature: 'keyId="x",headers="host date",signature="AAAA"' } }),
    ],
    ['a field that cannot be read', () => ({ headers: { signature: '"""' } })],
    ['RFC 9421, an old date', () => ({ form: 'standard', now: node.clock.now - 3_700_000 })],
    ['RFC 9421, another key', () => ({ form: 'standard', key: stranger })],
    [
      'RFC 9421 without the target',
      () => ({
        form: 'standard',
        headers: {
          'signature-input': `sig1=("@method" "content-digest");created=${node.clock.now / 1000};keyid="x"`,
        },
      }),
    ],
    [
      'RFC 9421 by HMAC',
      () => ({
        form: 'standard',
        headers: {
          'signature-input': `sig1=("@method" "@target-uri" "content-digest");created=${node.clock.now / 1000};keyid="x";alg="hmac-sha256"`,
        },
      }),
    ],
  ];
  test.each(cases)('%s', async (_, twist) => {
    const before = await settled();
    const name = someone();
    const answer = await site.post(node, site.follow(url, name), twist(name));
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
    expect(await settled()).toBe(before);
  });

  test('none at all', async () => {
    const headers = { 'content-type': 'application/activity+json' };
    const body = JSON.stringify(site.follow(url, someone()));
    const answer = await node.send('/inbox', { method: 'POST', body, headers });
    expect(answer.json).toMatchObject({ status: 401, code: 'foreign_signature_missing' });
    expect(site.asked).toEqual([]);
  });

  test('what is wrong whatever the key is costs nobody a connection', async () => {
    await site.post(node, site.follow(url, someone()), { now: node.clock.now - 3_700_000 });
    await site.post(node, site.follow(url, someone()), { headers: { digest: 'SHA-256=AAAA' } });
    expect(site.asked).toEqual([]);
  });
});

describe('activities that are not right', () => {
  const raw = (body: string, headers: Record<string, string> = {}) =>
    node.send('/inbox', {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/activity+json', ...headers },
    });
  const follow = (change: JsonObject) => JSON.stringify({ ...site.follow(url), ...change });

  test.each([
    ['no JSON', () => '{', 400],
    ['an array', () => '[]', 400],
    ['a key twice', () => '{"type":"Follow","type":"Follow"}', 400],
    ['a prototype', () => '{"type":"Follow","__proto__":{"id":"x"}}', 400],
    ['a lone surrogate', () => '{"type":"Follow","x":"\\ud800"}', 400],
    ['no id', () => follow({ id: null }), 400],
    ['an id of another host', () => follow({ id: 'https://other.example/1' }), 400],
    ['an actor that is an array', () => follow({ actor: [site.actor()] }), 400],
    ['deep nesting', () => `{"type":"Follow","x":${'['.repeat(5_000)}${']'.repeat(5_000)}}`, 400],
    ['nobody to follow', () => follow({ object: 'https://other.example/c/tides' }), 422],
    ['an agent to follow', () => follow({ object: `${node.origin}/u/${ada.did}` }), 422],
    ['a submolt that is not there', () => follow({ object: `${node.origin}/c/none` }), 422],
    ['a path that climbs', () => follow({ object: `${node.origin}/c/x/../tides` }), 422],
  ] as [string, () => string, number][])('%s', async (_, body, status) => {
    expect((await raw(body())).status).toBe(status);
    expect(site.asked).toEqual([]);
  });

  test('too much is not read, and what is no JSON by its type is not taken', async () => {
    expect((await raw(`"${'x'.repeat(140_000)}"`)).status).toBe(413);
    expect((await raw('{}', { 'content-type': 'text/plain' })).status).toBe(415);
    expect((await raw('{}', { 'content-encoding': 'gzip' })).status).toBe(415);
  });

  test.each(['Create', 'Like', 'Dislike', 'Announce', 'Flag', 'Add', 'Move', 'Nonsense'])(
    '%s is refused, since nothing enters a log that its author has not signed with a DID',
    async (type) => {
      const answer = await site.post(node, {
        ...site.follow(url),
        type,
        object: { type: 'Note', inReplyTo: url, focalPoint: [0.5, -0.25] },
      });
      expect(answer.json).toMatchObject({ status: 422, code: 'unproven_act' });
      expect(site.asked).toEqual([]);
    },
  );

  test.each([
    ['an Undo of a Like', { type: 'Undo', object: { type: 'Like' } }],
    ['an Undo by who does not follow', { type: 'Undo', object: 'https://x.example/1' }],
    ['the deletion of a note', { type: 'Delete', object: { type: 'Tombstone' } }],
    ['the deletion of an account that does not follow', { type: 'Delete' }],
    ['a new profile', { type: 'Update', object: { type: 'Person' } }],
    ['an Accept', { type: 'Accept' }],
  ] as [string, JsonObject][])(
    '%s is of no consequence, and nobody is asked',
    async (_, change) => {
      const activity = { ...site.follow(url, someone()), ...change };
      const object = change.object ?? activity.actor;
      expect((await site.post(node, { ...activity, object } as JsonObject)).status).toBe(202);
      expect(site.asked).toEqual([]);
    },
  );

  test('contexts are never fetched, and mean nothing here', async () => {
    const follow = site.follow(url, someone());
    const context = [`${site.origin}/context`, { actor: 'http://evil.example/#actor' }];
    expect((await site.post(node, { ...follow, '@context': context })).status).toBe(202);
    expect(site.asked.filter((path) => path === '/context')).toEqual([]);
  });

  test('nobody leaves for somebody else', async () => {
    const [name, evil] = [someone(), someone()];
    const follow = site.follow(url, name);
    await site.post(node, follow);
    await site.post(node, site.follow(url, evil));
    const before = await settled();
    const undo = { ...site.undo(follow), actor: site.actor(evil) };
    await site.post(node, undo, { now: node.clock.now + 2_000 });
    await site.post(node, { ...undo, object: String(follow.id) }, { now: node.clock.now + 3_000 });
    const farewell = { ...undo, type: 'Delete', object: site.actor(name) };
    await site.post(node, farewell, { now: node.clock.now + 4_000 });
    // The one who signed has left by the first; the other one stays.
    expect(await settled()).toBe(before - 1);
  });

  test('an account that is gone at its own host follows no more', async () => {
    const name = someone();
    await site.post(node, site.follow(url, name));
    const before = await settled();
    node.clock.now += 25 * 3_600_000;
    site.intercept = (request, response) => {
      if (request.method === 'GET') response.writeHead(410).end();
      return request.method === 'GET';
    };
    const farewell = { ...site.follow(url, name), type: 'Delete', object: site.actor(name) };
    expect((await site.post(node, farewell, { key: stranger })).status).toBe(202);
    expect(await settled()).toBe(before - 1);
  });
});

describe('the operator', () => {
  const decide = (host: string, denied: boolean, agent = node.context.node) =>
    node.ask(agent, '/federation/activitypub', {
      method: 'POST',
      body: JSON.stringify({ host, denied }),
      headers: { 'content-type': 'application/json' },
    });

  test('denies a host, whose followers go, and lets it in again', async () => {
    const host = new URL(site.origin).host;
    await site.post(node, site.follow(url, someone()));
    expect(await settled()).toBeGreaterThan(0);
    expect((await decide(host, true)).json).toMatchObject({ host, denied: true });
    expect(await settled()).toBe(0);
    const refused = await site.post(node, site.follow(url, someone()));
    expect(refused.json).toMatchObject({ status: 403, code: 'host_denied' });
    const state = await node.ask(node.context.node, '/federation/activitypub');
    expect(state.json).toMatchObject({ inboxes: [], followers: [], denied: [{ host }] });
    await decide(host, false);
    expect((await site.post(node, site.follow(url, someone()))).status).toBe(202);
  });

  test('alone may do so, and names hosts as they are', async () => {
    expect((await decide('x.example', true, ada as never)).json.code).toBe('not_node_key');
    for (const host of ['', 'https://x.example', 'X.example', 'x.example/y']) {
      expect((await decide(host, true)).json.code).toBe('malformed_request');
    }
    expect((await node.send('/federation/activitypub')).json.code).toBe('signature_missing');
  });
});

test('nothing of all that has failed, or entered a log', async () => {
  const { json } = await node.ask(ada, '/api/v1/submolts/tides');
  expect(json.submolt).toMatchObject({ object: submolt, log: { size: 1 } });
  expect(node.failures).toEqual([]);
});

test('a host that never answers is waited for so long, and by so many', async () => {
  site.intercept = (request) => request.method === 'GET';
  const sent = Array.from({ length: 8 }, () => site.post(node, site.follow(url, someone())));
  const codes = (await Promise.all(sent)).map(({ json }) => json.code);
  expect(codes).toEqual(Array.from({ length: 8 }, () => 'actor_unreachable'));
  expect(site.asked.length).toBeLessThanOrEqual(4);
}, 15_000);
