// Rechecks everything in a database: rows, trees, bodies, what is derived, indices and references, and names what is wrong.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Crypto } from '../protocol/crypto.ts';
import type { Database } from '../store/database.ts';
import { StoreError } from '../store/error.ts';
import { FileDatabase } from '../store/file-database.ts';
import { findMigrationFault } from '../store/migrate.ts';
import { listLogs } from '../store/queries/logs.ts';
import { makeCopyFolder, removeLeftCopies, snapshotFile } from '../store/snapshot.ts';
import { checkBodies } from './check-bodies.ts';
import { findDerivedFaults } from './check-derived.ts';
import { findRowFaults } from './check-rows.ts';
import { findSearchFaults } from './check-search.ts';
import { findTextFaults } from './check-texts.ts';
import { findTreeFaults } from './check-tree.ts';
import { type Fault, fault } from './fault.ts';

export interface Examination {
  readonly faults: readonly Fault[];
  readonly logs: number;
  readonly entries: number;
  /** Bodies whose signatures were checked. */
  readonly verified: number;
  /** Bodies by did:webs of which no document is kept: all but their signatures was checked. */
  readonly unverified: number;
}

export type ExaminationProgress = (done: number, total: number) => void;

const NOTHING = { logs: 0, entries: 0, verified: 0, unverified: 0 };

/**
 * Examines a database file, whether or not a node runs on it: structure, indices and references where it is, everything else on
 * a copy as of one moment, which is put beside it and removed. Writes nothing to the file itself. Throws StoreError `failed` if it
 * is not there.
 */
export async function examineFile(
  path: string,
  crypto: Crypto,
  progress: ExaminationProgress = () => undefined,
): Promise<Examination> {
  if (!existsSync(path)) throw new StoreError('failed', `there is no database ${path}`);
  removeLeftCopies(path);
  const folder = makeCopyFolder(path);
  try {
    const faults = await findFileFaults(path);
    const copy = join(folder.path, 'copy.db');
    try {
      snapshotFile(path, copy);
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      return { ...NOTHING, faults: [...faults, fault('database', path, error.message)] };
    }
    const db = new FileDatabase(copy);
    try {
      const texts = await findTextFaults(db);
      faults.push(...texts.faults);
      if (!texts.readable) return { ...NOTHING, faults };
      // What comes now asks for the tables of this version of the program.
      const migration = await findMigrationFault(db);
      if (migration !== null) {
        return { ...NOTHING, faults: [...faults, fault('schema_migrations', '', migration)] };
      }
      const found = await examineCopy(db, crypto, progress);
      return { ...found, faults: unique([...faults, ...found.faults]) };
    } finally {
      await db.close();
    }
  } finally {
    folder.remove();
  }
}

/** What SQLite itself sees: pages, indices, constraints, references. */
async function findFileFaults(path: string): Promise<Fault[]> {
  let db: FileDatabase | null = null;
  try {
    db = new FileDatabase(path);
    const [health = [], dangling = [], roots = []] = await db.batch('read', [
      { sql: 'SELECT integrity_check FROM pragma_integrity_check(100)', args: [] },
      { sql: 'SELECT "table", rowid, parent FROM pragma_foreign_key_check LIMIT 100', args: [] },
      { sql: 'SELECT rootpage, tbl_name FROM sqlite_schema', args: [] },
    ]);
    const tables = new Map(roots.map(([page, table]) => [`${page}`, `${table}`]));
    return [
      ...health.flatMap(([text]) => (text === 'ok' ? [] : [structural(`${text}`, tables)])),
      ...dangling.map(([table, row, parent]) =>
        fault(`${table}`, row === null ? '' : `rowid ${row}`, `no such row of ${parent}`),
      ),
    ];
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    return [fault('database', path, error.message)];
  } finally {
    await db?.close();
  }
}

/** SQLite speaks of pages and indices; the table they are of is what can be acted on. */
function structural(text: string, tables: ReadonlyMap<string, string>): Fault {
  const tree = /^(?:\*\*\*[^\n]*\n)?Tree (\d+)/.exec(text)?.[1];
  const named = [...tables.values()].find((table) => new RegExp(`\\b${table}(?:\\b|_)`).test(text));
  return fault((tree && tables.get(tree)) || named || 'database', '', text);
}

/** Examines a copy that nobody else uses: what is derived is made anew in it. */
async function examineCopy(
  db: Database,
  crypto: Crypto,
  progress: ExaminationProgress = () => undefined,
): Promise<Examination> {
  const context = { db, crypto };
  const faults: Fault[] = [];
  const sums = { ...NOTHING };
  const attempt = async (table: string, check: () => Promise<readonly Fault[]>) => {
    try {
      faults.push(...(await check()));
    } catch (error) {
      faults.push(fault(table, '', error instanceof Error ? error.message : String(error)));
    }
  };
  await attempt('database', () => findRowFaults(context));
  let logs: Awaited<ReturnType<typeof listLogs>> = [];
  await attempt('logs', async () => {
    logs = await listLogs(db);
    return [];
  });
  const entries = logs.reduce((sum, { size }) => sum + size, 0);
  // Reading a leaf, opening a body and replaying it are one step each.
  const total = entries * 3;
  let done = 0;
  const step = (more: number) => {
    done += more;
    progress(done, total);
  };
  for (const head of logs) {
    await attempt('logs', () => findTreeFaults(context, head, step));
    await attempt('entries', async () => {
      const checked = await checkBodies(context, head, step);
      sums.verified += checked.verified;
      sums.unverified += checked.unverified;
      return checked.faults;
    });
  }
  await attempt('search_index', () => findSearchFaults(db));
  await attempt('database', () => findDerivedFaults(db));
  progress(total, total);
  return { ...sums, logs: logs.length, entries, faults: unique(faults) };
}

function unique(faults: readonly Fault[]): Fault[] {
  return [...new Map(faults.map((one) => [JSON.stringify(one), one])).values()];
}
