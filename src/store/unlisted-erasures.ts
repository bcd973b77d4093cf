// Lines for the list of erasures, kept in the database from the batch that erased until they are on the list.
import { number, text } from './cell.ts';
import { type Database, integer, type Statement } from './database.ts';
import { type ErasureList, encodeErasure, type ListedErasure } from './erasure-list.ts';

export function insertUnlisted(erasures: readonly ListedErasure[]): Statement[] {
  return erasures.map((erasure) => ({
    sql: 'INSERT INTO unlisted_erasures (line) VALUES (?)',
    args: [encodeErasure(erasure)],
  }));
}

/** Adds what waits to the list. A line may be there twice after a crash, which does not matter. */
export async function listErasures(db: Database, list: ErasureList): Promise<void> {
  const [rows = []] = await db.batch('read', [
    { sql: 'SELECT id, line FROM unlisted_erasures WHERE id > 0 ORDER BY id', args: [] },
  ]);
  const last = rows.at(-1);
  if (last === undefined) return;
  await list.append(rows.map((row) => text(row, 1)));
  await db.batch('write', [
    {
      sql: 'DELETE FROM unlisted_erasures WHERE id <= ?',
      args: [integer(number(last, 0))],
    },
  ]);
}
