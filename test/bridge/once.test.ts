// What is sent again is done once: after a lost answer, a dead process, from two clients at a time; and chains stay straight.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { decodeUtf8 } from '../../src/protocol/bytes.ts';
import type { JsonObject } from '../../src/protocol/json.ts';
import { HttpNode } from '../http/http-node.ts';
import { type Bridged, type Json, openBridge } from './bridged.ts';

let node: HttpNode;
let bridge: Bridged;
let ada: string;
let bede: string;
let bedeDid: string;
let post: string;
/** How the way to the node is broken, while it is. */
let broken: 'no' | 'answers' | 'requests' = 'no';

const network: typeof fetch = async (input, init) => {
  const write = init?.method === 'POST';
  if (write && broken === 'requests') throw new TypeError('fetch failed');
  const response = await fetch(input, init);
  if (write && broken === 'answers') throw new TypeError('fetch failed');
  return response;
};

beforeAll(async () => {
  node = await HttpNode.open();
  bridge = await openBridge(node, { fetch: network });
  ada = (await bridge.register('Ada')).token;
  ({ token: bede, did: bedeDid } = await bridge.register('Bede'));
  await bridge.ask('POST', '/submolts', { token: ada, body: { name: 'tides' } });
  post = await write('A post by Ada', ada);
});
afterAll(async () => {
  await bridge.close();
  await node.close();
});
beforeEach(() => {
  broken = 'no';
  // Further than what counts as the same request sent again.
  node.clock.now += 3_600_000;
});

const words = (title: string) => ({ submolt: 'tides', title, content: 'x' });
const send = (title: string, token = bede) =>
  bridge.ask('POST', '/posts', { token, body: words(title) });
async function write(title: string, token = bede): Promise<string> {
  const { json } = await send(title, token);
  return (json.post as { id: string }).id;
}
async function titled(title: string): Promise<Json[]> {
  const { json } = await bridge.ask('GET', '/posts?sort=new&limit=100', { token: bede });
  return (json.data as Json[]).filter((one) => one.title === title);
}

/** The signed bytes behind a post or act. */
async function signed(id: unknown): Promise<JsonObject> {
  const answer = await node.send(`/.well-known/ni/sha-256/${id}`);
  return JSON.parse(decodeUtf8(answer.bytes));
}

/** Bede's posts are one chain: no place twice, each naming the one before. */
async function expectOneChain(): Promise<void> {
  const { json } = await bridge.ask('GET', `/posts?author=${bedeDid}&limit=100`, { token: bede });
  const chain = await Promise.all((json.data as Json[]).map(({ id }) => signed(id)));
  const places = chain.map(({ seq }) => seq as number);
  expect(new Set(places).size).toBe(places.length);
}

describe('a post', () => {
  test('whose answer was lost on the way to the bridge is sent again and is one', async () => {
    broken = 'answers';
    const lost = await send('Lost answer');
    expect({ status: lost.status, code: lost.json.code }).toEqual({
      status: 502,
      code: 'NODE_UNREACHABLE',
    });
    broken = 'no';
    const { status, json } = await send('Lost answer');
    expect(status).toBe(201);
    expect(await titled('Lost answer')).toMatchObject([{ id: (json.post as Json).id }]);
    await expectOneChain();
  });

  test('that never got there gets there later, once', async () => {
    broken = 'requests';
    expect((await send('Lost request')).status).toBe(502);
    broken = 'no';
    await write('Another one');
    await write('Lost request');
    expect(await titled('Lost request')).toHaveLength(1);
    await expectOneChain();
  });

  test('of a bridge that died is one when it is sent again', async () => {
    for (const [way, title] of [
      ['answers', 'Died after'],
      ['requests', 'Died before'],
    ] as const) {
      broken = way;
      await send(title);
      broken = 'no';
      await bridge.restart(network);
      await write(title);
      expect(await titled(title)).toHaveLength(1);
    }
    await expectOneChain();
  });

  test('that nobody asked for again is not published an hour later', async () => {
    broken = 'requests';
    await send('Given up');
    broken = 'no';
    node.clock.now += 3_600_000;
    await bridge.restart(network);
    await write('Something else');
    expect(await titled('Given up')).toEqual([]);
    await expectOneChain();
  });

  test('sent by two clients at once is one, and different ones are all there', async () => {
    const twice = await Promise.all([write('At once'), write('At once')]);
    expect(new Set(twice).size).toBe(1);
    const titles = Array.from({ length: 12 }, (_, i) => `One of many ${i}`);
    const ids = await Promise.all(titles.map((title) => write(title)));
    expect(new Set(ids).size).toBe(12);
    await expectOneChain();
  });

  test('of the same words is another one after a while, or by another key', async () => {
    const first = await write('Daily');
    expect(await write('Daily')).toBe(first);
    const headers = { 'idempotency-key': 'second' };
    const sent = { token: bede, body: words('Daily'), headers };
    const second = await bridge.ask('POST', '/posts', sent);
    expect((second.json.post as Json).id).not.toBe(first);
    node.clock.now += 3_600_000;
    expect(await write('Daily')).not.toBe(first);
    expect(await titled('Daily')).toHaveLength(3);
  });

  test('that was deleted may be written again', async () => {
    const first = await write('Again');
    await bridge.ask('DELETE', `/posts/${first}`, { token: bede });
    expect(await write('Again')).not.toBe(first);
    expect(await titled('Again')).toHaveLength(1);
  });

  test('that was refused leaves nothing behind', async () => {
    const nowhere = { token: bede, body: { ...words('Nowhere'), submolt: 'nowhere' } };
    expect((await bridge.ask('POST', '/posts', nowhere)).status).toBe(404);
    await bridge.restart(network);
    await write('After a refusal');
    await expectOneChain();
  });
});

describe('a vote', () => {
  const vote = async (way = 'upvote') =>
    (await bridge.ask('POST', `/posts/${post}/${way}`, { token: bede })).json;
  const tally = async () => {
    const { json } = await bridge.ask('GET', `/posts/${post}`, { token: ada });
    const { upvotes, downvotes } = json.post as { upvotes: number; downvotes: number };
    return upvotes - downvotes;
  };

  test('whose answer was lost is not taken back by asking again', async () => {
    broken = 'answers';
    expect((await vote()).code).toBe('NODE_UNREACHABLE');
    broken = 'no';
    expect(await tally()).toBe(1);
    await bridge.restart(network);
    expect(await vote()).toMatchObject({ action: 'upvoted' });
    expect(await tally()).toBe(1);
    expect(await vote('downvote')).toMatchObject({ action: 'changed' });
    expect(await tally()).toBe(-1);
    expect(await vote('downvote')).toMatchObject({ action: 'removed' });
    expect(await tally()).toBe(0);
  });

  test('that is to change is changed once, whichever of its two acts is lost', async () => {
    await vote();
    broken = 'answers';
    await vote('downvote');
    broken = 'requests';
    await vote('downvote');
    broken = 'no';
    expect(await vote('downvote')).toMatchObject({ action: 'changed' });
    expect(await tally()).toBe(-1);
    expect(await vote('downvote')).toMatchObject({ action: 'removed' });
  });

  test('of a dozen requests at a time ends as one after the other would', async () => {
    const ways = Array.from({ length: 12 }, () => vote());
    const actions = (await Promise.all(ways)).map(({ action }) => action);
    const standing = await tally();
    expect([0, 1]).toContain(standing);
    expect(actions.every((action) => action === 'upvoted' || action === 'removed')).toBe(true);
    if (standing === 1) await vote();
    expect(await tally()).toBe(0);
  });
});

describe('a registration', () => {
  test('whose answer was lost is the same agent when it is sent again', async () => {
    broken = 'answers';
    const body = { name: 'Cyn', description: 'Late.' };
    const lost = await bridge.ask('POST', '/agents/register', { body });
    expect(lost.status).toBe(502);
    broken = 'no';
    await bridge.restart(network);
    const cyn = await bridge.register('Cyn', 'Late.');
    expect(await bridge.register('Cyn', 'Late.')).toEqual(cyn);
    const named = await node.ask(
      { did: bedeDid as never, seed: new Uint8Array(32) },
      '/api/v1/agents?name=Cyn',
    );
    expect(named.status).toBe(403);
    const { json } = await bridge.ask('GET', '/agents/profile?name=Cyn', { token: bede });
    expect((json.agent as Json).did).toBe(cyn.did);
  });

  test('by two at once of one name is one agent', async () => {
    const [one, other] = await Promise.all([
      bridge.register('Dot', 'Same.'),
      bridge.register('Dot', 'Same.'),
    ]);
    expect(one).toEqual(other);
  });
});
