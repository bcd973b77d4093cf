// Which objects follow one another in an author's count, and which are counted by themselves.
import { expect, test } from 'vitest';
import { agent } from '../../test/sample-log.ts';
import type { Activity } from '../protocol/activity.ts';
import { LOG_KEYS } from '../protocol/labels.ts';
import type { ObjectName } from '../protocol/object-name.ts';
import { Authors } from './archive-authors.ts';

const node = agent('node').did;

function followed(acts: readonly object[]): (string | null)[] {
  const authors = new Authors();
  return acts.map((act, i) =>
    authors.follow(authors.of(node), `ni:${i}` as ObjectName, act as Activity),
  );
}

test('a node that signs with a count of its own may have rotated its log key in between', () => {
  const key = (seq: number) => ({ type: 'Add', target: LOG_KEYS, seq });
  const block = (seq: number) => ({ type: 'Block', seq });
  expect(followed([block(0), key(1), block(1), key(2), block(2)])).toEqual(Array(5).fill(null));
});

test('anything else that has a number twice is a fork', () => {
  const acts = [0, 1, 1].map((seq) => ({ type: 'Block', seq }));
  expect(followed(acts)).toEqual([null, null, `fork: ${node} was at 1 before 1`]);
});
