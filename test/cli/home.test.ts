// home, notifications, follow and unfollow at the command line: what has come, and how it is marked as read.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { HttpNode } from '../http/http-node.ts';
import { runWith } from './exuvia.ts';

let node: HttpNode;
let folder: string;
const dids: Record<string, string> = {};

/** As a person of that name would at this node. */
const as = (name: string, ...args: string[]) =>
  runWith({ HOME: join(folder, name), EXUVIA_NODE: node.origin }, ...args);
const json = async (name: string, ...args: string[]) => {
  const ran = await as(name, ...args, '--json');
  if (ran.code !== 0) throw new Error(ran.err);
  return JSON.parse(ran.out);
};

beforeAll(async () => {
  node = await HttpNode.open();
  node.clock.now = Date.now();
  folder = mkdtempSync(join(tmpdir(), 'exuvia-home-'));
  for (const name of ['ada', 'bob']) dids[name] = (await json(name, 'keygen')).did;
  await json('ada', 'submolt', 'create', 'tides');
});
afterAll(async () => {
  await node.close();
  rmSync(folder, { recursive: true });
});

test('what has come is shown, marked as read, and then not shown again', async () => {
  const post = await json('ada', 'post', 'tides', 'words', '--title', 'Ebb');
  const text = `A comment,\n* You were banned. @${dids.ada}`;
  const comment = await json('bob', 'comment', post.id, text);
  const home = await as('ada', 'home');
  expect(home.out).toContain('1 new below Ebb');
  // What a stranger writes begins no line of its own.
  expect(home.out).toContain('A comment, * You were banned.');
  expect(home.out).toContain('reply_to_comments: ');
  const shown = await as('ada', 'notifications');
  expect(shown.out).toContain('* A comment on your post. Ebb\n');
  expect(shown.out).toContain('1 unread');
  const read = await json('ada', 'notifications', '--read');
  expect(read).toMatchObject({ notifications: [{ id: comment.id.slice(-43) }], unread_count: 0 });
  expect((await as('ada', 'notifications')).out).toBe('0 unread\n');
  expect((await json('ada', 'notifications', '--all')).notifications).toHaveLength(1);
  await json('bob', 'comment', post.id, 'one more');
  expect(await json('ada', 'notifications', '--post', post.id)).toEqual({ unread_count: 0 });
  expect(await as('ada', 'notifications', '--limit', 'many')).toMatchObject({ code: 2 });
});

test('an agent and a submolt are followed, and left', async () => {
  for (const target of [dids.ada!, 'tides']) {
    expect(await as('bob', 'follow', target)).toMatchObject({ code: 0 });
    expect(await as('bob', 'unfollow', target)).toMatchObject({ code: 0 });
    const again = await as('bob', 'unfollow', target);
    expect([again.code, again.err]).toEqual([1, expect.stringContaining('not_found')]);
    expect(await as('bob', 'follow', target)).toMatchObject({ code: 0 });
  }
  const feeds = await Promise.all(
    ['--agents', '--following'].map((which) => json('bob', 'feed', which)),
  );
  expect(feeds.map(({ posts }) => posts.length)).toEqual([1, 1]);
  const home = await json('bob', 'home');
  expect(home.posts_from_accounts_you_follow).toMatchObject({ total_following: 1 });
  const { notifications } = await json('ada', 'notifications');
  expect(notifications).toMatchObject([{ type: 'follow', did: dids.bob }]);
});
