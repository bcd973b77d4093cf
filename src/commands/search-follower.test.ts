// The index behind a node that writes: it comes after, survives errors, and ends when it is told to.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { group, post } from '../../test/drafts.ts';
import { Agent, Sandbox } from '../../test/sandbox.ts';
import { checkSearch, docsOf } from '../../test/search-invariants.ts';
import type { Database } from '../store/database.ts';
import { StoreError } from '../store/error.ts';
import { SearchFollower } from './search-follower.ts';

const ada = new Agent('ada');
let node: Sandbox;
beforeEach(async () => {
  node = await Sandbox.open();
});
afterEach(() => node.close());

const indexed = async () => (await docsOf(node.db)).filter(({ codes }) => codes.length > 0).length;

test('what is written is found without being asked for, and what is erased goes', async () => {
  let scrubs = 0;
  const db: Database = {
    durable: node.db.durable,
    batch: (mode, statements) => node.db.batch(mode, statements),
    close: async () => {},
    scrub: () => {
      scrubs += 1;
    },
  };
  const follower = new SearchFollower({ db, report: (error) => expect.fail(String(error)) });
  node.sequencer.onCommit(() => follower.wake());
  const submolt = await node.accept(ada, group('general'));
  const said = await node.accept(ada, post(submolt, 'Cuttlefish'));
  await expect.poll(indexed).toBe(2);
  await node.accept(ada, { type: 'Delete', audience: submolt, object: said });
  await expect.poll(() => scrubs).toBeGreaterThan(0);
  expect(await indexed()).toBe(1);
  await follower.close();
  await checkSearch(node.db);
});

test('an error is told and overcome; nothing is done once it is closed', async () => {
  const submolt = await node.accept(ada, group('general'));
  const errors: unknown[] = [];
  let failures = 2;
  let closed = false;
  const db: Database = {
    durable: node.db.durable,
    close: async () => {},
    batch: async (mode, statements) => {
      if (closed) throw new Error('used after it was closed');
      if (failures-- > 0) throw new StoreError(failures > 0 ? 'busy' : 'disk_full', 'a test');
      return node.db.batch(mode, statements);
    },
  };
  const follower = new SearchFollower({ db, report: (error) => errors.push(error) });
  follower.wake();
  await expect.poll(indexed, { timeout: 10_000 }).toBe(1);
  expect(errors).toMatchObject([{ code: 'disk_full' }]);
  await node.accept(ada, post(submolt, 'Later'));
  follower.wake();
  await follower.close();
  closed = true;
  follower.wake();
  expect(await indexed()).toBeLessThanOrEqual(2);
  await checkSearch(node.db);
});
