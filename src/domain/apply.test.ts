// What follows from an act, and what does not follow from one that only a dishonest home would log.
import { describe, expect, test } from 'vitest';
import { ada, bob, owner } from '../../test/scene.ts';
import { comment, ELSEWHERE, found, NODE, post, Town } from '../../test/town.ts';
import type { ActivityDraft } from '../protocol/activity.ts';
import type { Did } from '../protocol/did.ts';
import { LABEL_BASE, LOG_KEYS, MODERATORS, PINNED } from '../protocol/labels.ts';
import type { ObjectName } from '../protocol/object-name.ts';
import { apply } from './apply.ts';

function settle() {
  const town = new Town();
  const tides = town.do(owner, found('tides'));
  const topic = town.do(ada, post(tides));
  const reply = town.do(bob, comment(tides, topic));
  return { town, tides, topic, reply, rows: town.memory.open(NODE) };
}

test('founding makes the owner, subscribes nobody', () => {
  const { rows, tides } = settle();
  expect(rows.submolt(tides)).toMatchObject({ slug: 'tides', home: NODE, owner, posts: 1 });
  expect(rows.membership(owner, tides)).toMatchObject({ role: 'owner', subscription: null });
  expect(rows.submolt(tides)?.subscribers).toBe(0);
});

test('a comment hangs below its parent and counts there and in its thread', () => {
  const { town, rows, tides, topic, reply } = settle();
  const nested = town.do(ada, comment(tides, reply));
  expect(rows.item(nested)).toMatchObject({ parent: reply, root: topic, depth: 2 });
  expect(rows.item(reply)?.replies).toBe(1);
  expect(rows.item(topic)?.replies).toBe(2);
  expect(rows.membership(ada, tides)).toMatchObject({ posts: 1, comments: 1 });
});

test('votes move the tally and the karma of the author, and Undo moves them back', () => {
  const { town, rows, tides, topic } = settle();
  town.do(owner, { type: 'Dislike', audience: tides, object: topic });
  const vote = town.do(bob, { type: 'Like', audience: tides, object: topic });
  expect(rows.item(topic)).toMatchObject({ up: 1, down: 1 });
  expect(rows.membership(ada, tides)?.karma).toBe(0);
  town.do(bob, { type: 'Undo', audience: tides, object: vote });
  expect(rows.item(topic)).toMatchObject({ up: 0, down: 1 });
  expect(rows.membership(ada, tides)?.karma).toBe(-1);
});

test('a removed comment does not count until it is put back', () => {
  const { town, rows, tides, topic, reply } = settle();
  town.do(owner, { type: 'Remove', audience: tides, object: reply, origin: tides });
  expect(rows.item(topic)?.replies).toBe(0);
  expect(rows.membership(bob, tides)?.comments).toBe(0);
  town.do(owner, { type: 'Add', audience: tides, object: reply, target: tides });
  expect(rows.item(topic)?.replies).toBe(1);
  expect(rows.membership(bob, tides)?.comments).toBe(1);
});

test('deletion erases the post and its edits and keeps place, tallies and karma', () => {
  const { town, rows, tides, topic, reply } = settle();
  town.do(bob, { type: 'Like', audience: tides, object: topic });
  town.do(owner, { type: 'Add', audience: tides, object: topic, target: PINNED });
  const draft = { ...post(tides, 'second', 'second'), type: 'Update', target: topic };
  const edits = [draft, draft].map((edit) => town.do(ada, edit as ActivityDraft));
  town.do(ada, { type: 'Delete', audience: tides, object: topic });
  expect(rows.item(topic)).toMatchObject({
    ...{ title: '', content: '', url: null, updatedAt: null, deleted: true, pinned: false },
    ...{ author: ada, up: 1, replies: 1 },
  });
  expect(rows.item(reply)).toMatchObject({ parent: topic, deleted: false });
  expect(rows.membership(ada, tides)).toMatchObject({ karma: 1, posts: 0 });
  expect(rows.submolt(tides)).toMatchObject({ posts: 0, pinned: 0 });
  expect(town.memory.dump().erased).toEqual([topic, ...edits].sort());
});

test('the first profile is joining; later ones keep the date', () => {
  const { town, rows } = settle();
  const joinedAt = town.now;
  town.do(ada, { type: 'Update', object: { type: 'Service', name: 'Ada', summary: 'tides' } });
  town.now += 1000;
  town.do(ada, { type: 'Update', object: { type: 'Service', name: 'Ada L.' } });
  const updatedAt = town.now;
  const said = { title: 'Ada L.', summary: '', joinedAt, updatedAt };
  expect(rows.profile(ada)).toEqual({ agent: ada, node: NODE, ...said });
});

test('follows of agents and submolts stand until undone', () => {
  const { town, rows, tides } = settle();
  const agent = town.do(bob, { type: 'Follow', object: ada });
  const submolt = town.do(bob, { type: 'Follow', audience: tides, object: tides });
  expect(rows.follow(bob, ada)?.act).toBe(agent);
  expect(rows.submolt(tides)?.subscribers).toBe(1);
  town.do(bob, { type: 'Undo', object: agent });
  town.do(bob, { type: 'Undo', audience: tides, object: submolt });
  expect(rows.follow(bob, ada)?.act).toBeNull();
  expect(rows.membership(bob, tides)?.subscription).toBeNull();
  expect(rows.submolt(tides)?.subscribers).toBe(0);
});

test('labels, roles and reports are kept with who they concern', () => {
  const { town, rows, tides } = settle();
  const spam = `${LABEL_BASE}spam`;
  const label = town.do(owner, { type: 'Add', audience: tides, object: bob, target: spam });
  expect(rows.label(tides, bob, spam)?.act).toBe(label);
  town.do(owner, { type: 'Remove', audience: tides, object: bob, target: spam });
  expect(rows.label(tides, bob, spam)?.act).toBeNull();
  town.do(owner, { type: 'Add', audience: tides, object: bob, target: MODERATORS });
  expect(rows.membership(bob, tides)?.role).toBe('moderator');
  town.do(owner, { type: 'Remove', audience: tides, object: bob, target: MODERATORS });
  expect(rows.membership(bob, tides)?.role).toBeNull();
  const flag = { type: 'Flag', audience: tides, object: bob } as const;
  const reason = 'https://rules.example/#spam';
  const acts = [
    town.do(ada, { ...flag, content: 'again', reason }),
    town.do(ada, { ...flag, reason }),
  ];
  const reports = town.memory.dump().reports;
  expect(reports.map(({ act, content }) => [act, content])).toEqual([
    [acts[0], 'again'],
    [acts[1], reason],
  ]);
});

test('moving closes the submolt and changes nothing else', () => {
  const { town, rows, tides } = settle();
  const before = rows.submolt(tides);
  const move = { audience: tides, object: tides, origin: NODE, target: ELSEWHERE };
  town.do(owner, { type: 'Move', ...move });
  expect(rows.submolt(tides)).toEqual({ ...before, movedTo: ELSEWHERE });
});

test('nothing is derived from the statement of a log key', () => {
  const { town } = settle();
  const before = town.memory.dump();
  town.do(NODE, { type: 'Add', object: ada, target: LOG_KEYS });
  expect(town.memory.dump()).toEqual(before);
});

describe('changes nothing when a home logs', () => {
  const scenes: Record<string, (scene: ReturnType<typeof settle>) => [Did, ActivityDraft]> = {
    'a deletion by somebody else': ({ tides, topic }) => [
      bob,
      { type: 'Delete', audience: tides, object: topic },
    ],
    'an edit by somebody else': ({ tides, topic }) => [
      bob,
      { ...post(tides, 'forged'), type: 'Update', target: topic } as ActivityDraft,
    ],
    'the undoing of a vote by somebody else': ({ town, tides, topic }) => {
      const object = town.do(bob, { type: 'Like', audience: tides, object: topic });
      return [owner, { type: 'Undo', audience: tides, object }];
    },
    'a new description by somebody else': ({ tides }) => [
      bob,
      { ...found('tides'), type: 'Update', audience: tides, target: tides } as ActivityDraft,
    ],
    'a move by somebody else': ({ tides }) => [
      bob,
      { type: 'Move', audience: tides, object: tides, origin: NODE, target: ELSEWHERE },
    ],
    'a vote for oneself': ({ tides, topic }) => [
      ada,
      { type: 'Like', audience: tides, object: topic },
    ],
    'an act of a submolt that is not there': ({ topic }) => [ada, post(topic)],
  };

  test.each(Object.entries(scenes))('%s', (_, play) => {
    const scene = settle();
    const { town, rows } = scene;
    const [actor, draft] = play(scene);
    const before = town.memory.dump();
    const log = (draft as { audience: ObjectName }).audience;
    apply(rows, town.sign(actor, draft), { log, node: NODE, t: town.now });
    expect(town.memory.dump()).toEqual(before);
  });

  test('an act that is addressed to another log', () => {
    const { town, rows, tides, topic } = settle();
    const rocks = town.do(owner, found('rocks'));
    const before = town.memory.dump();
    const place = { node: NODE, t: town.now };
    const block = { type: 'Block', audience: tides, object: bob, target: tides } as const;
    for (const draft of [post(tides), comment(tides, topic), block]) {
      apply(rows, town.sign(owner, draft), { ...place, log: rocks });
      apply(rows, town.sign(owner, draft), { ...place, log: 'system' });
    }
    apply(rows, town.sign(bob, { type: 'Follow', object: ada }), { ...place, log: rocks });
    apply(rows, town.sign(bob, found('sand')), { ...place, log: tides });
    expect(town.memory.dump()).toEqual(before);
  });
});
