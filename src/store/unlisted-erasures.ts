// Lines for the list of erasures, kept in the database from the batch that erased until they are on the list.
import type { ObjectName } from '../protocol/object-name.ts';
import { hexList, name, number, text } from './cell.ts';
import { type Database, integer, type Statement } from './database.ts';
import {
  type ErasureList,
  encodeErasure,
  type ListedErasure,
  parseErasure,
} from './erasure-list.ts';

export function insertUnlisted(erasures: readonly ListedErasure[]): Statement[] {
  return erasures.map((erasure) => ({
    sql: 'INSERT INTO unlisted_erasures (line) VALUES (?)',
    args: [encodeErasure(erasure)],
  }));
}

/** Adds what waits to the list, and takes out of it what is erased by now. A line may be there twice after a crash, which does not matter. */
export async function listErasures(db: Database, list: ErasureList): Promise<void> {
  const [rows = []] = await db.batch('read', [
    { sql: 'SELECT id, line FROM unlisted_erasures WHERE id > 0 ORDER BY id', args: [] },
  ]);
  const last = rows.at(-1);
  if (last === undefined) return;
  const lines = rows.map((row) => text(row, 1));
  await list.append(lines);
  const erased = await tombstonesAmong(
    db,
    lines.flatMap((line) => parseErasure(line)?.names ?? []),
  );
  if (erased.size > 0) await list.strike(erased);
  await db.batch('write', [
    {
      sql: 'DELETE FROM unlisted_erasures WHERE id <= ?',
      args: [integer(number(last, 0))],
    },
  ]);
}

async function tombstonesAmong(
  db: Database,
  names: readonly ObjectName[],
): Promise<Set<ObjectName>> {
  const [rows = []] = await db.batch('read', [
    {
      sql: `SELECT DISTINCT o.hash FROM json_each(?1) AS k CROSS JOIN objects AS o ON o.hash = unhex(k.value)
CROSS JOIN entries AS e ON e.object = o.id AND e.kind = 'Delete'`,
      args: [hexList(names)],
    },
  ]);
  return new Set(rows.map((row) => name(row, 0)));
}
