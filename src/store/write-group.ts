// The one write batch of a group: everything its submissions change, or nothing.
import { type Database, integer, type Statement } from './database.ts';
import { insertEntries, type StoredEntry } from './entries.ts';
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

/**
 * Makes the batch fail whole unless the node's version is still `version`: `node.version` is NOT NULL. So
 * no write is ever based on rows that another process has changed since they were read.
 */
export function guard(version: number): Statement {
  return {
    sql: 'UPDATE node SET version = CASE WHEN version = ?1 THEN version + 1 END',
    args: [integer(version)],
  };
}

/** The node's version now: another than the one a failed batch was guarded with means it was outrun. */
export async function readVersion(db: Database): Promise<number> {
  const [rows] = await db.batch('read', [{ sql: 'SELECT version FROM node', args: [] }]);
  return rows?.[0]?.[0] as number;
}

export function writeGroup(group: GroupWrite): Statement[] {
  const { rows } = group;
  const { numbering } = rows;
  // Made first: they number names that are new, and those rows have to be there before.
  const derived = writeRows(rows);
  const pending = insertPending(group.pending, numbering);
  const logs = insertLogs(group.newLogs, numbering);
  return [
    guard(group.version),
    ...insertAgents(numbering.newAgents),
    ...insertObjects(numbering.newObjects),
    ...logs,
    ...insertEntries(group.entries),
    ...insertTiles(group.tiles),
    ...appendTileHashes(group.tileHashes),
    ...derived,
    ...updateLogs(group.grownLogs),
    ...pending,
    ...insertNonces(group.nonces),
    ...group.also,
  ];
}
