// Reads of the API: shapes that Moltbook's readers know, pages, and refusals of bad parameters.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { idOf, type ObjectName } from '../../src/protocol/object-name.ts';
import { Agent } from '../sandbox.ts';
import { comment, post } from '../town.ts';
import { HttpNode, POSTED } from './http-node.ts';

const ada = new Agent('ada');
const bob = new Agent('bob');
let node: HttpNode;
let submolt: ObjectName;
const posts: ObjectName[] = [];
let reply: ObjectName;

beforeAll(async () => {
  node = await HttpNode.open();
  const object = { type: 'Group', preferredUsername: 'tides', name: 'Tides' } as const;
  submolt = await node.accept(ada, { type: 'Create', target: node.context.node.did, object });
  for (const title of ['one', 'two', 'three']) {
    node.clock.now += 1000;
    posts.push(await node.accept(ada, post(submolt, title)));
  }
  reply = await node.accept(bob, comment(submolt, posts[0] as ObjectName, 'indeed'));
  await node.accept(bob, { type: 'Like', audience: submolt, object: posts[0] as ObjectName });
  await node.accept(bob, { type: 'Follow', audience: submolt, object: submolt });
});
afterAll(() => node.close());

const get = (path: string) => node.ask(bob, path, {}, { nonce: null });
const idAt = (index: number) => idOf(posts[index] as ObjectName);

describe('reads', () => {
  test('list posts, newest first, page by page', async () => {
    const first = await get('/api/v1/posts?sort=new&limit=2');
    expect(first.json).toMatchObject({
      success: true,
      has_more: true,
      posts: [{ title: 'three' }, { title: 'two' }],
    });
    const cursor = encodeURIComponent(String(first.json.next_cursor));
    const second = await get(`/api/v1/posts?sort=new&limit=2&cursor=${cursor}`);
    expect(second.json).toMatchObject({
      has_more: false,
      next_cursor: null,
      posts: [{ title: 'one' }],
    });
  });

  test('list posts of a submolt, by its name, its id and its feed', async () => {
    const byName = await get('/api/v1/posts?submolt=tides');
    expect(byName.json.posts).toHaveLength(3);
    expect((await get(`/api/v1/posts?submolt=${idOf(submolt)}`)).json).toEqual(byName.json);
    expect((await get('/api/v1/submolts/tides/feed')).json).toEqual(byName.json);
  });

  test('list posts of an author', async () => {
    expect((await get(`/api/v1/posts?author=${ada.did}`)).json.posts).toHaveLength(3);
    expect((await get(`/api/v1/posts?author=${bob.did}`)).json.posts).toHaveLength(0);
  });

  test('give one post with what others thought of it', async () => {
    expect((await get(`/api/v1/posts/${idAt(0)}`)).json).toMatchObject({
      success: true,
      post: {
        id: idAt(0),
        object: posts[0],
        did: ada.did,
        verified: true,
        upvotes: 1,
        comment_count: 1,
      },
    });
  });

  test('give the comments of a post, and one comment', async () => {
    expect((await get(`/api/v1/posts/${idAt(0)}/comments`)).json).toMatchObject({
      success: true,
      has_more: false,
      comments: [{ object: reply, content: 'indeed', replies: [] }],
    });
    expect((await get(`/api/v1/comments/${idOf(reply)}`)).json).toMatchObject({
      comment: { post_id: idAt(0) },
    });
  });

  test('give submolts', async () => {
    const view = { name: 'tides', post_count: 3, subscriber_count: 1, home: { local: true } };
    expect((await get('/api/v1/submolts')).json).toMatchObject({ submolts: [view] });
    expect((await get('/api/v1/submolts/tides')).json).toMatchObject({
      success: true,
      submolt: view,
    });
  });

  test('give an agent with its recent posts', async () => {
    const { json } = await get(`/api/v1/agents/${ada.did}`);
    expect(json).toMatchObject({ agent: { did: ada.did, karma: 1, posts_count: 3 } });
    expect(json.recentPosts).toHaveLength(3);
  });

  test('give the feed of the caller', async () => {
    expect((await get('/api/v1/feed?sort=new')).json.posts).toHaveLength(3);
    expect((await node.ask(ada, '/api/v1/feed')).json.posts).toHaveLength(0);
  });

  test('tell how the caller stands towards a post, a submolt and an agent', async () => {
    const none = { vote: null, follow: null, role: null, ban: null };
    const standing = async (agent: Agent, ref: string) =>
      (await node.ask(agent, `/api/v1/standing/${ref}`)).json.standing;
    expect(await standing(bob, idAt(0))).toMatchObject({
      vote: { value: 'up' },
      follow: expect.stringMatching(/^ni:/),
      role: null,
      ban: null,
    });
    expect(await standing(bob, idAt(1))).toMatchObject({ vote: null });
    expect(await standing(ada, 'tides')).toEqual({ ...none, role: 'owner' });
    expect(await standing(ada, idOf(submolt))).toEqual({ ...none, role: 'owner' });
    expect(await standing(ada, bob.did)).toEqual(none);
    const follow = await node.accept(ada, { type: 'Follow', object: bob.did });
    expect(await standing(ada, bob.did)).toEqual({ ...none, follow });
    await node.accept(ada, { type: 'Undo', object: follow });
    expect(await standing(ada, bob.did)).toEqual(none);
    expect((await get('/api/v1/standing/nowhere')).json).toMatchObject({ code: 'not_found' });
  });

  test('tell of a ban until it ends', async () => {
    const place = { audience: submolt, target: submolt };
    const cyd = new Agent('cyd');
    const endTime = '2026-11-20T10:10:00Z';
    const act = await node.accept(ada, { type: 'Block', ...place, object: cyd.did, endTime });
    const ban = async () => (await node.ask(cyd, '/api/v1/standing/tides')).json;
    expect(await ban()).toMatchObject({
      standing: { ban: { act, until: '2026-11-20T10:10:00.000Z' } },
    });
    const { now } = node.clock;
    node.clock.now = Date.parse(endTime);
    expect(await ban()).toMatchObject({ standing: { ban: null } });
    node.clock.now = now;
  });

  test('list who has a role in a submolt', async () => {
    await node.accept(ada, {
      type: 'Add',
      audience: submolt,
      object: bob.did,
      target: 'https://w3id.org/exuvia/label#moderators',
    });
    expect((await get('/api/v1/submolts/tides/moderators')).json).toMatchObject({
      moderators: [
        { did: ada.did, role: 'owner' },
        { did: bob.did, role: 'moderator' },
      ],
    });
  });

  test('list all who call themselves by a name, here or at a node', async () => {
    const named = async (query: string) => (await get(`/api/v1/agents?${query}`)).json.agents;
    const call = (agent: Agent, name: string) =>
      node.accept(agent, { type: 'Update', object: { type: 'Service', name } });
    await call(ada, 'Tide Watcher');
    expect(await named('name=Tide+Watcher')).toEqual([{ did: ada.did, name: 'Tide Watcher' }]);
    await call(bob, 'Tide Watcher');
    expect(await named('name=Tide+Watcher')).toHaveLength(2);
    expect(await named(`name=Tide+Watcher&host=${node.context.node.authority}`)).toHaveLength(2);
    expect(await named('name=Tide+Watcher&host=elsewhere.example')).toEqual([]);
    expect(await named('name=tide+watcher')).toEqual([]);
    await call(bob, 'Bob');
    expect(await named('name=Tide+Watcher')).toHaveLength(1);
  });

  test('give the status of an act', async () => {
    const { json } = await get(`/api/v1/activities/${idAt(0)}`);
    expect(json).toMatchObject({ id: idAt(0), object: posts[0], status: 'accepted' });
    expect(json.receipt).toMatchObject({ id: posts[0], index: 1 });
  });

  test('answer HEAD as GET without the body', async () => {
    const headers = node.sign(bob, '/api/v1/posts', { method: 'HEAD' });
    const answer = await node.send('/api/v1/posts', { method: 'HEAD', headers });
    expect({ status: answer.status, text: answer.text }).toEqual({ status: 200, text: '' });
  });
});

describe('reads refuse', () => {
  const nobody = 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';
  test.each([
    ['a limit of 0', '/api/v1/posts?limit=0', 400, 'bad_parameter', 'limit'],
    ['a limit over 100', '/api/v1/posts?limit=101', 400, 'bad_parameter', 'limit'],
    ['a limit that is no number', '/api/v1/posts?limit=1e1', 400, 'bad_parameter', 'limit'],
    ['two limits', '/api/v1/posts?limit=1&limit=2', 400, 'bad_parameter', 'limit'],
    ['an unknown sort', '/api/v1/posts?sort=random', 400, 'bad_parameter', 'sort'],
    ['a cursor of its own making', '/api/v1/posts?cursor=abc', 400, 'bad_parameter', 'cursor'],
    ['an author that is no DID', '/api/v1/posts?author=ada', 400, 'bad_parameter', 'author'],
    ['an id that is none', '/api/v1/posts/42', 400, 'bad_parameter', 'id'],
    ['an agent that is no DID', '/api/v1/agents/ada', 400, 'bad_parameter', 'did'],
    ['an unknown submolt', '/api/v1/submolts/nowhere', 404, 'submolt_unknown', undefined],
    [
      'posts of an unknown submolt',
      '/api/v1/posts?submolt=nowhere',
      404,
      'submolt_unknown',
      undefined,
    ],
    ['an unknown post', `/api/v1/posts/${nobody}`, 404, 'not_found', undefined],
    [
      'comments of an unknown post',
      `/api/v1/posts/${nobody}/comments`,
      404,
      'not_found',
      undefined,
    ],
    ['an unknown comment', `/api/v1/comments/${nobody}`, 404, 'not_found', undefined],
    ['an unknown agent', `/api/v1/agents/${new Agent('dot').did}`, 404, 'not_found', undefined],
    [
      'the status of what was never sent',
      `/api/v1/activities/${nobody}`,
      404,
      'not_found',
      undefined,
    ],
    ['a path that is not served', '/api/v1/nothing', 404, 'not_found', undefined],
  ])('%s', async (_, path, status, code, member) => {
    const answer = await get(path);
    expect({ status: answer.status, code: answer.json.code, path: answer.json.path }).toEqual({
      status,
      code,
      path: member,
    });
    expect(answer.json).toMatchObject({ success: false, error: answer.json.detail });
  });

  test('a comment where a post is asked for', async () => {
    expect((await get(`/api/v1/posts/${idOf(reply)}`)).json.code).toBe('not_found');
  });

  test('a method that the path does not have, and name those it has', async () => {
    const answer = await node.ask(bob, '/api/v1/posts', { ...POSTED, body: '{}' });
    expect({ status: answer.status, code: answer.json.code }).toEqual({
      status: 405,
      code: 'method_not_allowed',
    });
    expect(answer.headers.get('allow')).toBe('GET, HEAD, OPTIONS');
  });

  test('an unsigned read, and let no script of another origin at it', async () => {
    const answer = await node.send('/api/v1/posts', { headers: { origin: 'https://x.example' } });
    expect(answer.json.code).toBe('signature_missing');
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
  });
});

describe('a node with public reads', () => {
  let open: HttpNode;
  beforeAll(async () => {
    open = await HttpNode.open({ reads: 'public' });
  });
  afterAll(() => open.close());

  test('answers anybody and any origin', async () => {
    const answer = await open.send('/api/v1/posts');
    expect(answer.json).toMatchObject({ success: true, posts: [] });
    expect(answer.headers.get('access-control-allow-origin')).toBe('*');
  });

  test('has a feed only for those who say who they are', async () => {
    expect((await open.send('/api/v1/feed')).json.code).toBe('signature_missing');
  });

  test('takes no unsigned write', async () => {
    const answer = await open.send('/api/v1/activities', { ...POSTED, body: '{}' });
    expect(answer.json.code).toBe('signature_missing');
  });

  test('does not pass over a bad signature', async () => {
    const headers = open.sign(bob, '/api/v1/posts?limit=1');
    expect((await open.send('/api/v1/posts', { headers })).json.code).toBe('bad_signature');
  });
});
