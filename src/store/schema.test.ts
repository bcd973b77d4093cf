// The schema as one readable file, and its migrations: drift fails.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FileDatabase } from './file-database.ts';
import { migrate, migrations } from './migrate.ts';

let folder: string;
let db: FileDatabase;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'exuvia-'));
  db = new FileDatabase(join(folder, 'node.db'));
});
afterEach(async () => {
  await db.close();
  rmSync(folder, { recursive: true });
});

const rows = async (sql: string) => (await db.batch('read', [{ sql, args: [] }]))[0] ?? [];

describe('the schema', () => {
  test('is what schema.sql says', async () => {
    await migrate(db, () => 0);
    const found = await rows(
      "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY tbl_name, type DESC, name",
    );
    const text = found.map(([sql]) => `${sql};\n`).join('\n');
    const head =
      '-- The schema after all migrations: a dump for readers, compared by schema.test.ts.\n\n';
    await expect(head + text).toMatchFileSnapshot('./schema.sql');
  });

  test('has strict tables only', async () => {
    await migrate(db, () => 0);
    const lax = await rows(
      "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND strict = 0 AND name NOT LIKE 'sqlite_%'",
    );
    expect(lax).toEqual([]);
  });
});

describe('migrating', () => {
  const next = migrations.length + 1;

  test('brings a database of any earlier version up to date and keeps what is in it', async () => {
    await migrate(db, () => 1, migrations.slice(0, 1));
    await db.batch('write', [{ sql: "INSERT INTO agents (did) VALUES ('did:x')", args: [] }]);
    await migrate(db, () => 2);
    expect(await rows('SELECT did FROM agents')).toEqual([['did:x']]);
    expect(await rows('SELECT applied_at FROM schema_migrations ORDER BY version')).toEqual(
      migrations.map(({ version }) => [version === 1 ? 1 : 2]),
    );
  });

  test('again changes nothing', async () => {
    await migrate(db, () => 1);
    await migrate(db, () => 2);
    expect(await rows('SELECT version, applied_at FROM schema_migrations')).toEqual(
      migrations.map(({ version }) => [version, 1]),
    );
  });

  test('refuses a database of a later version', async () => {
    await migrate(db, () => 0, [...migrations, { version: next, name: 'later', statements: [] }]);
    await expect(migrate(db, () => 0)).rejects.toMatchObject({ code: 'migration_newer' });
  });

  test('refuses a migration that was applied with other statements', async () => {
    await migrate(db, () => 0);
    const changed = migrations.map((one) => ({ ...one, statements: ['SELECT 1'] }));
    await expect(migrate(db, () => 0, changed)).rejects.toMatchObject({
      code: 'migration_changed',
    });
  });

  test('leaves nothing of a migration that fails', async () => {
    const broken = {
      version: next,
      name: 'broken',
      statements: ['CREATE TABLE x (a)', 'nonsense'],
    };
    await expect(migrate(db, () => 0, [...migrations, broken])).rejects.toThrow('nonsense');
    expect(await rows("SELECT name FROM sqlite_schema WHERE name = 'x'")).toEqual([]);
    await migrate(db, () => 0);
    expect(await rows('SELECT count(*) FROM schema_migrations')).toEqual([[migrations.length]]);
  });
});
