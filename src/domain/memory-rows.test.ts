// The model of the store: strict about keys, one node's slugs and profiles at a time, rows nobody can change.
import { expect, test } from 'vitest';
import { ada, bob } from '../../test/scene.ts';
import { comment, ELSEWHERE, found, NODE, nthName, post, Town } from '../../test/town.ts';
import { emptyKeys, keysOfAct, mergeKeys } from './keys.ts';

function settle() {
  const town = new Town();
  const tides = town.do(ada, found('tides'));
  const topic = town.do(ada, post(tides));
  const reply = town.do(bob, comment(tides, topic));
  return { town, tides, topic, reply };
}

test('throws for a row outside the keys, gives undefined for one inside that does not exist', () => {
  const { town, topic } = settle();
  const keys = emptyKeys();
  keys.items.add(nthName(9000));
  const rows = town.memory.open(NODE, keys);
  expect(rows.item(nthName(9000))).toBeUndefined();
  expect(() => rows.item(topic)).toThrow(expect.objectContaining({ code: 'row_not_loaded' }));
  expect(() => rows.edits(topic)).toThrow(expect.objectContaining({ code: 'row_not_loaded' }));
  expect(() => rows.submoltBySlug('tides')).toThrow('keysOf does not cover slugs tides');
});

test('an item brings its parent, its root and the membership of its author', () => {
  const { town, tides, topic, reply } = settle();
  const nested = town.do(ada, comment(tides, reply));
  const keys = emptyKeys();
  keys.items.add(nested);
  const rows = town.memory.open(NODE, keys);
  expect(rows.item(reply)?.name).toBe(reply);
  expect(rows.item(topic)?.name).toBe(topic);
  expect(rows.membership(ada, tides)?.comments).toBe(1);
  expect(() => rows.membership(bob, tides)).toThrow('keysOf does not cover memberships');
});

test('an act brings what its Undo needs', () => {
  const { town, tides, topic } = settle();
  const vote = town.do(bob, { type: 'Like', audience: tides, object: topic });
  const keys = emptyKeys();
  keys.acts.add(vote);
  const rows = town.memory.open(NODE, keys);
  expect(rows.vote(bob, topic)?.value).toBe(1);
  expect(rows.item(topic)?.up).toBe(1);
  const merged = emptyKeys();
  mergeKeys(merged, keysOfAct(rows.act(vote)!));
  expect([...merged.items]).toEqual([topic]);
});

test('a row put becomes one that may be asked for, and cannot be changed in place', () => {
  const { town, tides } = settle();
  const submolt = town.memory.open(NODE).submolt(tides)!;
  const rows = town.memory.open(NODE, emptyKeys());
  rows.putSubmolt({ ...submolt, title: 'new' });
  const row = rows.submolt(tides)!;
  expect(row.title).toBe('new');
  expect(Object.isFrozen(row)).toBe(true);
});

test('slugs, profiles and follows are those of one node', () => {
  const { town } = settle();
  town.do(ada, { type: 'Update', object: { type: 'Service', name: 'Ada' } });
  town.do(ada, { type: 'Follow', object: bob });
  const there = town.memory.open(ELSEWHERE);
  expect(there.submoltBySlug('tides')).toBeUndefined();
  expect(there.profile(ada)).toBeUndefined();
  expect(there.follow(ada, bob)).toBeUndefined();
  expect(town.memory.open(NODE).submoltBySlug('tides')?.slug).toBe('tides');
});
