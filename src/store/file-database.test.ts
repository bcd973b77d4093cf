// The file driver: batches whole or not at all, durable settings, and the traps of its API kept shut.
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Libsql from 'libsql';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { integer, type Value } from './database.ts';
import { FileDatabase } from './file-database.ts';
import { lockDataFolder } from './node-lock.ts';
import { openDatabase } from './open-database.ts';

let folder: string;
let db: FileDatabase;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'exuvia-'));
  db = new FileDatabase(join(folder, 'node.db'));
  await write('CREATE TABLE t (a INTEGER PRIMARY KEY, b BLOB, c TEXT) STRICT');
});
afterEach(async () => {
  await db.close();
  rmSync(folder, { recursive: true });
});

const write = (sql: string, ...args: Value[]) => db.batch('write', [{ sql, args }]);
const read = async (sql: string, ...args: Value[]) =>
  (await db.batch('read', [{ sql, args }]))[0] ?? [];
const insert = (a: number) => ({ sql: 'INSERT INTO t (a) VALUES (?)', args: [integer(a)] });

describe('a batch', () => {
  test('is written whole', async () => {
    await db.batch('write', [insert(1), insert(2)]);
    expect(await read('SELECT a FROM t')).toEqual([[1], [2]]);
  });

  test('that fails leaves nothing, and says what failed', async () => {
    await write('INSERT INTO t (a) VALUES (7)');
    const failing = db.batch('write', [insert(1), insert(7), insert(8)]);
    await expect(failing).rejects.toMatchObject({ name: 'StoreError', code: 'constraint' });
    expect(await read('SELECT a FROM t')).toEqual([[7]]);
    await db.batch('write', [insert(1)]);
  });

  test('that fails on a type is a constraint too', async () => {
    const failing = write('INSERT INTO t (b) VALUES (?)', 'text');
    await expect(failing).rejects.toMatchObject({ code: 'constraint' });
  });

  test('of reads sees one state', async () => {
    const sql = 'SELECT count(*) FROM t';
    const both = db.batch('read', [
      { sql, args: [] },
      { sql, args: [] },
    ]);
    await db.batch('write', [insert(1)]);
    expect(await both).toEqual([[[0]], [[0]]]);
    expect(await read(sql)).toEqual([[1]]);
  });

  test('gives rows of more than one fetch in full', async () => {
    await db.batch(
      'write',
      Array.from({ length: 300 }, (_, i) => insert(i)),
    );
    expect(await read('SELECT a FROM t')).toHaveLength(300);
    expect(await read('SELECT a FROM t LIMIT 100')).toHaveLength(100);
  });
});

describe('arguments', () => {
  test('keep their types', async () => {
    await write('INSERT INTO t VALUES (?, ?, ?)', 5n, Uint8Array.of(0, 255), 'x');
    expect(await read('SELECT typeof(?), a, b, c FROM t', 1n)).toEqual([
      ['integer', 5, Buffer.from([0, 255]), 'x'],
    ]);
  });

  test('must be as many as the parameters, or a cached statement would keep old ones', async () => {
    await write('INSERT INTO t (a, c) VALUES (?, ?)', 1n, 'one');
    const short = write('INSERT INTO t (a, c) VALUES (?, ?)', 2n);
    await expect(short).rejects.toMatchObject({ code: 'invalid_statement' });
    expect(await read('SELECT a FROM t')).toEqual([[1]]);
  });

  test.each([true, 1, undefined])(
    'of a kind that libSQL mishandles are refused: %s',
    async (arg) => {
      const failing = write('INSERT INTO t (a) VALUES (?)', arg as unknown as Value);
      await expect(failing).rejects.toMatchObject({ code: 'invalid_statement' });
    },
  );
});

describe('settings', () => {
  test('put a committed batch on disk', async () => {
    expect(await read('PRAGMA journal_mode')).toEqual([['wal']]);
    expect(await read('PRAGMA synchronous')).toEqual([[2]]);
    expect(await read('PRAGMA foreign_keys')).toEqual([[1]]);
    expect(await read('PRAGMA secure_delete')).toEqual([[1]]);
  });

  test('keep reads from writing', async () => {
    const failing = db.batch('read', [insert(1)]);
    await expect(failing).rejects.toMatchObject({ name: 'StoreError' });
    expect(await read('SELECT a FROM t')).toEqual([]);
  });
});

test('a writer that another connection locks out is busy, not stuck', async () => {
  const other = new Libsql(join(folder, 'node.db'));
  other.exec('BEGIN IMMEDIATE');
  await expect(db.batch('write', [insert(1)])).rejects.toMatchObject({ code: 'busy' });
  other.exec('ROLLBACK');
  other.close();
  await db.batch('write', [insert(1)]);
  expect(await read('SELECT a FROM t')).toEqual([[1]]);
});

test('of a database that was closed the one file is all there is', async () => {
  await db.batch('write', [insert(1), insert(2)]);
  await db.close();
  copyFileSync(join(folder, 'node.db'), join(folder, 'copy.db'));
  db = new FileDatabase(join(folder, 'copy.db'));
  expect(await read('SELECT a FROM t')).toEqual([[1], [2]]);
});

describe('a data folder', () => {
  test('is one process’s, until it lets go', async () => {
    const first = openDatabase(`file:${join(folder, 'x.db')}`, { dataDir: folder });
    const second = () => openDatabase(`file:${join(folder, 'y.db')}`, { dataDir: folder });
    expect(second).toThrow(expect.objectContaining({ code: 'already_running' }));
    await first.close();
    await second().close();
  });

  test('stays locked although nobody keeps the lock object', () => {
    lockDataFolder(folder);
    expect(() => lockDataFolder(folder)).toThrow(
      expect.objectContaining({ code: 'already_running' }),
    );
  });

  test('is not opened under a URL of an unknown scheme', () => {
    const open = () => openDatabase('mysql://x', { dataDir: folder });
    expect(open).toThrow('neither file:');
    lockDataFolder(folder).release();
  });
});
