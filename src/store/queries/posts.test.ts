// Lists of posts and feeds: orders, pages that do not shift, pins, what is hidden.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { group, post } from '../../../test/drafts.ts';
import { Agent, Sandbox } from '../../../test/sandbox.ts';
import { PINNED } from '../../protocol/labels.ts';
import type { ObjectName } from '../../protocol/object-name.ts';
import { getFeed } from './feed.ts';
import { getPost, listPosts, type PostPage, type PostQuery } from './posts.ts';

const [ada, bob, eve] = ['ada', 'bob', 'eve'].map((name) => new Agent(name)) as [
  Agent,
  Agent,
  Agent,
];
let node: Sandbox;
let submolt: ObjectName;
let names: ObjectName[];

beforeEach(async () => {
  node = await Sandbox.open();
  submolt = await node.accept(ada, group('general'));
  names = [];
  for (let i = 0; i < 7; i++) {
    node.clock.now += 60_000;
    names.push(await node.accept(i % 2 === 0 ? ada : bob, post(submolt, `Post ${i}`)));
  }
});
afterEach(() => node.close());

const vote = (agent: Agent, type: 'Like' | 'Dislike', object: ObjectName) =>
  node.accept(agent, { type, audience: submolt, object });
const titles = ({ posts }: PostPage) => posts.map(({ title }) => Number(title.slice(5)));

async function allPages(query: Omit<PostQuery, 'cursor'>): Promise<number[]> {
  const found: number[] = [];
  for (let cursor: string | undefined; ; ) {
    const page = await listPosts(node.db, { ...query, cursor });
    found.push(...titles(page));
    if (page.next_cursor === null) return found;
    cursor = page.next_cursor;
  }
}

describe('listPosts', () => {
  test('gives the newest first, in pages without gap or overlap', async () => {
    expect(await allPages({ sort: 'new', limit: 3 })).toEqual([6, 5, 4, 3, 2, 1, 0]);
    expect(await allPages({ sort: 'new', limit: 7 })).toHaveLength(7);
  });

  test('goes on where a page ended, whatever came in between', async () => {
    const first = await listPosts(node.db, { sort: 'new', limit: 3 });
    await node.accept(eve, post(submolt, 'Post 99'));
    const second = await listPosts(node.db, {
      sort: 'new',
      limit: 3,
      cursor: first.next_cursor ?? '',
    });
    expect(titles(second)).toEqual([3, 2, 1]);
  });

  test('orders by score, and by score and age together', async () => {
    for (const agent of [bob, eve]) await vote(agent, 'Like', names[2]!);
    await vote(eve, 'Like', names[0]!);
    await vote(ada, 'Dislike', names[5]!);
    expect(await allPages({ sort: 'top', limit: 2 })).toEqual([2, 0, 6, 4, 3, 1, 5]);
    // Two votes are worth log10(2) · 12.5 hours, far more than the minutes between the posts.
    expect(titles(await listPosts(node.db, { sort: 'hot', limit: 2 }))).toEqual([2, 6]);
  });

  test('keeps to a submolt or an author', async () => {
    const other = await node.accept(bob, group('other'));
    await node.accept(bob, post(other, 'Post 50'));
    expect(await allPages({ sort: 'new', limit: 4, submolt: other })).toEqual([50]);
    expect(await allPages({ sort: 'new', limit: 2, author: bob.did })).toEqual([50, 5, 3, 1]);
    expect(await allPages({ sort: 'top', limit: 2, author: bob.did, submolt })).toEqual([5, 3, 1]);
  });

  test('puts pins first on the first page of their submolt, once', async () => {
    await node.accept(ada, { type: 'Add', audience: submolt, object: names[1]!, target: PINNED });
    expect(await allPages({ sort: 'new', limit: 3, submolt })).toEqual([1, 6, 5, 4, 3, 2, 0]);
    expect(await allPages({ sort: 'new', limit: 3 })).toEqual([6, 5, 4, 3, 2, 1, 0]);
  });

  test('hides what was removed or deleted, and shows the places by name', async () => {
    const audience = submolt;
    await node.accept(ada, { type: 'Remove', audience, object: names[1]!, origin: submolt });
    await node.accept(ada, { type: 'Delete', audience, object: names[2]! });
    expect(await allPages({ sort: 'new', limit: 9, submolt })).toEqual([6, 5, 4, 3, 0]);
    const hidden = { title: '', content: '', url: null };
    expect(await getPost(node.db, names[1]!)).toMatchObject({ ...hidden, is_removed: true });
    expect(await getPost(node.db, names[2]!)).toMatchObject({ ...hidden, is_deleted: true });
  });

  test.each(['', 'AAAA', 'bmV3IDEgMg', '!'])(
    'refuses the cursor %j of no such list',
    async (cursor) => {
      const listing = listPosts(node.db, { sort: 'hot', limit: 3, cursor });
      await expect(listing).rejects.toMatchObject({ code: 'cursor_invalid' });
    },
  );

  test('shows an edited post with its new words and both times', async () => {
    const { object } = (await getPost(node.db, names[0]!))!;
    node.clock.now += 5_000;
    await node.accept(ada, {
      type: 'Update',
      audience: submolt,
      target: object,
      object: { type: 'Article', name: 'Edited', url: 'https://example.org/' },
    });
    expect(await getPost(node.db, object)).toMatchObject({
      title: 'Edited',
      content: '',
      type: 'link',
      url: 'https://example.org/',
      created_at: '2026-11-20T10:01:00.000Z',
      updated_at: '2026-11-20T10:07:05.000Z',
    });
  });
});

describe('getFeed', () => {
  const feed = async (filter: 'all' | 'following', limit = 10, cursor?: string) =>
    getFeed(node.db, eve.did, { sort: 'new', filter, limit, cursor });

  test('is empty for an agent that follows nothing', async () => {
    expect(await feed('all')).toEqual({ posts: [], next_cursor: null });
  });

  test('has the posts of submolts and of agents, each once', async () => {
    const other = await node.accept(bob, group('other'));
    await node.accept(bob, post(other, 'Post 50'));
    await node.accept(ada, post(other, 'Post 51'));
    await node.accept(eve, { type: 'Follow', object: bob.did });
    expect(titles(await feed('all'))).toEqual([50, 5, 3, 1]);
    await node.accept(eve, { type: 'Follow', audience: submolt, object: submolt });
    expect(titles(await feed('all'))).toEqual([50, 6, 5, 4, 3, 2, 1, 0]);
    expect(titles(await feed('following'))).toEqual([50, 5, 3, 1]);
  });

  test('comes in pages', async () => {
    await node.accept(eve, { type: 'Follow', audience: submolt, object: submolt });
    const first = await feed('all', 4);
    expect(titles(first)).toEqual([6, 5, 4, 3]);
    const second = await feed('all', 4, first.next_cursor ?? '');
    expect(titles(second)).toEqual([2, 1, 0]);
    expect(second.next_cursor).toBeNull();
  });

  test('forgets what is no longer followed', async () => {
    const subscription = await node.accept(eve, {
      type: 'Follow',
      audience: submolt,
      object: submolt,
    });
    await node.accept(eve, { type: 'Undo', audience: submolt, object: subscription });
    expect(titles(await feed('all'))).toEqual([]);
  });
});
