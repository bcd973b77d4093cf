// Rising, and the best of a time: orders that no index has, against the same orders worked out by hand.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { comment, group, post } from '../../../test/drafts.ts';
import { Agent, Sandbox } from '../../../test/sandbox.ts';
import { PINNED } from '../../protocol/labels.ts';
import type { ObjectName } from '../../protocol/object-name.ts';
import { type ComparedOrder, type ComparedQuery, comparePosts } from './compared-posts.ts';
import { getThread } from './threads.ts';

const HOUR = 3_600_000;
const [ada, ...others] = ['ada', 'b', 'c', 'd', 'e'].map((name) => new Agent(name)) as [
  Agent,
  ...Agent[],
];
let node: Sandbox;
let submolt: ObjectName;
const posts: { title: string; at: number; score: number; name: ObjectName }[] = [];

const vote = (agent: Agent, type: 'Like' | 'Dislike', object: ObjectName) =>
  node.accept(agent, { type, audience: submolt, object });

beforeEach(async () => {
  node = await Sandbox.open();
  submolt = await node.accept(ada, group('general'));
  posts.length = 0;
  // From 40 days ago on; scores go up and down.
  for (const [i, hours] of [960, 300, 160, 40, 23, 5, 2, 0.5].entries()) {
    node.clock.now += 1;
    posts.push({ title: `P${i}`, at: -hours * HOUR, score: (i * 3) % 5, name: '' as ObjectName });
  }
  const start = node.clock.now;
  for (const one of posts) {
    node.clock.now = start + 960 * HOUR + one.at;
    one.at = node.clock.now;
    one.name = await node.accept(ada, post(submolt, one.title));
    for (const agent of others.slice(0, one.score)) await vote(agent, 'Like', one.name);
  }
  node.clock.now = start + 960 * HOUR;
});
afterEach(() => node.close());

async function all(query: Partial<ComparedQuery> & { order: ComparedOrder }, limit = 3) {
  const titles: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await comparePosts(node.db, { now: node.clock.now, limit, cursor, ...query });
    titles.push(...page.posts.map(({ title }) => title));
    cursor = page.next_cursor ?? undefined;
    // Pages behind the first go by its time.
    node.clock.now += HOUR;
  } while (cursor !== undefined);
  return titles;
}

test('rising: the formula, as of the first page', async () => {
  const { now } = node.clock;
  const rank = ({ at, score }: { at: number; score: number }) =>
    (score + 1) / ((now - at) / HOUR + 2) ** 1.5;
  const expected = posts.toSorted((a, b) => rank(b) - rank(a)).map(({ title }) => title);
  expect(await all({ order: 'rising' })).toEqual(expected);
  node.clock.now = now;
  expect(await all({ order: 'rising', submolt }, 100)).toEqual(expected);
  node.clock.now = now;
  expect(await all({ order: 'rising', author: ada.did })).toEqual(expected);
});

test.each([
  ['hour', 1],
  ['day', 24],
  ['week', 168],
  ['month', 720],
  ['year', 8760],
] as const)('the best of the last %s', async (order, hours) => {
  const { now } = node.clock;
  const expected = posts
    .filter(({ at }) => at > now - hours * HOUR)
    .toReversed()
    .sort((a, b) => b.score - a.score)
    .map(({ title }) => title);
  expect(await all({ order })).toEqual(expected);
});

test('a feed has them too, and no post that does not stand', async () => {
  const bob = others[0] as Agent;
  await node.accept(bob, { type: 'Follow', audience: submolt, object: submolt });
  const gone = posts[7]!;
  await node.accept(ada, { type: 'Delete', audience: submolt, object: gone.name });
  const feed = { of: bob.did, filter: 'all' } as const;
  expect(await all({ order: 'day', feed })).toEqual(['P6', 'P4', 'P5']);
  expect(await all({ order: 'rising', feed: { ...feed, filter: 'following' } })).toEqual([]);
});

test('pins come first on the first page of a submolt, once', async () => {
  await node.accept(ada, {
    type: 'Add',
    audience: submolt,
    object: posts[0]!.name,
    target: PINNED,
  });
  const titles = await all({ order: 'rising', submolt });
  expect(titles[0]).toBe('P0');
  expect(new Set(titles).size).toBe(posts.length);
  expect(titles).toHaveLength(posts.length);
});

test('a cursor of another order, or of none, is refused', async () => {
  const { next_cursor } = await comparePosts(node.db, {
    order: 'week',
    now: node.clock.now,
    limit: 1,
  });
  const refused = { code: 'cursor_invalid' };
  for (const cursor of [next_cursor ?? '', 'x', '', 'cmlzaW5nQHggMSAx']) {
    const query = { order: 'rising', now: node.clock.now, limit: 1, cursor } as const;
    await expect(comparePosts(node.db, query)).rejects.toMatchObject(refused);
  }
});

test('comments by the votes of the smaller side', async () => {
  const thread = posts[0]!.name;
  const votes = [
    [3, 0],
    [1, 1],
    [2, 2],
    [0, 1],
  ] as const;
  for (const [i, [up, down]] of votes.entries()) {
    const name = await node.accept(ada, comment(submolt, thread, `C${i}`));
    for (const agent of others.slice(0, up)) await vote(agent, 'Like', name);
    for (const agent of others.slice(up, up + down)) await vote(agent, 'Dislike', name);
  }
  const texts: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await getThread(node.db, thread, { sort: 'controversial', limit: 2, cursor });
    texts.push(...page.comments.map(({ content }) => content));
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
  expect(texts).toEqual(['C2', 'C1', 'C3', 'C0']);
  const top = await getThread(node.db, thread, { sort: 'top', limit: 9 });
  const best = await getThread(node.db, thread, { sort: 'best', limit: 9 });
  expect(top.comments).toEqual(best.comments);
});
