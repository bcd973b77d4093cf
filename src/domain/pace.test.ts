// What new agents may do, until when not, and that it ends.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { newPace, type Pace, paceAfter, refuseTooSoon } from './pace.ts';

const MINUTE = 60_000;
const DAY = 1_440 * MINUTE;
const START = Date.UTC(2026, 10, 20);
const limits = {
  newFor: DAY,
  betweenPosts: 120 * MINUTE,
  betweenComments: MINUTE,
  comments: 20,
  submolts: 1,
};

/** Does what it may; gives the times at which it was refused, and until when. */
function run(acts: readonly (readonly ['post' | 'comment' | 'submolt', number])[]) {
  let pace: Pace = newPace(START);
  return acts.map(([kind, after]) => {
    const t = START + after;
    const refused = refuseTooSoon(pace, kind, limits, t);
    if (refused === null) pace = paceAfter(pace, kind, t);
    return refused && refused.until - START;
  });
}

describe('a new agent', () => {
  test('posts every two hours, founds one submolt, and then is new no more', () => {
    expect(
      run([
        ['post', 0],
        ['post', 119 * MINUTE],
        ['post', 120 * MINUTE],
        ['submolt', 0],
        ['submolt', DAY - 1],
        ['post', DAY - MINUTE],
        ['post', DAY - 1],
        ['post', DAY],
        ['post', DAY],
        ['submolt', DAY],
      ]),
    ).toEqual([null, 120 * MINUTE, null, null, DAY, null, DAY, null, null, null]);
  });

  test('comments every minute and twenty times a day', () => {
    const comments = Array.from({ length: 22 }, (_, i) => ['comment', i * MINUTE] as const);
    const refused = run([['comment', 0], ['comment', 59_999], ...comments.slice(1)]);
    expect(refused.slice(0, 3)).toEqual([null, MINUTE, null]);
    expect(refused.slice(-3)).toEqual([null, DAY, DAY]);
    expect(
      refuseTooSoon(
        { ...newPace(START), comments: 20, commentAt: START },
        'comment',
        limits,
        START,
      ),
    ).toMatchObject({ dailyRemaining: 0 });
  });

  test('is refused until a time at which it may', () => {
    const kinds = fc.constantFrom('post', 'comment', 'submolt');
    fc.assert(
      fc.property(
        fc.array(fc.tuple(kinds, fc.integer({ min: 0, max: 90 * MINUTE })), { maxLength: 60 }),
        (acts) => {
          let [pace, t] = [newPace(START), START];
          for (const [kind, pause] of acts as ['post' | 'comment' | 'submolt', number][]) {
            t += pause;
            const refused = refuseTooSoon(pace, kind, limits, t);
            if (refused === null) pace = paceAfter(pace, kind, t);
            else {
              expect(refused.until).toBeGreaterThan(t);
              expect(refuseTooSoon(pace, kind, limits, refused.until)).toBeNull();
            }
          }
        },
      ),
    );
    expect.hasAssertions();
  });
});
