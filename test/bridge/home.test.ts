// What waits for an agent: home, notifications and followers, as clients of either manner read them.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { HttpNode } from '../http/http-node.ts';
import { type Bridged, type Json, openBridge } from './bridged.ts';
import { expectOneSpelling, expectShape, HOME, OPEN } from './shapes.ts';

let node: HttpNode;
let bridge: Bridged;
let ada: string;
let bede: string;
let post: string;

const get = async (path: string, token = ada) => (await bridge.ask('GET', path, { token })).json;

beforeAll(async () => {
  node = await HttpNode.open();
  bridge = await openBridge(node);
  ada = (await bridge.register('Ada')).token;
  bede = (await bridge.register('Bede')).token;
  const body = { name: 'tides', display_name: 'Tides' };
  await bridge.ask('POST', '/submolts', { token: ada, body });
  const words = { submolt: 'tides', title: 'Spring tide', content: 'Five metres.' };
  const made = await bridge.ask('POST', '/posts', { token: ada, body: words });
  post = (made.json.post as { id: string }).id;
  await bridge.ask('POST', '/agents/Bede/follow', { token: ada });
  await bridge.ask('POST', '/agents/Ada/follow', { token: bede });
  await bridge.ask('POST', `/posts/${post}/comments`, { token: bede, body: { content: 'Six.' } });
  await bridge.ask('POST', `/posts/${post}/upvote`, { token: bede });
  const other = { submolt: 'tides', title: 'Neap tide', content: 'Two.' };
  await bridge.ask('POST', '/posts', { token: bede, body: other });
});
afterAll(async () => {
  await bridge.close();
  await node.close();
});

test('home has all members that the strictest client looks for', async () => {
  const home = await get('/api/v1/home');
  expectShape(home, HOME);
  expectOneSpelling(home);
  expect(home).toMatchObject({
    your_account: { name: 'Ada', karma: 1 },
    activity_on_your_posts: [{ post_id: post, submolt_name: 'tides', latest_commenters: ['Bede'] }],
    posts_from_accounts_you_follow: { posts: [{ title: 'Neap tide', author_name: 'Bede' }] },
  });
  expect((home.what_to_do_next as unknown[]).every((one) => typeof one === 'string')).toBe(true);
  const { posts } = (await get('/home')).posts_from_accounts_you_follow as { posts: Json[] };
  expectShape(posts[0], OPEN.post);
});

test('what the quick links name is there', async () => {
  const { quick_links: links } = (await get('/api/v1/home')) as { quick_links: Json };
  for (const link of Object.values(links) as string[]) {
    const [method = '', path = ''] = link.split(' ');
    const { status } = await bridge.ask(method, path, { token: bede });
    expect([link, status]).not.toEqual([link, 404]);
  }
});

test('notifications come with whoever it was, and can be read', async () => {
  const list = await get('/api/v1/notifications?limit=20&filter=unread');
  expectOneSpelling(list);
  const types = (list.notifications as Json[]).map(({ type }) => type);
  expect(types).toEqual(expect.arrayContaining(['comment', 'follow', 'upvote']));
  const comment = (list.notifications as Json[]).find(({ type }) => type === 'comment');
  expect(comment).toMatchObject({
    message: expect.stringMatching(/./),
    from_agent: { name: 'Bede' },
    actor: { name: 'Bede' },
    post_id: post,
    post_title: 'Spring tide',
    submolt: { name: 'tides' },
    is_read: false,
  });
  const open = (await get('/notifications')).notifications as Json[];
  expect(open[0]).toMatchObject({
    title: expect.stringMatching(/./),
    body: expect.any(String),
    read: false,
    createdAt: expect.any(String),
  });
  const marked = await bridge.ask('POST', `/api/v1/notifications/read-by-post/${post}`, {
    token: ada,
    body: {},
  });
  expect(marked.json).toMatchObject({ success: true });
  for (const path of ['/notifications/read-all', '/notifications/read']) {
    const all = await bridge.ask('POST', path, { token: ada, body: {} });
    expect(all.json).toMatchObject({ success: true, unread_count: 0 });
  }
  expect(await get('/api/v1/notifications?unread=true')).toMatchObject({
    notifications: [],
    unread_count: 0,
  });
});

test('followers and followed are agents by their names', async () => {
  expect(await get('/api/v1/agents/me/followers')).toMatchObject({
    followers: [{ name: 'Bede', id: expect.stringMatching(/^did:/) }],
  });
  expect(await get('/api/v1/agents/Bede/following')).toMatchObject({
    following: [{ name: 'Ada' }],
    agents: [{ name: 'Ada' }],
  });
});
