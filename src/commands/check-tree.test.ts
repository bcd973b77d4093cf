// A bit that flips while the node runs is noticed before anything is signed over it, at the latest when a tile fills up.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { group, post } from '../../test/drafts.ts';
import { Agent, Sandbox } from '../../test/sandbox.ts';
import type { ObjectName } from '../protocol/object-name.ts';
import { integer, type Row } from '../store/database.ts';
import { readEntry, selectEntries } from '../store/entries.ts';
import { findLog, listLogs } from '../store/queries/logs.ts';
import { checkLogs } from './check-logs.ts';
import { findTreeFaults } from './check-tree.ts';

const ada = new Agent('ada');
let node: Sandbox;
let submolt: ObjectName;

beforeEach(async () => {
  node = await Sandbox.open('a');
  submolt = await node.accept(ada, group('general'));
});
afterEach(() => node.close());

async function write(posts: number): Promise<void> {
  const objects = Array.from({ length: posts }, (_, i) =>
    ada.sign(post(submolt, `Post ${i} of ${posts}`), node.clock.now),
  );
  await node.sequencer.submitAll(await Promise.all(objects), null);
}

const tamper = (sql: string) => node.db.batch('write', [{ sql, args: [] }]);

async function faults() {
  const heads = await listLogs(node.db);
  const found = await Promise.all(heads.map((head) => findTreeFaults(node.context, head)));
  return found.flat().map(({ row, table }) => `${table} ${row}`);
}

describe('a tree', () => {
  test('is whole as it was written, whatever its size', async () => {
    for (const posts of [1, 200, 54, 1, 256]) {
      await write(posts);
      expect(await faults()).toEqual([]);
    }
    await expect(checkLogs(node.context)).resolves.toBeUndefined();
  });

  test.each([
    [0, 'commitment'],
    [70, 't'],
    [130, 'commitment'],
    [200, 't'],
  ])('without a full tile names entry %i for a bit of %s', async (index, column) => {
    await write(200);
    const [rows = []] = await node.db.batch('read', [selectEntries(2, index, index + 1)]);
    const { commitment, t } = readEntry(rows[0] as Row);
    const flipped = commitment.map((byte, i) => (i === 9 ? byte ^ 0x20 : byte));
    await node.db.batch('write', [
      {
        sql: 'UPDATE entries SET t = ?, commitment = ? WHERE log = 2 AND idx = ?',
        args: [
          column === 't' ? integer(t) ^ 1024n : integer(t),
          column === 't' ? commitment : flipped,
          integer(index),
        ],
      },
    ]);
    const found = await faults();
    // A later time may already be seen to run backwards at the next entry.
    const next = `entries log 2, idx ${index + 1}`;
    expect([`entries log 2, idx ${index}`, ...(column === 't' ? [next] : [])]).toContain(found[0]);
  });

  test('names the cosigned note where that is what has changed', async () => {
    await write(3);
    await tamper(
      "INSERT INTO cosigned (log, size, note, cosigned_at) SELECT id, signed_size, replace(checkpoint, '/log/', '/loG/'), 1 FROM logs WHERE id = 2",
    );
    expect(await faults()).toEqual(['cosigned log 2']);
  });

  test('does not grow over entries that have changed since they were appended', async () => {
    await write(250);
    await tamper('UPDATE entries SET t = t + 1 WHERE log = 2 AND idx = 250');
    const before = await findLog(node.db, (await listLogs(node.db))[1]!.origin);
    await expect(write(10)).rejects.toMatchObject({ code: 'log_mismatch' });
    expect(await findLog(node.db, before!.origin)).toEqual(before);
  });

  // A text of one bit more or less is another log's name, or other numbers.
  test.each([
    "origin = replace(origin, '/log/', '/loG/')",
    "checkpoint = replace(checkpoint, '/log/', '/loG/')",
  ])('does not grow under a head that is not the one signed last: %s', async (change) => {
    await write(3);
    const rows = async () => {
      const sql = 'SELECT id, origin, size, hex(root), checkpoint FROM logs';
      const [found = []] = await node.db.batch('read', [{ sql, args: [] }]);
      return found;
    };
    await tamper(`UPDATE logs SET ${change} WHERE id = 2`);
    const before = await rows();
    await expect(write(1)).rejects.toMatchObject({ cause: { code: 'log_mismatch' } });
    expect(await rows()).toEqual(before);
  });
});
