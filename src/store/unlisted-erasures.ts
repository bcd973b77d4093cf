// Lines for the list of erasures, kept in the database from the batch that erased until they are on the list.
import { isUtf8 } from 'node:buffer';
import { decodeUtf8, equalBytes, utf8 } from '../protocol/bytes.ts';
import { hashOf, type ObjectName } from '../protocol/object-name.ts';
import { blob, hexList, name, number } from './cell.ts';
import { type Database, integer, type Statement } from './database.ts';
import {
  type ErasureList,
  encodeErasure,
  type ListedErasure,
  nameOfBytes,
  parseErasure,
} from './erasure-list.ts';
import { StoreError } from './error.ts';
import { findStanding } from './repeated-erasures.ts';

export function insertUnlisted(erasures: readonly ListedErasure[]): Statement[] {
  return erasures.map((erasure) => ({
    sql: 'INSERT INTO unlisted_erasures (line) VALUES (?)',
    args: [encodeErasure(erasure)],
  }));
}

/**
 * Adds what waits to the list, and takes out of it what is erased by now. A line may be there twice after a crash, which does
 * not matter. Throws StoreError `corrupt` once the others are listed if a row is damaged; that row stays.
 */
export async function listErasures(db: Database, list: ErasureList): Promise<void> {
  const [rows = []] = await db.batch('read', [
    { sql: `SELECT id, ${LINE} FROM unlisted_erasures WHERE id > 0 ORDER BY id`, args: [] },
  ]);
  if (rows.length === 0) return;
  const lines: string[] = [];
  const ids: number[] = [];
  const faults: string[] = [];
  for (const row of rows) {
    const problem = await findUnlistedFault(db, blob(row, 1));
    if (problem === null) {
      ids.push(number(row, 0));
      lines.push(decodeUtf8(blob(row, 1)));
    } else {
      faults.push(`unlisted_erasures (id ${number(row, 0)}): ${problem}`);
    }
  }
  if (lines.length > 0) {
    await list.append(lines);
    const erased = await tombstonesAmong(
      db,
      lines.flatMap((line) => parseErasure(line)?.names ?? []),
    );
    if (erased.size > 0) await list.strike(erased);
    await db.batch('write', [
      {
        sql: 'DELETE FROM unlisted_erasures WHERE id IN (SELECT value FROM json_each(?))',
        args: [JSON.stringify(ids)],
      },
    ]);
  }
  if (faults.length > 0) throw new StoreError('corrupt', `${faults.join('; ')}. ${REMEDY}`);
}

/** The driver ends the process that asks for a text which is no UTF-8. */
export const LINE = 'CAST(line AS BLOB)';
const REMEDY =
  'Nothing of it was put on the list of erasures: docs/operating.md, "Check", says what to do.';

/** Null if the line is as it was written: its Delete stands at that place of that log, and what it names is erased. */
export async function findUnlistedFault(db: Database, bytes: Uint8Array): Promise<string | null> {
  const erasure = isUtf8(bytes) ? parseErasure(decodeUtf8(bytes)) : null;
  // Lines of an older version have no `w` where an `origin` says the same.
  const forms = erasure === null ? [] : [erasure, { ...erasure, withdrawn: false }];
  if (erasure === null || !forms.some((one) => equalBytes(utf8(encodeErasure(one)), bytes))) {
    return 'line is no erasure';
  }
  const { by, log, names, tombstone, withdrawn } = erasure;
  const hash = tombstone === null ? null : hashOf(nameOfBytes(tombstone));
  const [acts = [], known = []] = await db.batch('read', [
    {
      // Once its words are erased too, that it is a Delete is all that can be asked.
      sql: `SELECT 1 FROM entries AS e JOIN logs AS l ON l.id = e.log JOIN objects AS o ON o.id = e.object
WHERE l.origin = ? AND e.idx = ? AND e.kind = 'Delete' AND o.hash = ifnull(?, o.hash)`,
      args: [log, integer(by), hash],
    },
    {
      sql: 'SELECT o.hash FROM json_each(?) AS k CROSS JOIN objects AS o ON o.hash = unhex(k.value)',
      args: [hexList(names)],
    },
  ]);
  if (acts.length === 0) return 'line: its Delete is not at that place';
  const all = new Set(known.map((row) => name(row, 0)));
  const standing = await findStanding(db, names, withdrawn ? null : log);
  const wrong = names.find((one) => !all.has(one) || standing.has(one));
  return wrong === undefined ? null : `line: ${wrong} is not erased`;
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
