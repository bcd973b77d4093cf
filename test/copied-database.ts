// Looks at the database of a node that runs: on a copy as of one moment, since the node goes on writing in between.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Database } from '../src/store/database.ts';
import { FileDatabase } from '../src/store/file-database.ts';
import { snapshotFile } from '../src/store/snapshot.ts';

export async function readCopy<T>(dataDir: string, read: (db: Database) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'exuvia-copy-'));
  try {
    const copy = join(folder, 'copy.db');
    snapshotFile(join(dataDir, 'exuvia.db'), copy);
    const db = new FileDatabase(copy);
    try {
      return await read(db);
    } finally {
      await db.close();
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}
