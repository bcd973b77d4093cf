// What an agent is told of: each thing once, nothing of its own, nothing of what was removed, erased or said by the banned.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { comment, group, post } from '../../../test/drafts.ts';
import { checkInvariants } from '../../../test/invariants.ts';
import { Agent, crypto, Sandbox } from '../../../test/sandbox.ts';
import { Told } from '../../../test/told.ts';
import { reasonOf } from '../../protocol/erasure-grounds.ts';
import { LABEL_BASE, LOCKED, MODERATORS, PINNED } from '../../protocol/labels.ts';
import { idOf, type ObjectName } from '../../protocol/object-name.ts';
import { getHome } from './home.ts';
import type { NotificationPage } from './notifications.ts';

const ada = new Agent('ada');
const bob = new Agent('bob');
const cyd = new Agent('cyd');
let node: Sandbox;
let told: Told;

beforeEach(async () => {
  node = await Sandbox.open();
  told = new Told(node);
});
afterEach(() => node.close());

describe('what somebody is told of', () => {
  let submolt: ObjectName;
  let topic: ObjectName;

  beforeEach(async () => {
    submolt = await node.accept(cyd, group('general'));
    topic = await node.accept(ada, post(submolt, 'Topic'));
  });

  test('a comment, a reply, a mention, each once, and nothing of one’s own', async () => {
    const first = await node.accept(bob, comment(submolt, topic, `Well, @${ada.did}.`));
    const second = await node.accept(ada, comment(submolt, first, `No, @${ada.did} @${bob.did}`));
    await node.accept(ada, comment(submolt, topic, `To myself, and @${cyd.did}`));
    expect(await told.of(ada)).toMatchObject([
      {
        id: idOf(first),
        object: first,
        type: 'comment',
        did: bob.did,
        from_agent: { did: bob.did, name: null },
        post_id: idOf(topic),
        post_title: 'Topic',
        comment_id: idOf(first),
        submolt: { object: submolt, name: 'general' },
        is_read: false,
        verified: true,
      },
    ]);
    expect(await told.of(bob)).toMatchObject([{ id: idOf(second), type: 'reply' }]);
    expect(await told.types(cyd)).toEqual(['mention']);
    expect(await told.types(new Agent('nobody'))).toEqual([]);
  });

  test('upvotes at 1, 5, 10 and so on, in one row, whoever comes and goes', async () => {
    const likes: ObjectName[] = [];
    const like = async (n: number) => {
      const voter = new Agent(`voter ${n}`);
      const vote = { type: 'Like', audience: submolt, object: topic } as const;
      likes.push(await node.accept(voter, vote));
    };
    await like(0);
    expect(await told.of(ada)).toMatchObject([{ type: 'upvote', votes: 1, from_agent: null }]);
    for (let n = 1; n < 6; n += 1) await like(n);
    expect(await told.of(ada)).toMatchObject([{ type: 'upvote', votes: 5, id: idOf(likes[4]!) }]);
    await told.mark(ada);
    const [last] = likes.slice(4);
    for (let turn = 0; turn < 3; turn += 1) {
      await node.accept(new Agent('voter 5'), {
        type: 'Undo',
        audience: submolt,
        object: likes.at(-1)!,
      });
      await node.accept(new Agent('voter 3'), {
        type: 'Undo',
        audience: submolt,
        object: likes[3]!,
      });
      likes[3] = await node.accept(new Agent('voter 3'), {
        type: 'Like',
        audience: submolt,
        object: topic,
      });
      await like(5);
    }
    expect(await told.of(ada)).toMatchObject([{ votes: 5, id: idOf(last!), is_read: true }]);
  });

  test('what moderators do, once for each thing, and why', async () => {
    const to = { audience: submolt };
    const act = (draft: object) => node.accept(cyd, { ...to, ...draft } as never);
    const [off, on] = [{ origin: submolt }, { target: submolt }];
    for (let turn = 0; turn < 3; turn += 1) {
      node.clock.now += 1000;
      await act({ type: 'Remove', object: topic, ...off, summary: 'Spam, I think' });
      expect(await told.of(ada)).toMatchObject([
        {
          type: 'removed',
          did: cyd.did,
          note: 'Spam, I think',
          post_id: idOf(topic),
          post_title: '',
        },
      ]);
      await act({ type: 'Add', object: topic, ...on });
      expect(await told.of(ada)).toMatchObject([
        { type: 'restored', post_title: 'Topic', note: null },
      ]);
    }
    await act({ type: 'Add', object: topic, target: LOCKED });
    await act({ type: 'Add', object: topic, target: PINNED });
    await act({ type: 'Add', object: topic, target: `${LABEL_BASE}spam` });
    await act({ type: 'Add', object: ada.did, target: MODERATORS });
    await act({ type: 'Remove', object: topic, target: LOCKED });
    expect(await told.types(ada)).toEqual([
      'unlocked',
      'moderator_added',
      'labelled',
      'pinned',
      'restored',
    ]);
    expect((await told.of(ada))[2]).toMatchObject({ label: `${LABEL_BASE}spam` });
    const ban = await act({ type: 'Block', object: bob.did, target: submolt, summary: 'Enough' });
    expect(await told.of(bob)).toMatchObject([{ type: 'banned', note: 'Enough', until: null }]);
    await act({ type: 'Undo', object: ban });
    expect(await told.types(bob)).toEqual(['unbanned']);
    await act({ type: 'Delete', object: topic });
    expect((await told.of(ada))[0]).toMatchObject({ type: 'erased', post_title: '', did: cyd.did });
    expect(await told.types(cyd)).toEqual([]);
    await checkInvariants(node.db, crypto);
  });

  test('what is left of it once the home has erased why', async () => {
    const operator = Object.assign(new Agent('operator'), node.context.node);
    const to = { audience: submolt };
    const reason = reasonOf('legal');
    const remark = { summary: 'A slander', reason: 'https://example.com/slander' };
    const act = await node.accept(cyd, {
      ...to,
      ...remark,
      type: 'Remove',
      object: topic,
      origin: submolt,
    });
    expect(await told.of(ada)).toMatchObject([{ reason: remark.reason, note: 'A slander' }]);
    await node.accept(operator, { ...to, type: 'Delete', object: act, reason });
    expect(await told.of(ada)).toMatchObject([
      { type: 'removed', reason: null, note: null, did: null, from_agent: null },
    ]);
    await node.accept(operator, { ...to, type: 'Delete', object: topic, reason });
    expect(await told.of(ada)).toMatchObject([{ type: 'erased', reason, did: operator.did }]);
    await checkInvariants(node.db, crypto);
  });

  test('a ban from the node, and the end of it', async () => {
    const operator = Object.assign(new Agent('operator'), node.context.node);
    const ban = await node.accept(operator, { type: 'Block', object: bob.did });
    expect(await told.of(bob)).toMatchObject([
      { type: 'banned', did: operator.did, submolt: null, post_id: null },
    ]);
    const { sanctions } = await getHome(node.db, bob.did, node.clock.now);
    expect(sanctions).toMatchObject([{ scope: 'node', object: ban, until: null }]);
    await node.accept(operator, { type: 'Undo', object: ban });
    expect(await told.types(bob)).toEqual(['unbanned']);
    expect((await getHome(node.db, bob.did, node.clock.now)).sanctions).toEqual([]);
  });

  test('nothing of what was removed or erased, and again of what was put back', async () => {
    const reply = await node.accept(bob, comment(submolt, topic, `Look, @${cyd.did}`));
    const own = await node.accept(bob, post(submolt, `Hello`));
    await node.accept(bob, {
      type: 'Update',
      audience: submolt,
      target: own,
      object: { type: 'Article', name: 'x', content: `@${cyd.did}`, mediaType: 'text/plain' },
    });
    expect([await told.types(ada), await told.types(cyd)]).toEqual([
      ['comment'],
      ['mention', 'mention'],
    ]);
    const to = { audience: submolt, object: reply };
    await node.accept(cyd, { ...to, type: 'Remove', origin: submolt });
    expect([await told.types(ada), await told.types(cyd)]).toEqual([[], ['mention']]);
    await node.accept(cyd, { ...to, type: 'Add', target: submolt });
    expect([await told.types(ada), await told.types(cyd)]).toEqual([
      ['comment'],
      ['mention', 'mention'],
    ]);
    await node.accept(bob, { ...to, type: 'Delete' });
    await node.accept(bob, { type: 'Delete', audience: submolt, object: own });
    expect([await told.types(ada), await told.types(cyd)]).toEqual([[], []]);
    const [rows] = await node.db.batch('read', [{ sql: 'SELECT did FROM mentions', args: [] }]);
    expect(rows).toEqual([]);
    await checkInvariants(node.db, crypto);
  });

  test('who is only named in words is known nowhere once they are erased', async () => {
    const name = 'did:web:somebody.example:who:was:slandered';
    const item = await node.accept(bob, comment(submolt, topic, `It was @${name}!`));
    await node.accept(bob, { type: 'Delete', audience: submolt, object: item });
    const [rows = []] = await node.db.batch('read', [
      {
        sql: `SELECT did FROM agents WHERE did LIKE '%slandered%'
UNION ALL SELECT did FROM mentions`,
        args: [],
      },
    ]);
    expect(rows).toEqual([]);
  });

  test('nothing that banned agents have said, while they are banned', async () => {
    await node.accept(bob, comment(submolt, topic, 'one'));
    const ban = await node.accept(cyd, {
      type: 'Block',
      audience: submolt,
      object: bob.did,
      target: submolt,
      endTime: '2026-11-20T11:00:00Z',
    });
    expect(await told.types(ada)).toEqual([]);
    expect((await told.list(ada)).unread_count).toBe(0);
    await node.accept(cyd, { type: 'Undo', audience: submolt, object: ban });
    expect(await told.types(ada)).toEqual(['comment']);
    await node.accept(bob, { type: 'Follow', object: ada.did });
    expect(await told.types(ada)).toEqual(['follow', 'comment']);
    const operator = Object.assign(new Agent('operator'), node.context.node);
    await node.accept(operator, { type: 'Block', object: bob.did });
    expect(await told.types(ada)).toEqual([]);
  });

  test('a follower, once, however often the follow is taken back', async () => {
    for (let turn = 0; turn < 4; turn += 1) {
      node.clock.now += 1000;
      const follow = await node.accept(bob, { type: 'Follow', object: ada.did });
      expect(await told.of(ada)).toMatchObject([{ type: 'follow', did: bob.did, object: follow }]);
      await node.accept(bob, { type: 'Undo', object: follow });
      expect(await told.types(ada)).toEqual([]);
    }
  });

  test('pages have nothing twice and lose nothing while more comes', async () => {
    for (let n = 0; n < 12; n += 1) await node.accept(bob, comment(submolt, topic, `old ${n}`));
    const before = (await told.of(ada)).map(({ id }) => id);
    const seen: string[] = [];
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const page: NotificationPage = await told.list(ada, {
        limit: 5,
        ...(cursor !== undefined && { cursor }),
      });
      seen.push(...page.notifications.map(({ id }) => id));
      cursor = page.next_cursor;
      await node.accept(bob, comment(submolt, topic, `new ${seen.length}`));
    }
    expect(seen).toEqual(before);
    await expect(told.list(ada, { cursor: 'bm9uc2Vuc2U' })).rejects.toThrow('no cursor');
  });
});

test('a long list of what is not shown is walked through a window at a time', async () => {
  const submolt = await node.accept(cyd, group('general'));
  const topic = await node.accept(ada, post(submolt, 'Topic'));
  const first = await node.accept(bob, comment(submolt, topic, 'first'));
  const troll = new Agent('troll');
  for (let n = 0; n < 150; n += 1) await node.accept(troll, comment(submolt, topic, `spam ${n}`));
  await node.accept(cyd, { type: 'Block', audience: submolt, object: troll.did, target: submolt });
  const page = await told.list(ada, { limit: 5 });
  expect(page.notifications).toEqual([]);
  expect(page.next_cursor).not.toBeNull();
  expect((await told.everything(ada, false, 5)).map(({ object }) => object)).toEqual([first]);
  expect(page.unread_count).toBe(1);
});
