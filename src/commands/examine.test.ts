// One bit is flipped at a time, in each column of each table and in the bytes of the file: the row at fault is named.
import {
  copyFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Libsql from 'libsql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { post } from '../../test/drafts.ts';
import { fill } from '../../test/fill-search.ts';
import { dumpTables } from '../../test/invariants.ts';
import { Network } from '../../test/network.ts';
import { openPair } from '../../test/replica-scene.ts';
import { ShiftingAgent } from '../../test/rotating-agent.ts';
import { Agent, crypto } from '../../test/sandbox.ts';
import { live, steadyPeople } from '../../test/world.ts';
import { type Did, parseDid } from '../protocol/did.ts';
import { buildDidWebDocument } from '../protocol/did-document.ts';
import type { ObjectName } from '../protocol/object-name.ts';
import { jwkThumbprint } from '../protocol/thumbprint.ts';
import type { Database } from '../store/database.ts';
import { FileDatabase } from '../store/file-database.ts';
import { DERIVED_TABLES } from '../store/rebuild.ts';
import { snapshotFile } from '../store/snapshot.ts';
import { examineFile } from './examine.ts';
import { describeFault } from './fault.ts';
import { keepDocuments } from './keep-documents.ts';

let folder: string;
/** The databases of a home, of a node that follows one of its submolts, and of a home whose log has full tiles. */
let home: string;
let follower: string;
let tiled: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'exuvia-examine-'));
  home = join(folder, 'home.db');
  follower = join(folder, 'follower.db');
  tiled = join(folder, 'tiled.db');
  const network = new Network();
  const { a, b } = await openPair(network);
  const ada = new Agent('ada');
  const people = [...steadyPeople(4), new ShiftingAgent('shifty'), new ShiftingAgent('sly')];
  const { submolts } = await live(a.sandbox, 5, 70, people);
  const [one] = submolts as [ObjectName];
  // Of the columns that are flipped the largest value is, and in no more than one row of a log.
  network.clock.now += 1000;
  await a.sandbox.accept(ada, post(one, 'Last'));
  await b.follow(a, 'one');
  network.fault = async (_, next) => ({ ...(await next()), status: 503 });
  await b.sandbox.send(await ada.sign(post(one, 'Waits'), network.clock.now), ada.did);
  for (const node of [a, b]) {
    await enrol(node.db);
    await fill(node.db);
  }
  snapshotFile(join(a.sandbox.folder, 'node.db'), home);
  snapshotFile(join(b.sandbox.folder, 'node.db'), follower);
  const many = Array.from({ length: 300 }, (_, i) =>
    ada.sign(post(one, `${i}`), a.sandbox.clock.now),
  );
  await a.sandbox.sequencer.submitAll((await Promise.all(many)).slice(0, 256), null);
  await a.sandbox.sequencer.submitAll((await Promise.all(many)).slice(256), null);
  snapshotFile(join(a.sandbox.folder, 'node.db'), tiled);
  await network.close();
}, 120_000);

async function enrol(db: Database): Promise<void> {
  const { did, seed } = new Agent('enrolled');
  const key = crypto.publicKeyOf(seed);
  const web = parseDid('did:web:agents.example') as Did;
  const keys = [{ publicKey: key, fragment: 'k', purposes: ['assertionMethod'] as const }];
  const document = buildDidWebDocument({ did: web, keys }, crypto);
  await db.batch('write', [
    {
      sql: 'INSERT INTO enrolments (url, keyid, did, subject, public_key, method, enrolled_at) VALUES (?, ?, ?, ?, ?, ?, 1)',
      args: ['', jwkThumbprint(key, crypto), did, did, key, `${did}#k`],
    },
    ...keepDocuments({ crypto, now: () => 1, documentOf: () => document }, [web]),
  ]);
}
afterAll(() => rmSync(folder, { recursive: true }));

const examine = async (path: string) => (await examineFile(path, crypto)).faults;

/**
 * Columns that nothing else in the database says anything about: a bit of theirs that flips cannot be seen, and no signature
 * rests on it. Everything else is found.
 */
const UNSEEN = new Set([
  'dead_letters.*',
  'nonces.*',
  'arrivals.version',
  'node.version',
  ...[
    'name',
    'url',
    'added_at',
    'contacted_at',
    'failures',
    'retry_at',
    'told',
    'error',
    'witness_key',
  ].map((c) => `peers.${c}`),
  ...['log', 'peer', 'size', 'added_at'].map((column) => `followers.${column}`),
  ...['known_size', 'checked_at', 'halted', 'added_at'].map((column) => `sources.${column}`),
  ...['id', 'created_at', 'updated_at', 'submolt', 'home', 'code', 'detail'].map(
    (c) => `pending.${c}`,
  ),
  ...['url', 'method', 'enrolled_at', 'agreed_at'].map((column) => `enrolments.${column}`),
  ...['author', 'parent', 'remains'].map((column) => `skeletons.${column}`),
  ...['first_seen', 'last_seen'].map((column) => `did_documents.${column}`),
  'seen_heads.source',
  'seen_heads.seen_at',
  // What is stale is looked at again, and so are entries before the cursor.
  ...['stale', 'written'].map((column) => `search_docs.${column}`),
  'search_cursors.*',
  'search_state.*',
  'schema_migrations.name',
  'schema_migrations.applied_at',
]);
/** A reference that points elsewhere is seen where it leads to. */
const ALSO: Readonly<Record<string, readonly string[]>> = {
  agents: [
    'items',
    'acts',
    'reports',
    'entries',
    'peers',
    'objects',
    'memberships',
    'logs',
    'identities',
  ],
  objects: ['entries'],
  logs: ['entries', 'tiles', 'sources', 'followers'],
  peers: ['followers', 'sources'],
  signers: ['agents'],
  sources: ['logs'],
};

interface Cell {
  readonly table: string;
  readonly column: string;
}

function columnsOf(path: string): Cell[] {
  const db = new Libsql(path);
  const cells = db
    .prepare(
      `SELECT m.name AS "table", c.name AS "column" FROM sqlite_schema AS m JOIN pragma_table_info(m.name) AS c
WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name NOT LIKE 'search_index%' ORDER BY 1, c.cid`,
    )
    .all() as Cell[];
  db.close();
  return cells;
}

/** Flips the lowest bit of the middle byte, or of the number, in one row if one has a value of its own; false if none has any. */
function flip(path: string, { column, table }: Cell): boolean {
  const db = new Libsql(path);
  db.exec('PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON');
  const where = `${column} IS NOT NULL AND ${column} <> ''`;
  const [row] = db
    .prepare(
      `SELECT ${column} AS value FROM ${table} WHERE ${where} GROUP BY 1 ORDER BY count(*), 1 DESC LIMIT 1`,
    )
    .all() as { value: number | string | ArrayBuffer }[];
  if (row === undefined) {
    db.close();
    return false;
  }
  const { value } = row;
  const set = db.prepare(`UPDATE OR REPLACE ${table} SET ${column} = ? WHERE ${column} = ?`);
  if (typeof value === 'number') set.run(BigInt(value) ^ 1n, BigInt(value));
  else {
    const bytes = typeof value === 'string' ? Buffer.from(value) : Buffer.from(value.slice(0));
    const at = Math.floor(bytes.length / 2);
    bytes[at] = (bytes[at] as number) ^ 1;
    set.run(
      typeof value === 'string' ? bytes.toString('utf8') : bytes,
      typeof value === 'string' ? value : Buffer.from(value),
    );
  }
  db.close();
  return true;
}

async function dump(path: string) {
  const db = new FileDatabase(path);
  try {
    return await dumpTables(db);
  } finally {
    await db.close();
  }
}

function copyOf(path: string): string {
  const copy = join(folder, 'flipped.db');
  for (const suffix of ['', '-wal', '-shm']) rmSync(copy + suffix, { force: true });
  copyFileSync(path, copy);
  return copy;
}

describe('the doctor', () => {
  test('finds nothing wrong with what a node has written, and leaves nothing behind', async () => {
    for (const path of [home, follower, tiled]) {
      const { entries, faults, logs, unverified, verified } = await examineFile(path, crypto);
      expect(faults).toEqual([]);
      expect({ logs, unverified }).toEqual({ logs: 3, unverified: 0 });
      expect(verified).toBeGreaterThan(entries / 2);
    }
    expect(readdirSync(folder).filter((name) => name.startsWith('doctor-'))).toEqual([]);
  });

  test('names the table of every value in which a bit has flipped', {
    timeout: 300_000,
  }, async () => {
    const tables = new Set<string>();
    const overlooked: string[] = [];
    const derived = new Set<string>(DERIVED_TABLES);
    for (const path of [home, follower, tiled]) {
      const columns = columnsOf(path);
      for (const cell of columns) {
        const { column, table } = cell;
        if (path === tiled && table !== 'tiles') continue;
        // All columns of derived tables are compared by one statement.
        if (derived.has(table) && column !== columns.findLast((c) => c.table === table)?.column)
          continue;
        if (UNSEEN.has(`${table}.*`) || UNSEEN.has(`${table}.${column}`)) continue;
        const flipped = copyOf(path);
        if (!flip(flipped, cell)) continue;
        const faults = await examine(flipped);
        tables.add(table);
        const named = [table, ...(ALSO[table] ?? [])];
        if (faults.some((one) => named.includes(one.table))) continue;
        overlooked.push(
          `${path} ${table}.${column}: ${faults.map(describeFault).slice(0, 3).join(' | ')}`,
        );
      }
    }
    expect(overlooked).toEqual([]);
    expect(tables.size).toBeGreaterThan(18);
  });

  test('names the very row', async () => {
    const cases = [
      ['UPDATE entries SET t = t + 1 WHERE log = 2 AND idx = 3', 'entries', 'log 2, idx 3'],
      [
        'UPDATE entries SET t = t + 1 WHERE log = 2 AND idx = (SELECT max(idx) FROM entries WHERE log = 2 AND t % 2 = 0)',
        'entries',
        /^log 2, idx \d+$/,
      ],
      [
        "UPDATE entries SET salt = x'00112233445566778899aabbccddeeff' WHERE log = 3 AND idx = (SELECT min(idx) FROM entries WHERE log = 3 AND salt IS NOT NULL)",
        'entries',
        /^log 3, idx \d+$/,
      ],
      [
        "UPDATE tiles SET data = CAST(substr(data, 1, 100) || x'00' || substr(data, 102) AS BLOB) WHERE level = 0",
        'tiles',
        /^log \d, level 0, idx 0$/,
      ],
      [
        "UPDATE search_docs SET codes = CAST(substr(codes, 1, 3) || x'00' || substr(codes, 5) AS BLOB) WHERE id = (SELECT max(id) FROM search_docs)",
        'search_docs',
        /^id \d+$/,
      ],
      [
        "INSERT INTO search_index (rowid, codes) VALUES (1, 'zzzzzz')",
        'search_index',
        'term zzzzzz',
      ],
      [
        'UPDATE items SET up = up + 1 WHERE object = (SELECT max(object) FROM items)',
        'items',
        /^object \d+$/,
      ],
    ] as const;
    for (const [sql, table, row] of cases) {
      const path = copyOf(tiled);
      const db = new Libsql(path);
      expect(db.prepare(sql).run().changes).toBeGreaterThan(0);
      db.close();
      const [first] = await examine(path);
      expect(first).toEqual({
        table,
        row: expect.stringMatching(row),
        problem: expect.any(String),
      });
    }
  });

  test('sees a bit that flips in the file itself', { timeout: 300_000 }, async () => {
    const db = new Libsql(tiled);
    const blobs = [
      ['objects', 'SELECT hash FROM objects WHERE bytes IS NOT NULL LIMIT 1'],
      ['objects', 'SELECT bytes FROM objects WHERE bytes IS NOT NULL LIMIT 1'],
      ['entries', 'SELECT commitment FROM entries WHERE salt IS NOT NULL LIMIT 1'],
      ['entries', 'SELECT salt FROM entries WHERE salt IS NOT NULL LIMIT 1'],
      ['logs', 'SELECT root FROM logs WHERE size > 1 LIMIT 1'],
      ['logs', 'SELECT frontier FROM logs WHERE size > 300 LIMIT 1'],
      ['logs', 'SELECT log_key FROM logs LIMIT 1'],
      ['tiles', 'SELECT substr(data, 65, 32) FROM tiles LIMIT 1'],
      ['enrolments', 'SELECT public_key FROM enrolments'],
    ].map(
      ([table, sql]) =>
        [
          table,
          Buffer.from(Object.values(db.prepare(sql!).get() as object)[0] as ArrayBuffer),
        ] as const,
    );
    db.close();
    const whole = await dump(tiled);
    const file = readFileSync(tiled);
    for (const [table, value] of blobs) {
      let found = 0;
      for (let at = file.indexOf(value); at >= 0; at = file.indexOf(value, at + 1)) {
        const changed = Buffer.from(file);
        const byte = at + Math.min(20, value.length - 1);
        changed[byte] = (changed[byte] as number) ^ 0x10;
        const path = copyOf(tiled);
        writeFileSync(path, changed);
        const faults = await examine(path);
        // Pages keep bytes of rows that have moved to other pages; those are nobody's.
        if (faults.length === 0) expect(await dump(path)).toEqual(whole);
        else found += 1;
      }
      expect(`${table} ${found > 0}`).toBe(`${table} true`);
    }
  });

  test('says so when the file is no database, or not there', async () => {
    const path = join(folder, 'noise.db');
    writeFileSync(path, Buffer.alloc(8192, 7));
    expect(await examine(path)).toMatchObject([{ table: 'database' }, { table: 'database' }]);
    await expect(examine(join(folder, 'none.db'))).rejects.toMatchObject({ code: 'failed' });
  });

  test('names a text that is none any more, and does not end the process over it', async () => {
    for (const [table, column, key] of [
      ['identity_places', 'keys', 'agent'],
      ['logs', 'origin', 'id'],
      ['schema_migrations', 'name', ''],
    ] as const) {
      const path = copyOf(home);
      const db = new Libsql(path);
      const { changes } = db
        .prepare(
          `UPDATE ${table} SET ${column} = CAST(x'c3' || CAST(${column} AS BLOB) AS TEXT) WHERE ${column} IS NOT NULL`,
        )
        .run();
      db.close();
      expect(changes).toBeGreaterThan(0);
      const faults = await examine(path);
      expect(faults).toContainEqual({
        table,
        row: expect.stringContaining(key),
        problem: expect.stringContaining(`${column} is no UTF-8`),
      });
    }
  });

  test('of another version says that of the database, and nothing of its rows', async () => {
    const path = copyOf(home);
    const db = new Libsql(path);
    db.exec(
      'DELETE FROM schema_migrations WHERE version = (SELECT max(version) FROM schema_migrations)',
    );
    db.exec('ALTER TABLE items DROP COLUMN delegation');
    db.close();
    expect(await examine(path)).toEqual([
      { table: 'schema_migrations', row: '', problem: expect.stringContaining('an older version') },
    ]);
  });

  test('knows of an erasure that waits for the list beside the database', async () => {
    for (const [line, problem] of [
      ['{"by":1,"log":"a.test/log/system","n":[],"o":{}}', 'line: its Delete is not at that place'],
      ['{"by":1', 'line is no erasure'],
    ] as const) {
      const path = copyOf(home);
      const db = new Libsql(path);
      db.prepare('INSERT INTO unlisted_erasures (id, line) VALUES (99, ?)').run(line);
      db.close();
      expect(await examine(path)).toEqual([{ table: 'unlisted_erasures', row: 'id 99', problem }]);
    }
  });
});
