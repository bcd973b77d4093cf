// Threads, submolts, agents and the fate of an act, as readers see them.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { comment, group, post } from '../../../test/drafts.ts';
import { catchUp, follow } from '../../../test/replica.ts';
import { Agent, identityOf, Sandbox } from '../../../test/sandbox.ts';
import { hashOf, idOf, nameFromHash, type ObjectName } from '../../protocol/object-name.ts';
import type { CommentView } from '../../protocol/views.ts';
import { getActivityStatus, readObject } from './activity-status.ts';
import { getAgent } from './agents.ts';
import { getSubmolt, listSubmolts } from './submolts.ts';
import { getComment, getThread } from './threads.ts';

const [ada, bob, eve] = ['ada', 'bob', 'eve'].map((name) => new Agent(name)) as [
  Agent,
  Agent,
  Agent,
];
let node: Sandbox;
let submolt: ObjectName;
let thread: ObjectName;

beforeEach(async () => {
  node = await Sandbox.open();
  submolt = await node.accept(ada, group('general'));
  thread = await node.accept(ada, post(submolt, 'One'));
});
afterEach(() => node.close());

async function reply(agent: Agent, parent: ObjectName, text: string): Promise<ObjectName> {
  node.clock.now += 1000;
  return node.accept(agent, comment(submolt, parent, text));
}

interface Tree {
  [content: string]: Tree;
}
function treeOf(comments: readonly CommentView[]): Tree {
  return Object.fromEntries(comments.map(({ content, replies }) => [content, treeOf(replies)]));
}

describe('getThread', () => {
  test('hangs replies below what they answer', async () => {
    const a = await reply(bob, thread, 'a');
    await reply(ada, a, 'a1');
    const a2 = await reply(ada, a, 'a2');
    await reply(bob, a2, 'a2x');
    await reply(eve, thread, 'b');
    const { comments } = await getThread(node.db, thread, { sort: 'old', limit: 10 });
    expect(treeOf(comments)).toEqual({ a: { a1: {}, a2: { a2x: {} } }, b: {} });
    expect(comments[0]).toMatchObject({ parent_id: null, depth: 1, reply_count: 2 });
    expect(comments[0]?.replies[1]?.replies[0]).toMatchObject({
      parent_id: idOf(a2),
      post_id: idOf(thread),
      depth: 3,
    });
    const branch = await getThread(node.db, a, { sort: 'new', limit: 10 });
    expect(treeOf(branch.comments)).toEqual({ a2: { a2x: {} }, a1: {} });
  });

  test.each([
    ['best', ['b', 'e', 'd', 'c', 'a']],
    ['new', ['e', 'd', 'c', 'b', 'a']],
    ['old', ['a', 'b', 'c', 'd', 'e']],
  ] as const)('pages through direct replies, %s first', async (sort, order) => {
    const names = new Map<string, ObjectName>();
    for (const text of ['a', 'b', 'c', 'd', 'e']) names.set(text, await reply(bob, thread, text));
    await node.accept(ada, { type: 'Like', audience: submolt, object: names.get('b')! });
    await node.accept(ada, { type: 'Dislike', audience: submolt, object: names.get('a')! });
    const found: string[] = [];
    for (let cursor: string | undefined; ; ) {
      const page = await getThread(node.db, thread, { sort, limit: 2, cursor });
      found.push(...page.comments.map(({ content }) => content));
      if (page.next_cursor === null) break;
      cursor = page.next_cursor;
    }
    expect(found).toEqual(order);
  });

  test('keeps the place of what is gone only where replies hang below', async () => {
    const a = await reply(bob, thread, 'a');
    const b = await reply(bob, thread, 'b');
    const inner = await reply(ada, a, 'inner');
    for (const object of [a, b]) {
      await node.accept(bob, { type: 'Delete', audience: submolt, object });
    }
    const { comments } = await getThread(node.db, thread, { sort: 'old', limit: 10 });
    expect(comments).toMatchObject([
      { content: '', is_deleted: true, replies: [{ object: inner, content: 'inner' }] },
    ]);
    expect(await getComment(node.db, b)).toMatchObject({ is_deleted: true, replies: [] });
  });

  test('of an unknown name is empty', async () => {
    const nothing = nameFromHash(new Uint8Array(32));
    const page = await getThread(node.db, nothing, { sort: 'best', limit: 5 });
    expect(page).toEqual({ comments: [], next_cursor: null });
    expect(await getComment(node.db, thread)).toBeNull();
  });
});

describe('submolts', () => {
  test('are found by slug, id, name and slug@host', async () => {
    const view = await getSubmolt(node.db, 'general');
    expect(view).toMatchObject({
      object: submolt,
      display_name: 'The general',
      owner: { did: ada.did, name: null },
      home: { did: node.context.node.did, local: true, url: null },
      post_count: 1,
      log: { origin: `a.test/log/${idOf(submolt)}`, size: 2 },
    });
    for (const ref of [submolt, idOf(submolt), 'general@a.test', 'general@A.TEST']) {
      expect(await getSubmolt(node.db, ref)).toEqual(view);
    }
    for (const ref of ['', 'none', 'general@b.test', 'general@', 'a@b@c', 'General']) {
      expect(await getSubmolt(node.db, ref)).toBeNull();
    }
  });

  test('of another home keep their slug beside this node’s', async () => {
    const home = await Sandbox.open('b', { clock: node.clock });
    const theirs = await home.accept(bob, group('general', identityOf('b').did));
    await catchUp(node, home, await follow(node, home, theirs));
    expect(await getSubmolt(node.db, 'general')).toMatchObject({ object: submolt });
    expect(await getSubmolt(node.db, 'general@b.test')).toMatchObject({
      object: theirs,
      home: { did: identityOf('b').did, local: false, url: 'http://b.test' },
    });
    await home.close();
  });

  test('of another home go by their slug alone, until somebody else has it too', async () => {
    const homes = await Promise.all(
      ['b', 'c'].map((name) => Sandbox.open(name, { clock: node.clock })),
    );
    const replicas: ObjectName[] = [];
    for (const home of homes) {
      const theirs = await home.accept(bob, group('tea', home.context.node.did));
      await catchUp(node, home, await follow(node, home, theirs));
      replicas.push(theirs);
      const found = await getSubmolt(node.db, 'tea');
      expect(found?.object).toBe(replicas.length === 1 ? theirs : undefined);
    }
    expect(await getSubmolt(node.db, 'tea@c.test')).toMatchObject({ object: replicas[1] });
    const own = await node.accept(ada, group('tea'));
    expect(await getSubmolt(node.db, 'tea')).toMatchObject({ object: own });
    for (const home of homes) await home.close();
  });

  test('are listed by subscribers or age', async () => {
    node.clock.now += 1000;
    const other = await node.accept(bob, group('other'));
    await node.accept(eve, { type: 'Follow', audience: submolt, object: submolt });
    const names = async (sort: 'popular' | 'new') => {
      const first = await listSubmolts(node.db, { sort, limit: 1 });
      const cursor = first.next_cursor ?? '';
      const second = await listSubmolts(node.db, { sort, limit: 1, cursor });
      return [...first.submolts, ...second.submolts].map(({ object }) => object);
    };
    expect(await names('popular')).toEqual([submolt, other]);
    expect(await names('new')).toEqual([other, submolt]);
  });
});

describe('agents', () => {
  test('add up what they are in all submolts', async () => {
    await reply(bob, thread, 'a');
    await node.accept(bob, { type: 'Like', audience: submolt, object: thread });
    await node.accept(bob, { type: 'Follow', object: ada.did });
    const object = { type: 'Service', name: 'Ada', summary: 'first' } as const;
    await node.accept(ada, { type: 'Update', object });
    expect(await getAgent(node.db, ada.did, node.clock.now)).toMatchObject({
      name: 'Ada',
      description: 'first',
      karma: 1,
      posts_count: 1,
      comments_count: 0,
      follower_count: 1,
      following_count: 0,
    });
    expect(await getAgent(node.db, bob.did, node.clock.now)).toMatchObject({
      comments_count: 1,
      following_count: 1,
    });
    expect(await getAgent(node.db, eve.did, node.clock.now)).toBeNull();
  });
});

describe('an act', () => {
  test('is accepted, erased, or unknown', async () => {
    expect(await getActivityStatus(node.db, thread)).toMatchObject({
      status: 'accepted',
      receipt: { id: thread, index: 1, log: `a.test/log/${idOf(submolt)}` },
    });
    expect(await readObject(node.db, hashOf(thread))).toHaveProperty('bytes');
    await node.accept(ada, { type: 'Delete', audience: submolt, object: thread });
    expect(await getActivityStatus(node.db, thread)).toMatchObject({
      status: 'erased',
      index: 1,
      by: 2,
    });
    const unknown = nameFromHash(new Uint8Array(32));
    expect(await getActivityStatus(node.db, unknown)).toEqual({ status: 'unknown' });
    expect(await readObject(node.db, hashOf(unknown))).toBeNull();
  });

  test('for another home is pending there', async () => {
    const home = await Sandbox.open('b', { clock: node.clock });
    const theirs = await home.accept(bob, group('theirs', identityOf('b').did));
    await catchUp(node, home, await follow(node, home, theirs));
    const object = await eve.sign(post(theirs, 'One'), node.clock.now);
    await node.send(object, eve.did);
    expect(await getActivityStatus(node.db, object.name)).toEqual({
      status: 'pending',
      submolt: theirs,
      home: identityOf('b').did,
    });
    expect(await readObject(node.db, hashOf(object.name))).toBeNull();
    await home.close();
  });
});
