// The requests of the published SDK and web client, in their order, and the answers their types demand.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { HttpNode } from '../http/http-node.ts';
import { type Bridged, type Json, openBridge, type Sent } from './bridged.ts';
import { expectShape, OPEN } from './shapes.ts';

let node: HttpNode;
let bridge: Bridged;
let ada: string;
let bede: string;
let post: string;

beforeAll(async () => {
  node = await HttpNode.open();
  bridge = await openBridge(node);
});
afterAll(async () => {
  await bridge.close();
  await node.close();
});

/** They lose the prefix of their base URL, and declare JSON whether or not there is any. */
async function ask(method: string, path: string, sent: Sent = {}, status = 200): Promise<Json> {
  const headers = { 'content-type': 'application/json', ...sent.headers };
  const answer = await bridge.ask(method, path, { ...sent, headers });
  expect({ path, status: answer.status, json: answer.json }).toMatchObject({ path, status });
  return answer.json;
}
const get = (path: string, token = ada) => ask('GET', path, { token });
const list = async (path: string, token = ada) => {
  const page = (await get(path, token)) as { data: Json[]; pagination: Json };
  expectShape(page.pagination, OPEN.page);
  expect(page.pagination.count).toBe(page.data.length);
  return page;
};

test('registers', async () => {
  const made = await ask('POST', '/agents/register', { body: { name: 'ada_1' } }, 201);
  expect(made.important).toMatch(/./);
  ada = (made.agent as { api_key: string }).api_key;
  bede = (await bridge.register('bede_1')).token;
  const { agent } = await get('/agents/me');
  expectShape(agent, OPEN.agent);
  expect(agent).toMatchObject({ name: 'ada_1', status: 'active' });
  expect(await get('/agents/status')).toMatchObject({ status: 'claimed' });
  const change = { token: ada, body: { displayName: 'Ada', description: 'Waves.' } };
  expect(await ask('PATCH', '/agents/me', change)).toMatchObject({
    agent: { displayName: 'Ada', description: 'Waves.' },
  });
});

test('founds, posts, lists', async () => {
  const body = { name: 'tides', display_name: 'Tides', description: 'High and low.' };
  const { submolt } = await ask('POST', '/submolts', { token: ada, body }, 201);
  expectShape(submolt, OPEN.submolt);
  expectShape((await list('/submolts?sort=popular&limit=50&offset=0')).data[0], OPEN.submolt);
  const words = { submolt: 'tides', title: 'Spring tide', content: 'x', postType: 'text' };
  const made = await ask('POST', '/posts', { token: ada, body: words }, 201);
  expectShape(made.post, OPEN.post);
  expect(made.post).toMatchObject({ submolt: 'tides', authorName: 'Ada', commentCount: 0 });
  post = (made.post as { id: string }).id;
  expectShape((await get(`/posts/${post}`)).post, OPEN.post);
});

test('counts pages from the beginning, without loss or repetition', async () => {
  for (let i = 0; i < 6; i++) {
    const body = { submolt: 'tides', title: `post ${i}`, content: 'x' };
    await ask('POST', '/posts', { token: ada, body }, 201);
  }
  await ask('POST', `/posts/${post}/pin`, { token: ada });
  for (const path of ['/posts?submolt=tides&sort=new', '/submolts/tides/feed?sort=hot']) {
    const whole = (await list(`${path}&limit=100`)).data.map(({ id }) => id);
    const parts: unknown[] = [];
    for (let offset = 0, more = true; more; offset += 3) {
      const { data, pagination } = await list(`${path}&limit=3&offset=${offset}`);
      parts.push(...data.map(({ id }) => id));
      more = pagination.hasMore === true;
    }
    expect(whole).toHaveLength(7);
    expect(parts).toEqual(whole);
    expect(whole[0]).toBe(post);
  }
  expect(await list('/posts?offset=900')).toMatchObject({
    data: [],
    pagination: { hasMore: false },
  });
  await ask('GET', '/posts?offset=100000', { token: ada }, 400);
});

test('comments: the tree and its depths as the published server has them', async () => {
  const send = async (body: Json, token: string) => {
    const made = await ask('POST', `/posts/${post}/comments`, { token, body }, 201);
    expectShape(made.comment, OPEN.comment);
    return (made.comment as { id: string }).id;
  };
  const first = await send({ content: 'First.' }, bede);
  await send({ content: 'Reply.', parentId: first }, ada);
  const { comments } = (await get(`/posts/${post}/comments?sort=top&limit=100`)) as {
    comments: Json[];
  };
  expect(comments).toMatchObject([
    { depth: 0, parentId: null, postId: post, replies: [{ depth: 1, parentId: first }] },
  ]);
  const { comment } = await get(`/comments/${first}`);
  expectShape(comment, OPEN.comment);
  await ask('DELETE', `/comments/${first}`, { token: bede });
});

test('votes, and tells the vote of its own in the words of whoever asks', async () => {
  const vote = (way: string) => ask('POST', `/posts/${post}/${way}`, { token: bede });
  const first = await vote('upvote');
  expectShape(first, OPEN.vote);
  expect(first.action).toBe('upvoted');
  const own = async (agent: string) =>
    (
      (await ask('GET', `/posts/${post}`, { token: bede, headers: { 'user-agent': agent } }))
        .post as Json
    ).userVote;
  expect(await own('MoltbookSDK/1.0.0 TypeScript')).toBe(1);
  expect(await own('Mozilla/5.0')).toBe('up');
  expect((await vote('downvote')).action).toBe('changed');
  expect(await own('MoltbookSDK/1.0.0 TypeScript')).toBe(-1);
  expect((await vote('downvote')).action).toBe('removed');
  expect(await own('MoltbookSDK/1.0.0 TypeScript')).toBe(0);
});

test('knows whom it follows and what it is subscribed to', async () => {
  await ask('POST', '/agents/Ada/follow', { token: bede });
  expect(await get('/agents/profile?name=Ada', bede)).toMatchObject({ isFollowing: true });
  await ask('POST', '/submolts/tides/subscribe', { token: bede });
  expect((await get('/submolts/tides', bede)).submolt).toMatchObject({
    isSubscribed: true,
    yourRole: null,
  });
  expect((await list('/feed?sort=hot&limit=2&offset=2', bede)).data).toHaveLength(2);
  await ask('DELETE', '/agents/Ada/follow', { token: bede });
  expect(await get('/agents/profile?name=Ada', bede)).toMatchObject({ isFollowing: false });
});

test('speaks so to the SDK under the prefix too', async () => {
  const headers = { 'user-agent': 'MoltbookSDK/1.0.0 Kotlin' };
  const page = await ask('GET', '/api/v1/posts?limit=1', { token: ada, headers });
  expectShape((page.data as Json[])[0], OPEN.post);
});

test('is refused by status and code', async () => {
  const refusal = async (token: string, path: string, status: number) =>
    (await ask('GET', path, { token }, status)).code;
  expect(await refusal('moltbook_invalid_key_12345678901234567890', '/agents/me', 401)).toBe(
    'UNAUTHORIZED',
  );
  expect(await refusal(ada, '/posts/non_existent_post_12345', 404)).toBe('NOT_FOUND');
});
