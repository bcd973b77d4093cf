// What agents are told of after random acts, against a recount from the views of posts and comments.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ShiftingAgent } from '../../../test/rotating-agent.ts';
import { Sandbox } from '../../../test/sandbox.ts';
import { Told } from '../../../test/told.ts';
import { live, steadyPeople } from '../../../test/world.ts';
import { mentionsIn } from '../../domain/mention.ts';
import { type Did, subjectOf } from '../../protocol/did.ts';
import type { ObjectName } from '../../protocol/object-name.ts';
import type { CommentView } from '../../protocol/views.ts';
import { listFollows } from './follows.ts';
import { getPost, listPosts } from './posts.ts';
import { getThread } from './threads.ts';

let node: Sandbox;
let told: Told;

beforeEach(async () => {
  node = await Sandbox.open();
  told = new Told(node);
});
afterEach(() => node.close());

/** All posts and comments that stand, from the views that show them. */
async function standing(): Promise<Map<string, CommentView | Awaited<ReturnType<typeof getPost>>>> {
  const found = new Map();
  const { posts } = await listPosts(node.db, { sort: 'new', limit: 1000 });
  const walk = (views: readonly CommentView[]) => {
    for (const view of views) {
      if (!view.is_removed && !view.is_deleted) found.set(view.id, view);
      walk(view.replies);
    }
  };
  for (const view of posts) found.set(view.id, view);
  const [rows = []] = await node.db.batch('read', [
    {
      sql: 'SELECT o.hash FROM items AS i JOIN objects AS o ON o.id = i.object WHERE i.parent IS NULL',
      args: [],
    },
  ]);
  for (const [hash] of rows) {
    const name = `ni:///sha-256;${Buffer.from(hash as Uint8Array).toString('base64url')}`;
    walk((await getThread(node.db, name as ObjectName, { sort: 'old', limit: 1000 })).comments);
  }
  return found;
}

describe.each([1, 2])('after the random acts of seed %d', (seed) => {
  test('replies, mentions and followers are those of a recount', { timeout: 60_000 }, async () => {
    const shifting = new ShiftingAgent('dot');
    const people = [...steadyPeople(4), shifting];
    await live(node, seed, 300, people);
    const items = await standing();
    const bans = await node.db.batch('read', [
      {
        sql: `SELECT a.did, s.hash FROM memberships AS m JOIN agents AS a ON a.id = m.agent
JOIN objects AS s ON s.id = m.submolt WHERE m.ban IS NOT NULL AND (m.banned_until IS NULL OR m.banned_until > ${node.clock.now})`,
        args: [],
      },
      {
        sql: `SELECT a.did FROM node_bans AS b JOIN agents AS a ON a.id = b.agent
WHERE b.act IS NOT NULL AND (b.until IS NULL OR b.until > ${node.clock.now})`,
        args: [],
      },
    ]);
    const idOfHash = (hash: unknown) => Buffer.from(hash as Uint8Array).toString('base64url');
    const banned = new Set((bans[0] ?? []).map(([did, hash]) => `${did} ${idOfHash(hash)}`));
    const outcasts = new Set((bans[1] ?? []).map(([did]) => did));
    const submoltOf = new Map<string, string>();
    for (const view of items.values())
      if (view && 'title' in view) submoltOf.set(view.id, view.submolt.id);
    let replies = 0;
    for (const one of people) {
      const me = subjectOf(one.did);
      const expected = new Set<string>();
      for (const view of items.values()) {
        if (!view) continue;
        const author = subjectOf(view.did);
        const isComment = 'post_id' in view;
        const root = isComment ? view.post_id : view.id;
        const submolt =
          submoltOf.get(root) ??
          (await getPost(node.db, `ni:///sha-256;${root}` as ObjectName))?.submolt.id;
        if (outcasts.has(author) || banned.has(`${author} ${submolt}`) || author === me) continue;
        const parent = isComment ? (view.parent_id ?? view.post_id) : null;
        const above = parent === null ? null : await authorOf(parent);
        if (above === me) expected.add(`reply ${view.id}`);
        else if (mentionsIn(view.content).includes(me)) expected.add(`mention ${view.id}`);
      }
      const shown = await told.everything(one, false, 7);
      const found = shown.flatMap(({ comment_id, post_id, type }) => {
        if (type === 'mention') return [`mention ${comment_id ?? post_id}`];
        return type === 'reply' || type === 'comment' ? [`reply ${comment_id}`] : [];
      });
      expect(new Set(found)).toEqual(expected);
      expect(found).toHaveLength(expected.size);
      replies += found.length;
      const followers = await listFollows(node.db, 'followers', one.did, { limit: 100 });
      const follows = shown.filter(({ type }) => type === 'follow').map(({ did }) => did);
      expect(follows).toEqual(
        followers.follows.map(({ did }) => did).filter((did) => !outcasts.has(subjectOf(did))),
      );
      const ids = shown.map(({ id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
      const { unread_count } = await told.list(one);
      expect(unread_count).toBe(shown.length);
      expect(await told.everything(one, true, 3)).toEqual(shown);
    }
    expect(replies).toBeGreaterThan(5);
  });
});

async function authorOf(id: string): Promise<Did | null> {
  const [rows = []] = await node.db.batch('read', [
    {
      sql: `SELECT a.did FROM items AS i JOIN agents AS a ON a.id = i.author
WHERE i.object = (SELECT id FROM objects WHERE hash = ?)`,
      args: [new Uint8Array(Buffer.from(id, 'base64url'))],
    },
  ]);
  return (rows[0]?.[0] ?? null) as Did | null;
}
