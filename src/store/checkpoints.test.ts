// Checkpoints of earlier days: one of each on which the log grew, in archives of it at home and on a replica.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { post } from '../../test/drafts.ts';
import { Network } from '../../test/network.ts';
import { expectReplica, openFollowed } from '../../test/replica-scene.ts';
import { parseCheckpoint } from '../log/checkpoint.ts';
import { parseNote } from '../log/note.ts';
import { findArchivable, listCheckpoints } from './checkpoints.ts';
import { upsertCosigned } from './cosigned.ts';
import type { Database } from './database.ts';
import { findLog } from './queries/logs.ts';

const network = new Network();
beforeEach(() => {
  network.clock.now = Date.UTC(2026, 10, 20, 10);
});
afterEach(() => network.close());

const DAY = 86_400_000;
const head = async (db: Database, log: string) => (await findLog(db, log)) ?? expect.fail(log);

async function history(db: Database, log: string) {
  const { id, size } = await head(db, log);
  return (await listCheckpoints(db, id, size)).map(({ day, note, size }) => {
    const parsed = parseNote(note);
    const checkpoint = parsed.ok ? parseCheckpoint(parsed.note.text) : parsed;
    expect(checkpoint.ok && checkpoint.checkpoint.size).toBe(size);
    return [day, size];
  });
}

test('the last checkpoint of each day on which the log grew is kept, and no other', async () => {
  const { a, b, ada, log, submolt } = await openFollowed(network);
  const say = async (words: string) => {
    await a.sandbox.accept(ada, post(submolt, words));
    await network.pass(60_000);
  };
  await say('Still the first day');
  expect(await history(a.db, log)).toEqual([]);
  network.clock.now += DAY;
  await say('The second day');
  await say('Still the second day');
  network.clock.now += 3 * DAY;
  await say('The fifth day');
  const kept = [
    ['2026-11-20', 5],
    ['2026-11-21', 7],
  ];
  expect(await history(a.db, log)).toEqual(kept);
  await expectReplica(a, b, log);
  expect(await history(b.db, log)).toEqual(kept);
});

test('what witnesses have cosigned comes before a log that has grown since', async () => {
  const { a, ada, log, submolt } = await openFollowed(network);
  const before = await head(a.db, log);
  const cosigned = { size: before.size, note: before.checkpoint ?? '' };
  expect(await findArchivable(a.db, before)).toBeNull();
  await a.db.batch('write', [
    upsertCosigned(before.id, { ...cosigned, cosignedAt: network.clock.now }),
  ]);
  expect(await findArchivable(a.db, before)).toEqual(cosigned);
  await a.sandbox.accept(ada, post(submolt, 'A moment later'));
  const after = await head(a.db, log);
  expect(await findArchivable(a.db, after)).toEqual(cosigned);
  expect(await listCheckpoints(a.db, after.id, after.size)).toEqual([
    { day: '2026-11-20', ...cosigned },
  ]);
  // On the next day it is the one that is kept of this one.
  network.clock.now += DAY;
  await a.sandbox.accept(ada, post(submolt, 'The next day'));
  await a.db.batch('write', [{ sql: 'DELETE FROM cosigned', args: [] }]);
  expect(await listCheckpoints(a.db, after.id, after.size + 1)).toEqual([
    { day: '2026-11-20', ...cosigned },
  ]);
});

test('a body that was erased after the cosignature takes its archive away', async () => {
  const { a, ada, log, submolt } = await openFollowed(network);
  const name = await a.sandbox.accept(ada, post(submolt, 'Soon gone'));
  const before = await head(a.db, log);
  const cosigned = { size: before.size, note: before.checkpoint ?? '' };
  await a.db.batch('write', [
    upsertCosigned(before.id, { ...cosigned, cosignedAt: network.clock.now }),
  ]);
  expect(await findArchivable(a.db, before)).toEqual(cosigned);
  await a.sandbox.accept(ada, { type: 'Delete', audience: submolt, object: name });
  expect(await findArchivable(a.db, await head(a.db, log))).toBeNull();
});
