// Callers have turns, however much one of them has waiting.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FairQueue } from './fair-queue.ts';

const one = () => 1;

function queueOf(jobs: readonly string[]): FairQueue<string> {
  const queue = new FairQueue<string>();
  for (const job of jobs) queue.push(job[0] as string, job);
  return queue;
}

describe('a group', () => {
  test('has the first of everybody before the second of anybody', () => {
    const flood = Array.from({ length: 9_000 }, (_, i) => `a${i}`);
    const queue = queueOf([...flood, 'b0', 'c0', 'c1']);
    expect(queue.takeMany(5, one)).toEqual(['a0', 'b0', 'c0', 'a1', 'c1']);
    queue.push('d', 'd0');
    // Whose turn it was comes first, and the newcomer in the same round.
    expect(queue.takeMany(3, one)).toEqual(['a2', 'd0', 'a3']);
  });

  test('ends where the next one does not fit, and begins with that', () => {
    const queue = queueOf(['a64', 'b64', 'c64', 'd64', 'e1', 'a1']);
    const size = (job: string) => Number(job.slice(1));
    expect(queue.takeMany(200, size)).toEqual(['a64', 'b64', 'c64']);
    expect(queue.takeMany(200, size)).toEqual(['d64', 'e1', 'a1']);
    expect(queue.isEmpty).toBe(true);
  });

  test('passes over what is none of it, which keeps its turn', () => {
    const queue = queueOf(['a0', 'b!', 'b1', 'c0']);
    const size = (job: string) => (job.endsWith('!') ? null : 1);
    expect(queue.takeMany(9, size)).toEqual(['a0', 'c0']);
    expect([queue.peek(), queue.next(), queue.next(), queue.next()]).toEqual([
      'b!',
      'b!',
      'b1',
      undefined,
    ]);
  });

  test('keeps the order of each caller, and loses nothing', () => {
    const jobs = fc.array(
      fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.integer({ min: 1, max: 9 })),
      { maxLength: 300 },
    );
    fc.assert(
      fc.property(jobs, fc.integer({ min: 9, max: 40 }), (list, most) => {
        const queue = new FairQueue<{ caller: string; size: number; at: number }>();
        for (const [at, [caller, size]] of list.entries()) queue.push(caller, { caller, size, at });
        const out: { caller: string; at: number }[] = [];
        while (!queue.isEmpty) {
          const group = queue.takeMany(most, ({ size }) => size);
          expect(group.length).toBeGreaterThan(0);
          expect(group.reduce((sum, { size }) => sum + size, 0)).toBeLessThanOrEqual(most);
          out.push(...group);
        }
        expect(out).toHaveLength(list.length);
        for (const caller of ['a', 'b', 'c']) {
          const places = out.filter((job) => job.caller === caller).map(({ at }) => at);
          expect(places).toEqual(places.toSorted((a, b) => a - b));
        }
      }),
    );
    expect.hasAssertions();
  });
});
