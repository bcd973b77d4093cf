// Nothing that was erased is left in the pages of a database, however its rows were moved about before.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import fc from 'fast-check';
import Libsql from 'libsql';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { integer, type Statement } from './database.ts';
import { readPages } from './database-pages.ts';
import { FileDatabase } from './file-database.ts';
import { makeCopyFolder } from './snapshot.ts';
import { wipeGap } from './wipe-gaps.ts';

const MARKER = 'm@rker';
let folder: string;
let db: FileDatabase;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'exuvia-'));
  db = new FileDatabase(join(folder, 'node.db'));
  await write({ sql: 'CREATE TABLE words (id INTEGER PRIMARY KEY, text TEXT) STRICT', args: [] });
});
afterEach(async () => {
  await db.close();
  rmSync(folder, { recursive: true });
});

const write = (...statements: Statement[]) => db.batch('write', statements);
const rows = async (sql: string) => (await db.batch('read', [{ sql, args: [] }]))[0] ?? [];
const found = () =>
  readdirSync(folder).filter((file) => readFileSync(join(folder, file)).includes(MARKER));
const put = (id: number, text: string | null): Statement => ({
  sql: 'INSERT INTO words VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET text = excluded.text',
  args: [integer(id), text],
});

/** Rows that come, grow, shrink and go in any order: pages are split and joined. */
async function shuffle(seed: number): Promise<void> {
  const steps = fc.record({ id: fc.nat(150), length: fc.nat(400), kept: fc.boolean() });
  const [list = []] = fc.sample(fc.array(steps, { minLength: 1500, maxLength: 1500 }), {
    seed,
    numRuns: 1,
  });
  for (let at = 0; at < list.length; at += 10) {
    const some = list.slice(at, at + 10);
    await write(
      ...some.map(({ id, kept, length }) => put(id, kept ? `${MARKER} `.repeat(length) : null)),
    );
  }
}

test('pages are looked up one by one, never by walking through the file', async () => {
  const { args, sql } = readPages(1, 2);
  const plan = (await db.batch('read', [{ sql: `EXPLAIN QUERY PLAN ${sql}`, args }]))[0] ?? [];
  // The view names its only index so; 0 is to walk through all.
  expect(plan.map((row) => row[3])).toContain('SCAN p VIRTUAL TABLE INDEX 1:');
  const pages = (await db.batch('read', [readPages(2, 1000)]))[0] ?? [];
  expect(pages.map((row) => row[0])).toEqual([2]);
});

describe('a scrub', () => {
  test.each([1, 2, 3])(
    'leaves nothing of what was erased, and the rest as it was (seed %i)',
    async (seed) => {
      await shuffle(seed);
      await write(put(1000, 'stays'), {
        sql: 'UPDATE words SET text = NULL WHERE id < 1000',
        args: [],
      });
      const before = await rows('SELECT * FROM words ORDER BY id');
      db.scrub();
      await expect.poll(found, { timeout: 5000 }).toEqual([]);
      expect(await rows('SELECT * FROM words ORDER BY id')).toEqual(before);
      expect(await rows('PRAGMA integrity_check')).toEqual([['ok']]);
    },
  );

  test('waits for whoever reads what was before, and goes on then', async () => {
    await write(put(1, MARKER));
    const reader = new Libsql(join(folder, 'node.db'));
    reader.exec('BEGIN');
    reader.prepare('SELECT * FROM words').all();
    await write(put(1, null));
    db.scrub();
    expect(found()).not.toEqual([]);
    reader.exec('COMMIT');
    reader.close();
    await expect.poll(found, { timeout: 5000 }).toEqual([]);
  });
});

describe('the gap of a page', () => {
  /** A leaf with one cell of four bytes at its end. */
  function leaf(): Uint8Array {
    const page = new Uint8Array(512).fill(7);
    page.set([0x0d, 0, 0, 0, 1, 1, 252, 0, 1, 252]);
    return page;
  }

  test('is wiped between pointers and cells alone', () => {
    const wiped = wipeGap(leaf(), 2);
    expect(wiped?.subarray(0, 10)).toEqual(leaf().subarray(0, 10));
    expect(wiped?.subarray(10, 508).every((byte) => byte === 0)).toBe(true);
    expect(wiped?.subarray(508)).toEqual(leaf().subarray(508));
    expect(wipeGap(wiped as Uint8Array, 2)).toBeNull();
  });

  test('is left alone where the page is of another kind, or its header does not hold together', () => {
    for (const [at, value] of [
      [0, 0x05],
      [0, 0],
      [3, 255],
      [5, 255],
      [8, 0],
    ] as const) {
      const page = leaf();
      page[at] = value;
      expect(wipeGap(page, 2)).toBeNull();
    }
  });
});

test('a copy that a killed process has left beside the database goes, one at work does not', () => {
  const path = join(folder, 'node.db');
  const left = join(folder, 'doctor-killed');
  mkdirSync(left);
  writeFileSync(join(left, 'copy.db'), MARKER);
  const atWork = makeCopyFolder(path);
  const copies = () => readdirSync(folder).filter((name) => name.startsWith('doctor-'));
  db.scrub();
  expect(copies()).toEqual([basename(atWork.path)]);
  atWork.remove();
  expect(copies()).toEqual([]);
});
