// Copies a database file as of one moment, while others read and write it.
import Libsql from 'libsql';
import { codeOfSqlite, StoreError } from './error.ts';

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
