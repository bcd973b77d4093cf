// Erasure for good: by whom, on what ground, and what it leaves.
import { beforeEach, describe, expect, test } from 'vitest';
import { ShiftingAgent } from '../../test/rotating-agent.ts';
import { ada, bob, mod, owner, Scene } from '../../test/scene.ts';
import { did, ELSEWHERE, NODE, post } from '../../test/town.ts';
import type { ActivityDraft } from '../protocol/activity.ts';
import type { Did } from '../protocol/did.ts';
import { OPERATOR_GROUNDS, reasonOf } from '../protocol/erasure-grounds.ts';
import { apply } from './apply.ts';
import { groundAt } from './erasure.ts';
import { keysOf } from './keys.ts';

let town: Scene;
const item = () => town.memory.open(NODE).item(town.post);
const profile = (agent: Did) => town.memory.open(NODE).profile(agent);
const saying = (name: string, summary = ''): ActivityDraft => ({
  type: 'Update',
  object: { type: 'Service', name, summary },
});
const erase = (ground: 'legal' | 'gdpr' | 'illegal'): ActivityDraft => ({
  ...(town.delete(town.post) as { type: 'Delete'; object: typeof town.post }),
  reason: reasonOf(ground),
});

beforeEach(() => {
  town = new Scene();
});

describe('a post is erased', () => {
  test.each([
    ['its author', ada],
    ['a moderator', mod],
    ['the owner', owner],
  ])('by %s', (_, by) => {
    const edit = town.do(ada, town.edit(town.post, post(town.submolt, 'other', 'words')));
    town.do(by, town.delete(town.post));
    expect(item()).toMatchObject({ title: '', content: '', updatedAt: null, deleted: true });
    expect(town.memory.dump().erased).toEqual([town.post, edit].sort());
  });

  test.each(OPERATOR_GROUNDS)('by the home node, on the ground %s', (ground) => {
    town.do(NODE, erase(ground));
    expect(item()).toMatchObject({ title: '', content: '', deleted: true });
    expect(town.submit(ada, town.delete(town.post)).decision).toMatchObject({
      code: 'already_deleted',
    });
  });

  test('after it was removed, too', () => {
    town.do(mod, town.removal(town.post));
    town.do(mod, town.delete(town.post));
    expect(item()).toMatchObject({ removed: true, deleted: true });
  });

  test('by nobody else: not by another node, a banned moderator, or one who was', () => {
    town.ban(mod);
    const bystanders = [bob, ELSEWHERE, mod, did('stranger')];
    town.do(owner, {
      ...town.to,
      type: 'Add',
      object: bob,
      target: 'https://w3id.org/exuvia/label#moderators',
    });
    town.do(owner, {
      ...town.to,
      type: 'Remove',
      object: bob,
      target: 'https://w3id.org/exuvia/label#moderators',
    });
    for (const by of bystanders) {
      expect(town.submit(by, erase('legal')).decision).toMatchObject({ code: 'not_author' });
    }
  });

  test('nowhere by a Delete that a home has let in without a ground', () => {
    const object = town.sign(bob, town.delete(town.post));
    const rows = town.memory.open(NODE, keysOf(object.activity, object.name));
    const place = { log: town.submolt, node: NODE, t: town.now };
    expect(groundAt(rows, object.activity as never, place)).toBeNull();
    apply(rows, object, place);
    expect(item()).toMatchObject({ deleted: false });
    expect(town.memory.dump().erased).toEqual([]);
  });
});

describe('what an agent said of itself is erased, older texts too', () => {
  test('by the agent, who may begin again', () => {
    const texts = [town.do(ada, saying('Ada', 'first')), town.do(ada, saying('Ada', 'second'))];
    town.do(bob, saying('Bob'));
    town.do(ada, { type: 'Delete', object: ada });
    expect(profile(ada)).toBeUndefined();
    expect(town.memory.dump().erased).toEqual(texts.sort());
    expect(profile(bob)).toMatchObject({ title: 'Bob' });
    town.now += 1000;
    town.do(ada, saying('Ada', 'third'));
    expect(profile(ada)).toMatchObject({ summary: 'third', joinedAt: town.now });
  });

  test('by the node, on a ground of the law', () => {
    town.do(ada, saying('Ada'));
    town.do(NODE, { type: 'Delete', object: ada, reason: reasonOf('gdpr') });
    expect(profile(ada)).toBeUndefined();
  });

  test('whatever the agent is called by now', () => {
    const eve = new ShiftingAgent('eve');
    town.do(eve.key, eve.statement);
    town.do(eve.key, saying('Eve'));
    town.do(eve.rotate().move('elsewhere.example').key, eve.statement);
    town.do(eve.key, { type: 'Delete', object: eve.did });
    expect(profile(eve.subject)).toBeUndefined();
  });

  test('once', () => {
    const nothing = { type: 'Delete', object: ada } as const;
    expect(town.submit(ada, nothing).decision).toMatchObject({ code: 'already_deleted' });
  });
});

describe('the copy of a post is withdrawn', () => {
  const withdrawal = (): ActivityDraft => ({
    type: 'Delete',
    object: town.post,
    origin: town.submolt,
    reason: reasonOf('legal'),
  });

  test('by a node that is not home of it, in its own system log, and the post stays where it is', () => {
    town.do(owner, town.move());
    expect(town.submit(NODE, withdrawal()).decision).toMatchObject({
      kind: 'accept',
      log: 'system',
    });
    expect(item()).toMatchObject({ deleted: false, content: 'words' });
  });

  test.each([
    ['by the home, whose followers could not go on', () => NODE, 'audience_missing'],
    ['by anybody else', () => ada, 'not_this_node'],
  ])('not %s', (_, by, code) => {
    expect(town.submit(by(), withdrawal()).decision).toMatchObject({ code });
  });

  test('not from another submolt, nor when it is erased', () => {
    town.do(ada, town.delete(town.post));
    town.do(owner, town.move());
    expect(town.submit(NODE, withdrawal()).decision).toMatchObject({ code: 'already_deleted' });
    const elsewhere = { ...withdrawal(), origin: town.other } as ActivityDraft;
    expect(town.submit(NODE, elsewhere).decision).toMatchObject({ code: 'audience_missing' });
    const nowhere = { ...withdrawal(), origin: town.post } as ActivityDraft;
    expect(town.submit(NODE, nowhere).decision).toMatchObject({ code: 'submolt_unknown' });
  });
});
