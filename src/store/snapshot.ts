// Copies a database file as of one moment, while others read and write it, and sees to it that no copy is left behind.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import Libsql from 'libsql';
import { codeOfSqlite, StoreError } from './error.ts';
import { lockDataFolder } from './node-lock.ts';

/** Writes a new file at `into`. Throws StoreError; `corrupt` when a page of the original cannot be read. */
export function snapshotFile(path: string, into: string): void {
  const db = new Libsql(path, { timeout: 5_000 });
  try {
    // What was erased is in no row, so it is not in the copy either; nor is anything twice that may be erased there.
    db.exec('PRAGMA secure_delete = ON');
    db.exec(`VACUUM INTO '${into.replaceAll("'", "''")}'`);
  } catch (error) {
    const { code = '', message, rawCode } = error as Error & { code?: string; rawCode?: number };
    throw new StoreError(codeOfSqlite(code, rawCode), `cannot copy ${path}: ${message}`, {
      cause: error,
    });
  } finally {
    db.close();
  }
}

const COPY = 'doctor-';

export interface CopyFolder {
  readonly path: string;
  remove(): void;
}

/** Makes a folder for a copy beside a database. It is this process's as long as that runs. */
export function makeCopyFolder(database: string): CopyFolder {
  const path = mkdtempSync(join(dirname(database), COPY));
  const lock = lockDataFolder(path);
  return {
    path,
    remove() {
      lock.release();
      rmSync(path, { recursive: true, force: true });
    },
  };
}

/** Removes what processes that were killed have left beside a database: nothing is ever erased from such a copy. */
export function removeLeftCopies(database: string): void {
  const folder = dirname(database);
  for (const name of readdirSync(folder)) {
    if (!name.startsWith(COPY)) continue;
    const path = join(folder, name);
    try {
      lockDataFolder(path).release();
      rmSync(path, { recursive: true, force: true });
    } catch {
      // Somebody is at work on it, or another user has made it: that keeps nothing else from being erased.
    }
  }
}
