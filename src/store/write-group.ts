// The one write batch of a group: everything its submissions change, or nothing.
import { noteArrivals } from './arrivals.ts';
import { keepCheckpoints } from './checkpoints.ts';
import { type Database, integer, type Statement } from './database.ts';
import { insertEntries, type StoredEntry } from './entries.ts';
import { StoreError } from './error.ts';
import { insertLogs, type LogHead, updateLogs } from './logs.ts';
import { insertNonces, type NonceKey } from './nonces.ts';
import { insertAgents, insertObjects } from './objects.ts';
import { insertPending, type NewPending } from './pending.ts';
import type { StoredRows } from './stored-rows.ts';
import { appendTileHashes, type FullTile, insertTiles, type TileHash } from './tiles.ts';
import { writeRows } from './write-rows.ts';

export interface GroupWrite {
  /** The version the rows were loaded at. */
  readonly version: number;
  /** Objects with bytes are added to its numbering before. */
  readonly rows: StoredRows;
  /** As they are after the group. */
  readonly newLogs: readonly LogHead[];
  readonly grownLogs: readonly LogHead[];
  readonly entries: readonly StoredEntry[];
  readonly tiles: readonly FullTile[];
  readonly tileHashes: readonly TileHash[];
  readonly nonces: readonly NonceKey[];
  readonly pending: readonly NewPending[];
  /** Statements that belong to the same write, such as clean-up. */
  readonly also: readonly Statement[];
}

// Fails unless the version is still the one: `node.version` is NOT NULL.
const GUARD = 'UPDATE node SET version = CASE WHEN version = ?1 THEN version + 1 END';

/**
 * Writes the statements if nothing has been written since `version` was read, all of them or none: no write
 * is ever based on rows that another process has changed meanwhile. Throws StoreError `busy` when one has;
 * then the rows have to be read again.
 */
export async function writeGuarded(
  db: Database,
  version: number,
  statements: readonly Statement[],
): Promise<void> {
  try {
    await db.batch('write', [{ sql: GUARD, args: [integer(version)] }, ...statements]);
  } catch (error) {
    if (!(error instanceof StoreError) || error.code !== 'constraint') throw error;
    if ((await readVersion(db)) === version) throw error;
    throw new StoreError('busy', 'another process has written meanwhile', { cause: error });
  }
}

/** For reads that a guarded write follows. */
export const SELECT_VERSION: Statement = { sql: 'SELECT version FROM node', args: [] };

async function readVersion(db: Database): Promise<number> {
  const [rows] = await db.batch('read', [SELECT_VERSION]);
  return rows?.[0]?.[0] as number;
}

/** Writes a group. Throws StoreError: `busy` when its rows are no longer what was loaded, `constraint` for its own fault. */
export async function writeGroup(db: Database, group: GroupWrite): Promise<void> {
  const { rows } = group;
  const { numbering } = rows;
  // Made first: they number names that are new, and those rows have to be there before.
  const derived = writeRows(rows);
  const pending = insertPending(group.pending, numbering);
  const logs = insertLogs(group.newLogs, numbering);
  await writeGuarded(db, group.version, [
    ...insertAgents(numbering.newAgents),
    ...insertObjects(numbering.newObjects),
    ...logs,
    ...insertEntries(group.entries),
    ...noteArrivals(group.version + 1, group.entries),
    ...insertTiles(group.tiles),
    ...appendTileHashes(group.tileHashes),
    ...derived,
    ...keepCheckpoints(group.grownLogs),
    ...updateLogs(group.grownLogs),
    ...pending,
    ...insertNonces(group.nonces),
    ...group.also,
  ]);
  if (rows.erasures.length + rows.withdrawals.length > 0) db.scrub?.();
}
