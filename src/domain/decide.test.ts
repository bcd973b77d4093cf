// What is accepted, into which log, and what is sent on to another home.
import { describe, expect, test } from 'vitest';
import { ada, bob, mod, owner, Scene, UNKNOWN } from '../../test/scene.ts';
import { comment, did, ELSEWHERE, found, NODE, post } from '../../test/town.ts';
import type { ActivityDraft } from '../protocol/activity.ts';
import type { Did } from '../protocol/did.ts';
import { LOCKED, LOG_KEYS, PINNED } from '../protocol/labels.ts';

describe('accepts', () => {
  test('each act into the log it belongs in', () => {
    const town = new Scene();
    const { name, decision } = town.submit(bob, found('sand'));
    expect(decision).toEqual({ kind: 'accept', log: name, first: [] });
    expect(town.submit(bob, town.like(town.post)).decision).toEqual({
      kind: 'accept',
      log: town.submolt,
      first: [],
    });
    const system: (readonly [Did, ActivityDraft])[] = [
      [bob, { type: 'Follow', object: ada }],
      [bob, { type: 'Update', object: { type: 'Service', name: 'Bob' } }],
      [NODE, { type: 'Add', object: did('log-key'), target: LOG_KEYS }],
    ];
    for (const [actor, draft] of system) {
      expect(town.submit(actor, draft).decision).toEqual({
        kind: 'accept',
        log: 'system',
        first: [],
      });
    }
  });

  test('the oldest and the most advanced clock that the window allows', () => {
    const town = new Scene();
    for (const seconds of [-86_400, 300]) {
      const draft = { ...post(town.submolt), published: town.at(seconds) };
      expect(town.submit(ada, draft).decision.kind).toBe('accept');
    }
  });

  test('an agent again once the ban has ended or was lifted', () => {
    const town = new Scene();
    town.ban(ada, town.at(60));
    const ban = town.ban(bob);
    town.do(owner, town.undo(ban));
    town.now += 60_000;
    expect(town.submit(ada, post(town.submolt)).decision.kind).toBe('accept');
    expect(town.submit(bob, post(town.submolt)).decision.kind).toBe('accept');
    expect(town.submit(mod, town.block(ada)).decision.kind).toBe('accept');
  });

  test('what a banned agent takes back or deletes', () => {
    const town = new Scene();
    const vote = town.do(ada, town.like(town.comment));
    town.ban(ada);
    expect(town.submit(ada, town.undo(vote)).decision.kind).toBe('accept');
    expect(town.submit(ada, town.delete(town.post)).decision.kind).toBe('accept');
  });

  test('a moderator in a locked thread, and everybody once it is open again', () => {
    const town = new Scene();
    town.do(mod, town.label(LOCKED));
    expect(town.submit(mod, comment(town.submolt, town.post)).decision.kind).toBe('accept');
    town.do(mod, { ...town.label(LOCKED), type: 'Remove' } as ActivityDraft);
    expect(town.submit(ada, comment(town.submolt, town.post)).decision.kind).toBe('accept');
  });

  test('another pin when a pinned post was removed', () => {
    const town = new Scene();
    const posts = [0, 1, 2].map(() => town.do(ada, post(town.submolt)));
    for (const name of posts) town.do(mod, town.label(PINNED, name));
    town.do(mod, town.removal(posts[0]!));
    expect(town.submit(mod, town.label(PINNED)).decision.kind).toBe('accept');
  });
});

test('sends what another node is home of to that node without deciding anything else', () => {
  const town = new Scene();
  const rows = town.memory.open(NODE);
  const submolt = rows.submolt(town.other)!;
  rows.putSubmolt({ ...submolt, home: ELSEWHERE });
  const { decision } = town.submit(ada, {
    ...comment(town.other, UNKNOWN),
    published: '2001-01-01T00:00:00Z',
  });
  expect(decision).toEqual({ kind: 'forward', submolt: town.other, home: ELSEWHERE });
});

test('refuses the second vote within one group', () => {
  const town = new Scene();
  const votes = [town.like(town.post), town.like(town.post)].map((draft) => town.sign(bob, draft));
  const kinds: string[] = [];
  town.submitGroup(votes, (_, decision) => kinds.push(decision.kind));
  expect(kinds).toEqual(['accept', 'refuse']);
});
