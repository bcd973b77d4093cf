// Ids that readers bring back: whatever was done to one, it leads to its own place or nowhere.
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { group, post } from '../../../test/drafts.ts';
import { Agent, Sandbox } from '../../../test/sandbox.ts';
import { endOf } from '../../store/arrivals.ts';
import { readArrivals } from '../../store/queries/arrivals.ts';
import { formatMark, markAt, newestMark, readMark } from './event-id.ts';

let node: Sandbox;
let ids: string[];
const marker = () => ({ crypto: node.context.crypto, did: node.context.node.did });
beforeAll(async () => {
  node = await Sandbox.open();
  const ada = new Agent('ada');
  const submolt = await node.accept(ada, group('general'));
  for (let i = 0; i < 20; i++) await node.accept(ada, post(submolt, `Post ${i}`));
  const arrivals = await readArrivals(node.db, endOf(0), 100);
  ids = arrivals.map((arrival) => formatMark(markAt(arrival, marker())));
});
afterAll(() => node.close());

test('each is read back as what it was, the newest among them', async () => {
  expect(ids.length).toBeGreaterThan(20);
  for (const id of ids) {
    const verdict = await readMark(node.db, id, marker());
    expect(verdict.ok && formatMark(verdict.mark)).toBe(id);
  }
  const newest = await newestMark(node.db, marker());
  expect(newest && formatMark(newest)).toBe(ids.at(-1));
});

test('one of another node is not taken, even where everything else is the same', async () => {
  const did = new Agent('another node').did;
  for (const id of ids) {
    const verdict = await readMark(node.db, id, { ...marker(), did });
    expect(verdict).toMatchObject({ ok: false, code: 'event_id_unknown' });
  }
});

test('any text is refused, or leads to the place that its digits and its check agree on', async () => {
  const partOf = (id: number, i: number) => ids[id % ids.length]?.split('.')[i] ?? '';
  const strange = ['', '-1', '999999999999999', '9007199254740993', '1e3', 'AAAAAAAA', '\u0661'];
  const changed = fc
    .tuple(
      fc.nat(),
      fc.array(
        fc.tuple(
          fc.nat({ max: 4 }),
          fc.oneof(fc.nat({ max: 40 }).map(String), fc.constantFrom(...strange), fc.nat()),
        ),
        { maxLength: 3 },
      ),
    )
    .map(([id, changes]) => {
      const parts = [0, 1, 2, 3, 4].map((i) => partOf(id, i));
      for (const [i, to] of changes) parts[i] = typeof to === 'string' ? to : partOf(to, i);
      return parts.join('.');
    });
  let taken = 0;
  await fc.assert(
    fc.asyncProperty(fc.oneof({ weight: 9, arbitrary: changed }, fc.string()), async (id) => {
      const verdict = await readMark(node.db, id, marker());
      if (!verdict.ok) return;
      taken += 1;
      const { mark } = verdict;
      expect(ids).toContain(formatMark({ ...mark, votes: mark.place.version }));
      expect(mark.votes).toBeLessThanOrEqual(mark.place.version);
    }),
    { numRuns: 500 },
  );
  expect(taken).toBeGreaterThan(20);
});
