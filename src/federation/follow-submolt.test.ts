// Following a submolt by its page, and being followed: discovery, introductions, what is refused.
import { afterEach, describe, expect, it, vi } from 'vitest';
import { group, post } from '../../test/drafts.ts';
import { FederatedNode, Network } from '../../test/network.ts';
import type { Answer } from '../../test/peer-answer.ts';
import { expectReplica, openFollowed, openPair } from '../../test/replica-scene.ts';
import { Agent } from '../../test/sandbox.ts';
import { NetError } from '../net/error.ts';
import type { JsonObject, JsonValue } from '../protocol/json.ts';
import { listFollowers, listPeers, listSources } from '../store/queries/peers.ts';
import { followSubmolt, parsePage } from './follow-submolt.ts';
import { parseOriginUrl } from './introduce-peer.ts';
import { Federation } from './worker.ts';

let network = new Network();
afterEach(async () => {
  await network.close();
  network = new Network();
});

const ada = new Agent('ada');

async function follow(node: FederatedNode, value: JsonValue) {
  const answer = await followSubmolt(node.federation.context, null, value);
  await network.settle();
  return answer;
}

/** Answers `path` of any node with what `change` makes of the true answer. */
function change(path: string, change: (members: JsonObject) => JsonValue) {
  network.fault = async ({ url }, next): Promise<Answer> => {
    const answer = await next();
    if (!url.pathname.startsWith(path)) return answer;
    return { ...answer, body: JSON.stringify(change(JSON.parse(String(answer.body)))) };
  };
}

describe('following a submolt', () => {
  it('makes a replica and has the home push from then on; again changes nothing', async () => {
    const { a, b, log, submolt } = await openFollowed(network);
    expect(await listFollowers(a.db, log)).toMatchObject([{ peerDid: b.identity.did }]);
    const again = await follow(b, { submolt: `${a.identity.origin}/m/tea` });
    expect(again).toMatchObject({ ok: true, body: { submolt, log, size: 4 } });
    const sources = await listSources(b.db);
    expect(sources.map(({ origin }) => origin)).toEqual([
      log,
      `${a.identity.authority}/log/system`,
    ]);
    expect((await listPeers(b.db)).length).toBe(1);
  });

  it('refuses what is no page of a submolt, and pages of its own', async () => {
    const { b } = await openPair(network);
    for (const value of [
      {},
      { submolt: 7 },
      { submolt: 'tea' },
      { submolt: 'http://h/m/x', a: 1 },
    ]) {
      expect(await follow(b, value)).toMatchObject({ code: 'malformed_request' });
    }
    const own = `${b.identity.origin}/m/tea`;
    expect(await follow(b, { submolt: own })).toMatchObject({ code: 'already_home' });
  });

  it('refuses a node that only replicates the submolt', async () => {
    const { a, b } = await openFollowed(network);
    const c = await FederatedNode.open(network, 'c');
    const replica = { submolt: `${b.identity.origin}/m/tea` };
    expect(await follow(c, replica)).toMatchObject({ code: 'log_unknown' });
    const home = { submolt: `${a.identity.origin}/m/tea` };
    expect(await follow(c, home)).toMatchObject({ ok: true, status: 202 });
  });

  it('refuses a node that cannot be reached, and a submolt that is not there', async () => {
    const { a, b } = await openPair(network);
    const nowhere = { submolt: 'http://127.0.0.1:1/m/tea' };
    expect(await follow(b, nowhere)).toMatchObject({ code: 'node_unreachable' });
    const nothing = { submolt: `${a.identity.origin}/m/nothing` };
    expect(await follow(b, nothing)).toMatchObject({ code: 'log_unknown' });
    expect(await listSources(b.db)).toEqual([]);
  });

  it.each([
    [
      'another home',
      (view: JsonObject) => ({
        submolt: { ...(view.submolt as JsonObject), home: { did: 'did:key:z6Mk' } },
      }),
    ],
    [
      'no name',
      (view: JsonObject) => ({ submolt: { ...(view.submolt as JsonObject), object: null } }),
    ],
    ['nothing', () => ({})],
  ])('refuses a submolt described with %s', async (_, changed) => {
    const { a, b } = await openPair(network);
    await a.sandbox.accept(ada, group('tea', a.identity.did));
    change('/api/v1/submolts/', changed);
    const answer = await follow(b, { submolt: `${a.identity.origin}/m/tea` });
    expect(answer).toMatchObject({ code: 'node_invalid' });
  });

  it.each([
    ['another DID', (_a: FederatedNode, b: FederatedNode) => ({ did: b.identity.did })],
    ['another origin', (_: FederatedNode, b: FederatedNode) => ({ origin: b.identity.origin })],
    ['a system log elsewhere', () => ({ systemLog: 'elsewhere/log/system' })],
    ['no key statement', () => ({ keyStatement: {} })],
    ['a witness statement that is none', () => ({ witnessStatement: {} })],
    ['no name', () => ({ name: null })],
  ])('refuses a node that describes itself with %s', async (_, members) => {
    const { a, b } = await openPair(network);
    await a.sandbox.accept(ada, group('tea', a.identity.did));
    change('/.well-known/exuvia', (described) => ({ ...described, ...members(a, b) }));
    const answer = await follow(b, { submolt: `${a.identity.origin}/m/tea` });
    expect(answer).toMatchObject({ code: 'node_invalid' });
    expect(await listPeers(b.db)).toEqual([]);
  });

  it('refuses a node that comes back with another log key', async () => {
    const { a, b } = await openFollowed(network);
    const impostor = await FederatedNode.open(new Network(), 'impostor');
    change('/.well-known/exuvia', (described) => described);
    network.fault = async (sent, next) => {
      if (sent.url.pathname !== '/.well-known/exuvia') return next();
      const described = JSON.parse(String((await impostor.answer(sent)).body)) as JsonObject;
      const { origin, authority } = a.identity;
      return {
        status: 200,
        body: JSON.stringify({ ...described, origin, systemLog: `${authority}/log/system` }),
      };
    };
    const answer = await follow(b, { submolt: `${a.identity.origin}/m/tea` });
    expect(answer).toMatchObject({ code: 'peer_changed' });
    await impostor.network.close();
  });

  it('follows the pages it is started with, as soon as they are there', async () => {
    const { a, b } = await openPair(network);
    const { context, keys, sequencer } = { ...b.federation.context, context: b.sandbox.context };
    await b.federation.stop();
    const fetch = { request: network.request.bind(network, b.identity.authority) };
    const follow = [`${a.identity.origin}/m/tea`];
    b.federation = new Federation({ context, sequencer, keys, fetch, follow });
    network.fault = () => Promise.reject(new NetError('connection_failed', 'down'));
    b.federation.start();
    await network.settle();
    network.fault = (_, next) => next();
    await network.pass(10_000);
    const submolt = await a.sandbox.accept(ada, group('tea', a.identity.did));
    await network.pass(60_000);
    await network.pass(60_000);
    const log = `${a.identity.authority}/log/${submolt.slice('ni:///sha-256;'.length)}`;
    await a.sandbox.accept(ada, post(submolt, 'Welcome'));
    await network.settle();
    await expectReplica(a, b, log);
  });
});

describe('being followed', () => {
  const FOLLOWERS = '/federation/followers';

  it('refuses to push to a URL that is not the caller’s', async () => {
    const { a, b, log } = await openFollowed(network);
    const c = await FederatedNode.open(network, 'c');
    const answer = await c.post(a, FOLLOWERS, { log, node: b.identity.origin });
    expect(answer).toMatchObject({ code: 'node_mismatch' });
    const nobody = await c.post(a, FOLLOWERS, { log, node: 'http://127.0.0.1:1' });
    expect(nobody).toMatchObject({ code: 'node_unreachable' });
    expect((await listFollowers(a.db, log)).length).toBe(1);
  });

  it('writes down no node that the caller is not', async () => {
    const { a, b, log } = await openFollowed(network);
    const [c, d] = [await FederatedNode.open(network, 'c'), await FederatedNode.open(network, 'd')];
    const answer = await c.post(a, FOLLOWERS, { log, node: d.identity.origin });
    expect(answer).toMatchObject({ code: 'node_mismatch' });
    expect((await listPeers(a.db)).map(({ did }) => did)).toEqual([b.identity.did]);
  });

  it('knocks at few doors at a time, and at each once, however many are named', async () => {
    const { a, b, log } = await openFollowed(network);
    const c = await FederatedNode.open(network, 'c');
    const gate = Promise.withResolvers<void>();
    const knocked: string[] = [];
    network.fault = async ({ url }, next) => {
      if (url.pathname !== '/.well-known/exuvia') return next();
      knocked.push(url.host);
      await gate.promise;
      return next();
    };
    const urls = Array.from({ length: 40 }, (_, i) => `http://127.0.0.1:${i < 20 ? 1 : i}`);
    const turnedAway: JsonObject[] = [];
    const asked = urls.map(async (node) => {
      turnedAway.push(await c.post(a, FOLLOWERS, { log, node }));
    });
    await vi.waitFor(() => expect(turnedAway.length).toBe(32));
    expect(turnedAway[0]).toMatchObject({ code: 'node_unreachable' });
    await vi.waitFor(() => expect(knocked.length).toBe(8));
    expect(new Set(knocked).size).toBe(8);
    gate.resolve();
    await Promise.all(asked);
    const welcome = await c.post(a, FOLLOWERS, { log, node: c.identity.origin });
    expect(welcome).toMatchObject({ status: 200 });
    expect((await listFollowers(a.db, log)).length).toBe(2);
    expect(b.events).toEqual([]);
  });

  it('lets nobody follow a log that is not here, or only a replica', async () => {
    const { a, b, log } = await openFollowed(network);
    const node = b.identity.origin;
    expect(await b.post(a, FOLLOWERS, { log: 'x', node })).toMatchObject({ code: 'log_unknown' });
    const replica = { log, node: a.identity.origin };
    expect(await a.post(b, FOLLOWERS, replica)).toMatchObject({ code: 'log_unknown' });
    for (const value of [{ log }, { log, node: `${node}/` }, { log, node, more: 1 }]) {
      expect(await b.post(a, FOLLOWERS, value)).toMatchObject({ code: 'malformed_request' });
    }
  });

  it('ends when the follower says so', async () => {
    const { a, b, log } = await openFollowed(network);
    const { client } = b.federation.context;
    const farewell = { log, node: b.identity.origin };
    const url = a.identity.origin + FOLLOWERS;
    expect((await client.send('DELETE', url, farewell)).ok).toBe(true);
    expect(await listFollowers(a.db, log)).toEqual([]);
    const c = await FederatedNode.open(network, 'c');
    const stranger = { log, node: c.identity.origin };
    expect((await c.federation.context.client.send('DELETE', url, stranger)).ok).toBe(true);
    const unknown = await client.send('DELETE', url, { ...farewell, log: 'x' });
    expect(unknown).toMatchObject({ ok: false, status: 404 });
  });
});

describe('URLs', () => {
  it.each([
    ['https://home.example/m/tea', { origin: 'https://home.example', slug: 'tea' }],
    ['http://127.0.0.1:8787/m/a-1/', { origin: 'http://127.0.0.1:8787', slug: 'a-1' }],
    ['https://home.example/m/T', null],
    ['https://home.example/m/tea/more', null],
    ['https://home.example/', null],
    ['ftp://home.example/m/tea', null],
    ['tea', null],
  ])('reads the page %s', (url, page) => {
    expect(parsePage(url)).toEqual(page);
  });

  it.each([
    ['https://home.example', true],
    ['http://127.0.0.1:8787', true],
    ['https://home.example/', false],
    ['https://HOME.example', false],
    ['https://home.example:443', false],
    ['https://user@home.example', false],
    ['ws://home.example', false],
    ['home.example', false],
  ])('takes %s for an origin: %s', (url, is) => {
    expect(parseOriginUrl(url)).toBe(is ? url : null);
  });
});
