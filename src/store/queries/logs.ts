// Reads of logs, as c2sp.org/tlog-tiles serves them: checkpoint, entries, tiles, and hashes for proofs.
import { encodeBundle } from '../../log/bundle.ts';
import { HASH_SIZE, leafHash } from '../../log/merkle.ts';
import type { HashReader } from '../../log/subtree.ts';
import { TILE_WIDTH, type TileAddress, tileHashReader, tileWidth } from '../../log/tile.ts';
import { concatBytes } from '../../protocol/bytes.ts';
import type { Crypto } from '../../protocol/crypto.ts';
import type { Database } from '../database.ts';
import { lineOf, readEntry, selectEntries } from '../entries.ts';
import { type LogHead, readLog, selectAllLogs, selectLog } from '../logs.ts';
import { readTileData, selectTile } from '../tiles.ts';

/** The head of the log with this origin, or null. Readers of the tree are given `signedSize` entries, no more. */
export async function findLog(db: Database, origin: string): Promise<LogHead | null> {
  const [rows = []] = await db.batch('read', [selectLog(origin)]);
  return rows[0] === undefined ? null : readLog(rows[0]);
}

export async function listLogs(db: Database): Promise<LogHead[]> {
  const [rows = []] = await db.batch('read', [selectAllLogs()]);
  return rows.map((row) => readLog(row));
}

/** The lines of entries [start, end), as they are hashed. */
export async function readEntries(
  db: Database,
  log: Pick<LogHead, 'id' | 'size'>,
  start: number,
  end: number,
): Promise<Uint8Array[]> {
  if (start >= end) return [];
  const [rows = []] = await db.batch('read', [
    selectEntries(log.id, start, Math.min(end, log.size)),
  ]);
  return rows.map((row) => lineOf(readEntry(row)));
}

/**
 * The bytes of a tile or bundle as `address` asks for it, or null when the tree of `size` entries does not have
 * that much of it.
 */
export async function readTile(
  db: Database,
  log: Pick<LogHead, 'id' | 'size'>,
  size: number,
  address: TileAddress,
  crypto: Crypto,
): Promise<Uint8Array | null> {
  const { index, level, width } = address;
  if (width > tileWidth(level === 'entries' ? 0 : level, index, Math.min(size, log.size))) {
    return null;
  }
  const start = index * TILE_WIDTH;
  if (level === 'entries') return encodeBundle(await readEntries(db, log, start, start + width));
  if (level === 0 && width < TILE_WIDTH) {
    const lines = await readEntries(db, log, start, start + width);
    return concatBytes(...lines.map((line) => leafHash(line, crypto)));
  }
  const [rows = []] = await db.batch('read', [selectTile(log.id, level, index)]);
  return rows[0] === undefined ? null : readTileData(rows[0]).subarray(0, width * 32);
}

/** Hashes of the tree of `size` entries, for `inclusionProof` and `consistencyProof`. */
export function proofReader(
  db: Database,
  log: Pick<LogHead, 'id' | 'size' | 'frontier'>,
  size: number,
  crypto: Crypto,
): HashReader {
  const read = async (level: number, index: number, width: number) =>
    (await readTile(db, log, size, { level, index, width }, crypto)) ?? new Uint8Array(0);
  const inTiles = tileHashReader(read, size, crypto);
  // The right edge stands in tiles that are not full, whose entries would have to be read and hashed: the head has it.
  const edge = size === log.size ? rightEdge(log) : null;
  return (level, index) => edge?.get(`${level}/${index}`) ?? inTiles(level, index);
}

/** The hashes of the frontier by `level/index`: it has one for each bit of the size, the highest first. */
function rightEdge({
  frontier,
  size,
}: Pick<LogHead, 'frontier' | 'size'>): Map<string, Uint8Array> {
  const hashes = new Map<string, Uint8Array>();
  let covered = 0;
  for (let level = Math.floor(Math.log2(size)); level >= 0; level--) {
    const width = 2 ** level;
    if (covered + width > size) continue;
    const at = hashes.size * HASH_SIZE;
    hashes.set(`${level}/${covered / width}`, frontier.subarray(at, at + HASH_SIZE));
    covered += width;
  }
  return hashes;
}
