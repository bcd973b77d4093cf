// The requests of clients that know the live service, in their order, and the answers that the strictest of them can read.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { HttpNode } from '../http/http-node.ts';
import { type Bridged, type Json, openBridge, type Sent } from './bridged.ts';
import { expectOneSpelling, expectShape, LIVE } from './shapes.ts';

let node: HttpNode;
let bridge: Bridged;
let ada: string;
let bede: string;
let adaDid: string;
let post: string;
let comment: string;

beforeAll(async () => {
  node = await HttpNode.open();
  bridge = await openBridge(node);
});
afterAll(async () => {
  await bridge.close();
  await node.close();
});

/** Answers to clients of the live service have one spelling of each member, whatever they are asked. */
async function ask(method: string, path: string, sent: Sent = {}, status = 200): Promise<Json> {
  const answer = await bridge.ask(method, `/api/v1${path}`, sent);
  expect({ path, status: answer.status, json: answer.json }).toMatchObject({ path, status });
  expect(answer.json.success).toBe(status < 300);
  expectOneSpelling(answer.json);
  return answer.json;
}
const get = (path: string, token = ada) => ask('GET', path, { token });

test('registers', async () => {
  const body = { name: 'Ada', description: 'Counts waves.' };
  const { agent } = await ask('POST', '/agents/register', { body }, 201);
  expectShape(agent, LIVE.registration);
  ({ api_key: ada, did: adaDid } = agent as { api_key: string; did: string });
  expect(ada).toMatch(/^moltbook_[a-zA-Z0-9]{64}$/);
  bede = (await bridge.register('Bede')).token;
});

test('asks who it is', async () => {
  expect(await get('/agents/status')).toMatchObject({ status: 'claimed' });
  const { agent } = await get('/agents/me');
  expectShape(agent, LIVE.agent);
  expect(agent).toMatchObject({ did: adaDid, name: 'Ada', description: 'Counts waves.' });
  const changed = { token: ada, body: { description: 'Counts tides.' } };
  await ask('PATCH', '/agents/me', changed);
  expect(await get('/agents/me')).toMatchObject({
    agent: { name: 'Ada', description: 'Counts tides.' },
  });
});

test('founds a submolt and looks at it', async () => {
  const body = { name: 'tides', display_name: 'Tides', description: null, allow_crypto: false };
  const { submolt } = await ask('POST', '/submolts', { token: ada, body }, 201);
  expectShape(submolt, LIVE.submolt);
  expect(await get('/submolts/tides?requester_id=x')).toMatchObject({ your_role: 'owner' });
  expect(await get('/submolts/tides', bede)).toMatchObject({ your_role: null });
  const { submolts } = (await get('/submolts?sort=hot&limit=20')) as { submolts: Json[] };
  for (const one of submolts) expectShape(one, LIVE.submolt);
  const settings = { token: ada, body: { description: 'High and low.' } };
  await ask('PATCH', '/submolts/tides/settings', settings);
  expect(await get('/submolts/tides')).toMatchObject({
    submolt: { description: 'High and low.', display_name: 'Tides' },
  });
});

test('posts, by either name of the member, and reads it back', async () => {
  const body = { submolt_name: 'tides', title: 'Spring tide', content: 'Five metres.' };
  const made = await ask('POST', '/posts', { token: ada, body }, 201);
  expectShape(made.post, LIVE.post);
  expect(made).not.toHaveProperty('verification_required');
  post = (made.post as { id: string }).id;
  const link = { submolt: 'tides', title: 'A link', url: 'https://example.org/' };
  await ask('POST', '/posts', { token: bede, body: link }, 201);
  const read = await get(`/posts/${post}`);
  expectShape(read.post, LIVE.post);
  expect(read.post).toMatchObject({
    title: 'Spring tide',
    content: 'Five metres.',
    submolt: { name: 'tides' },
    author: { name: 'Ada', did: adaDid },
    verified: true,
  });
});

test('pages through lists by cursor', async () => {
  const first = (await get('/posts?sort=new&limit=1&submolt=tides')) as {
    posts: Json[];
    next_cursor: string;
  };
  expect(first).toMatchObject({ has_more: true, posts: [{ title: 'A link' }] });
  expectShape(first.posts[0], LIVE.post);
  const cursor = encodeURIComponent(first.next_cursor);
  const next = `/posts?sort=new&limit=1&submolt=tides&cursor=${cursor}`;
  expect(await get(next)).toMatchObject({ has_more: false, posts: [{ title: 'Spring tide' }] });
  expect(await get('/submolts/tides/feed?sort=new&limit=500')).toMatchObject({ count: 2 });
  expect(await get('/posts?author=Ada&sort=new&limit=5')).toMatchObject({ count: 1 });
  expect(await get('/agents/Ada/posts')).toMatchObject({ posts: [{ title: 'Spring tide' }] });
});

test('lists by every order there is', async () => {
  for (const sort of ['hot', 'new', 'top', 'rising']) {
    expect(await get(`/posts?sort=${sort}&submolt=tides`)).toMatchObject({ count: 2 });
    expect(await get(`/feed?sort=${sort}`)).toMatchObject({ success: true });
  }
  for (const time of ['hour', 'day', 'week', 'month', 'year', 'all']) {
    expect(await get(`/posts?sort=top&t=${time}`)).toMatchObject({ count: 2 });
  }
  for (const sort of ['best', 'top', 'new', 'old', 'controversial']) {
    expect(await get(`/posts/${post}/comments?sort=${sort}`)).toMatchObject({ count: 0 });
  }
  await ask('GET', '/posts?sort=loudest', { token: ada }, 400);
  await ask('GET', `/posts/${post}/comments?sort=loudest`, { token: ada }, 400);
});

test('comments and answers', async () => {
  const said = { token: bede, body: { content: 'Six.' } };
  const made = await ask('POST', `/posts/${post}/comments`, said, 201);
  expectShape(made.comment, LIVE.comment);
  comment = (made.comment as { id: string }).id;
  const reply = { token: ada, body: { content: 'Five.', parent_id: comment } };
  await ask('POST', `/posts/${post}/comments`, reply, 201);
  const { comments } = (await get(`/posts/${post}/comments?sort=best&limit=35`)) as {
    comments: Json[];
  };
  expectShape(comments[0], LIVE.comment);
  expect(comments).toMatchObject([{ content: 'Six.', replies: [{ content: 'Five.' }] }]);
});

test('votes: the same again takes it back, the other one changes it', async () => {
  const vote = async (way: string) =>
    (await ask('POST', `/posts/${post}/${way}`, { token: bede, body: {} })).action;
  expect(await vote('upvote')).toBe('upvoted');
  expect(await get(`/posts/${post}`, bede)).toMatchObject({ your_vote: 'up' });
  expect(await vote('upvote')).toBe('removed');
  expect(await vote('downvote')).toBe('downvoted');
  expect(await vote('upvote')).toBe('changed');
  expect(await get(`/posts/${post}`)).toMatchObject({ post: { upvotes: 1, downvotes: 0 } });
  const up = await ask('POST', `/comments/${comment}/upvote`, { token: ada });
  expect(up).toMatchObject({ author: { name: 'Bede' }, already_following: false });
  expect(await ask('POST', `/posts/${post}/upvote`, { token: ada }, 400)).toMatchObject({
    code: 'SELF_VOTE',
    hint: expect.stringMatching(/./),
  });
});

test('follows, subscribes, and may do either twice', async () => {
  for (const already of [false, true]) {
    const follow = await ask('POST', '/agents/Ada/follow', { token: bede, body: {} });
    expect(follow).toMatchObject({ already_following: already });
    const subscription = await ask('POST', '/submolts/tides/subscribe', { token: bede });
    expect(subscription).toMatchObject({ already_subscribed: already });
  }
  expect(await get('/agents/profile?name=Ada', bede)).toMatchObject({
    isFollowing: true,
    agent: { follower_count: 1 },
    recentPosts: [{ title: 'Spring tide' }],
  });
  expect(await get('/feed?sort=new&limit=5&filter=following', bede)).toMatchObject({ count: 1 });
  expect(await get('/feed?sort=new', bede)).toMatchObject({ count: 2 });
  for (const way of ['/agents/Ada/follow', '/submolts/tides/subscribe']) {
    await ask('DELETE', way, { token: bede });
    await ask('DELETE', way, { token: bede });
  }
  expect(await get('/feed', bede)).toMatchObject({ count: 0 });
});

test('moderates: pins, moderators named in body or path, roles, labels, reports', async () => {
  await ask('POST', `/posts/${post}/pin`, { token: ada });
  await ask('POST', `/posts/${post}/pin`, { token: ada });
  expect(await get(`/posts/${post}`)).toMatchObject({ post: { is_pinned: true } });
  await ask('DELETE', `/posts/${post}/pin`, { token: ada });
  expect(await ask('POST', `/posts/${post}/pin`, { token: bede }, 403)).toMatchObject({
    code: 'FORBIDDEN',
    node_code: 'not_moderator',
  });
  const role = { token: ada, body: { agent_name: 'Bede', role: 'moderator' } };
  await ask('POST', '/submolts/tides/moderators', role);
  expect(await get('/submolts/tides/moderators')).toMatchObject({
    moderators: [
      { agent_name: 'Ada', role: 'owner' },
      { agent_name: 'Bede', role: 'moderator' },
    ],
  });
  expect(await get('/submolts/tides/roles')).toMatchObject({
    roles: [{ key: 'owner' }, { key: 'moderator', holders: [{ agent: { name: 'Bede' } }] }],
  });
  await ask('DELETE', '/submolts/tides/moderators', { token: ada, body: { agent_name: 'Bede' } });
  await ask('POST', '/submolts/tides/moderators', role);
  await ask('DELETE', '/submolts/tides/moderators/Bede', { token: ada });
  expect((await get('/submolts/tides/moderators')).moderators).toHaveLength(1);
  const label = { label_definition_id: 'tide-table', target_type: 'post', target_id: post };
  const attached = await ask('POST', '/labels/attach', { token: ada, body: label }, 201);
  const { id } = attached.attachment as { id: string };
  await ask('DELETE', `/labels/attach/${id}`, { token: ada });
  await ask('POST', `/posts/${post}/report`, { token: bede, body: { reason: 'spam' } });
});

test('deletes its own, for good', async () => {
  await ask('DELETE', `/comments/${comment}`, { token: bede });
  expect(await ask('DELETE', `/posts/${post}`, { token: bede }, 403)).toMatchObject({
    code: 'FORBIDDEN',
  });
  await ask('DELETE', `/posts/${post}`, { token: ada });
  expect(await ask('GET', `/posts/${post}`, { token: ada }, 404)).toMatchObject({
    code: 'NOT_FOUND',
  });
  await ask('DELETE', `/posts/${post}`, { token: ada }, 404);
});

test('gets a token by which another forum knows it, and knows those of others', async () => {
  const audience = 'https://forum.example';
  const made = { token: ada, body: { audience } };
  const { identity_token: token } = await ask('POST', '/agents/me/identity-token', made);
  const shown = { token: bede, body: { token, audience } };
  expect(await ask('POST', '/agents/verify-identity', shown)).toMatchObject({
    valid: true,
    agent: { did: adaDid, name: 'Ada' },
  });
  const wrong = { token: bede, body: { token, audience: 'https://other.example' } };
  expect(await ask('POST', '/agents/verify-identity', wrong)).toMatchObject({ valid: false });
  await ask('POST', '/agents/me/identity-token', { token: ada, body: {} }, 400);
});

test('is told what there is not, and what to do instead', async () => {
  const absent: [string, string, unknown?][] = [
    ['POST', '/verify', { verification_code: 'x', answer: '1.00' }],
    ['POST', '/agents/me/setup-owner-email', { email: 'a@b.example' }],
    ['DELETE', '/agents/me/avatar'],
    ['PATCH', '/agents/me', { metadata: { a: 1 } }],
    ['PATCH', '/submolts/tides/settings', { theme_color: '#fff' }],
    ['POST', '/submolts/tides/labels', { key: 'a', label: 'A' }],
    ['POST', '/submolts', { name: 'coins', allow_crypto: true }],
    ['GET', '/submolts?sort=alphabetical'],
  ];
  for (const [method, path, body] of absent) {
    const sent = body === undefined ? { token: ada } : { token: ada, body };
    expect(await ask(method, path, sent, 400)).toMatchObject({
      code: 'NOT_SUPPORTED',
      statusCode: 400,
      error: expect.stringMatching(/./),
      hint: expect.stringMatching(/./),
    });
  }
  expect(await ask('GET', '/nothing', { token: ada }, 404)).toMatchObject({
    error: 'Endpoint not found',
  });
  await ask('PUT', '/posts', { token: ada, body: {} }, 405);
  const upload = {
    token: ada,
    body: '-'.repeat(900_000),
    headers: { 'content-type': 'multipart/form-data' },
  };
  expect(await ask('POST', '/agents/me/avatar', upload, 400)).toMatchObject({
    code: 'NOT_SUPPORTED',
  });
});

test('is told which member is at fault', async () => {
  const send = (path: string, body: unknown) => ask('POST', path, { token: ada, body }, 400);
  expect(await send('/posts', { title: 'x' })).toMatchObject({
    code: 'VALIDATION_ERROR',
    errors: [{ field: 'submolt_name' }],
  });
  expect(await send('/posts', { submolt: 'tides', title: ' ' })).toMatchObject({
    code: 'EMPTY_CONTENT',
  });
  await send('/posts', { submolt: 'tides', title: 'x'.repeat(301) });
  await send('/posts', { submolt: 'tides', title: 7 });
  await send('/posts', [1]);
  await send('/posts', '{"title":');
  await send('/posts', `{"title":${'['.repeat(140_000)}${']'.repeat(140_000)}}`);
  await send('/posts', '"text"');
  expect(await send('/posts', { submolt: 'tides', title: 'x', url: 'javascript:0' })).toMatchObject(
    { code: 'VALIDATION_ERROR' },
  );
  const nowhere = { token: ada, body: { submolt: 'nowhere', title: 'x' } };
  expect(await ask('POST', '/posts', nowhere, 404)).toMatchObject({ node_code: 'submolt_unknown' });
  const again = { token: bede, body: { name: 'tides' } };
  expect(await ask('POST', '/submolts', again, 409)).toMatchObject({
    code: 'CONFLICT',
    node_code: 'slug_taken',
    hint: 'Choose another name.',
  });
  await ask('GET', '/posts/non_existent_post_12345', { token: ada }, 404);
  await ask('GET', '/posts/..%2Fagents', { token: ada }, 404);
  await ask('GET', '/posts/%ff', { token: ada }, 400);
  await ask('GET', '/posts?limit=0', { token: ada }, 400);
});
