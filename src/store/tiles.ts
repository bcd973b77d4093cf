// Hash tiles: full ones at level 0, and above them rows that grow by one hash for each full tile below.
import { TILE_WIDTH } from '../log/tile.ts';
import { blob } from './cell.ts';
import { integer, type Row, type Statement } from './database.ts';
import { valuesList } from './values-list.ts';

export interface FullTile {
  readonly log: number;
  readonly index: number;
  /** 256 leaf hashes, 8,192 bytes. */
  readonly hashes: Uint8Array;
}

/** The hash of one full tile, for the tile above it. */
export interface TileHash {
  readonly log: number;
  /** Level of the tile that gets the hash, 1 and up. */
  readonly level: number;
  /** Position among all hashes of that level. */
  readonly position: number;
  readonly hash: Uint8Array;
}

const rows = valuesList('INSERT INTO tiles (log, level, idx, data) VALUES', 4);

export function insertTiles(tiles: readonly FullTile[]): Statement[] {
  return rows(tiles.map((tile) => [integer(tile.log), 0n, integer(tile.index), tile.hashes]));
}

/** Must be written in the order of positions. `||` of two blobs keeps their bytes, and its type is text. */
export function appendTileHashes(hashes: readonly TileHash[]): Statement[] {
  return hashes.map(({ log, level, position, hash }) => ({
    sql: `INSERT INTO tiles (log, level, idx, data) VALUES (?, ?, ?, ?)
ON CONFLICT (log, level, idx) DO UPDATE SET data = CAST(data || excluded.data AS BLOB)`,
    args: [integer(log), integer(level), integer(Math.floor(position / TILE_WIDTH)), hash],
  }));
}

export function selectTile(log: number, level: number, index: number): Statement {
  return {
    sql: 'SELECT data FROM tiles WHERE log = ? AND level = ? AND idx = ?',
    args: [integer(log), integer(level), integer(index)],
  };
}

export function readTileData(row: Row): Uint8Array {
  return blob(row, 0);
}
