// A database that deletes without overwriting, as a server's does: its pages are wiped from outside, while others write.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Libsql from 'libsql';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Database, Row, Statement } from './database.ts';
import { ServerScrubber } from './server-scrubber.ts';

const MARKER = 'm@rker';
let folder: string;
let file: Libsql.Database;
let scrubber: ServerScrubber;
/** Runs before each batch of the scrubber that writes. */
let meanwhile: () => void;

const run = ({ args, sql }: Statement): Row[] => {
  const statement = file.prepare(sql);
  if (!statement.reader) {
    statement.run([...args]);
    return [];
  }
  const rows = statement.raw(true).all([...args]) as unknown[][];
  // As they come over the network.
  return rows.map((row) =>
    row.map((cell) => (cell instanceof ArrayBuffer ? new Uint8Array(cell) : cell)),
  ) as never as Row[];
};
const batch: Database['batch'] = async (mode, statements) => {
  if (mode === 'write') meanwhile();
  return statements.map(run);
};
const found = () => {
  file.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  return readFileSync(join(folder, 'server.db')).includes(MARKER);
};
const words = (id: number) => `${MARKER} ${'x'.repeat((id * 397) % 9000)}`;
const all = () => run({ sql: 'SELECT id, text FROM words ORDER BY id', args: [] });

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'exuvia-'));
  file = new Libsql(join(folder, 'server.db'));
  file.exec('PRAGMA journal_mode = WAL; PRAGMA secure_delete = OFF');
  file.exec('CREATE TABLE words (id INTEGER PRIMARY KEY, text TEXT, label TEXT) STRICT');
  file.exec('CREATE INDEX labels ON words (label)');
  const insert = file.prepare('INSERT INTO words VALUES (?, ?, ?)');
  for (let id = 1; id <= 300; id++) {
    insert.run([
      BigInt(id),
      id % 3 === 0 ? 'stays' : words(id),
      id % 3 === 0 ? null : `${MARKER}${id}`,
    ]);
  }
  scrubber = new ServerScrubber({ batch });
  meanwhile = () => undefined;
});
afterEach(async () => {
  await scrubber.stop();
  file.close();
  rmSync(folder, { recursive: true });
});

test('leaves nothing in gaps, free blocks and free pages, and the rest as it was', async () => {
  file.exec('UPDATE words SET text = NULL, label = NULL WHERE id % 3 = 1');
  file.exec('DELETE FROM words WHERE id % 3 = 2');
  const before = all();
  expect(found()).toBe(true);
  scrubber.scrub();
  await expect.poll(found, { timeout: 5000 }).toBe(false);
  expect(all()).toEqual(before);
  expect(run({ sql: 'PRAGMA integrity_check', args: [] })).toEqual([['ok']]);
});

test('takes nothing from those who write at the same time', async () => {
  file.exec('UPDATE words SET text = NULL, label = NULL WHERE id % 3 = 1');
  let last = 1000;
  const written: Row[] = [];
  // On pages that were read just now, and on free ones.
  meanwhile = () => {
    last += 1;
    const text = `later ${'y'.repeat((last * 131) % 5000)}`;
    run({ sql: 'INSERT INTO words VALUES (?, ?, ?)', args: [BigInt(last), text, `label ${last}`] });
    run({
      sql: 'UPDATE words SET text = ? WHERE id = ?',
      args: [text, BigInt(((last * 7) % 300) + 1)],
    });
    written.push([last, text]);
  };
  scrubber.scrub();
  await expect.poll(() => written.length, { timeout: 5000 }).toBeGreaterThan(3);
  await scrubber.stop();
  expect(run({ sql: 'PRAGMA integrity_check', args: [] })).toEqual([['ok']]);
  expect(run({ sql: 'SELECT id, text FROM words WHERE id > 1000 ORDER BY id', args: [] })).toEqual(
    written,
  );
});
