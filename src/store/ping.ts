// Asks the database for one row, to learn whether it answers.
import type { Database } from './database.ts';

/** Rejects with StoreError when the database is not there or not ours. */
export async function pingDatabase(db: Database): Promise<void> {
  await db.batch('read', [{ sql: 'SELECT version FROM node WHERE id = 1', args: [] }]);
}
