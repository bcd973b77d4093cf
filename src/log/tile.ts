// Tiles of 256 hashes (c2sp.org/tlog-tiles): paths, widths, and reading any subtree's root from them.
import type { Crypto } from '../protocol/crypto.ts';
import { LogError } from './error.ts';
import { HASH_SIZE, nodeHash } from './merkle.ts';
import type { HashReader } from './subtree.ts';

/** Hashes in a full tile, and entries in a full bundle. */
export const TILE_WIDTH = 256;
/** Tree levels from a tile's hashes up to the hash that stands for it one tile level higher. */
export const TILE_HEIGHT = 8;
const maxTileLevel = 63;

/** One tile or, with level `entries`, one entry bundle. */
export interface TileAddress {
  readonly level: number | 'entries';
  readonly index: number;
  /** 1 to 255 for a partial tile, 256 for a full one. */
  readonly width: number;
}

/** `tile/<L>/<N>[.p/<W>]`, as in `tile/0/x001/x234/067.p/8`. */
export function tilePath(level: number | 'entries', index: number, width = TILE_WIDTH): string {
  const address: TileAddress = { level, index, width };
  if (!isAddress(address)) throw new LogError('out_of_range', 'no such tile');
  const digits = String(index);
  const padded = digits.padStart(Math.ceil(digits.length / 3) * 3, '0');
  const groups = padded.match(/\d{3}/g) as string[];
  const last = groups.pop();
  const path = `tile/${level}/${groups.map((group) => `x${group}/`).join('')}${last}`;
  return width === TILE_WIDTH ? path : `${path}.p/${width}`;
}

const pathPattern = /^tile\/(entries|\d{1,2})\/((?:x\d{3}\/)*\d{3})(?:\.p\/(\d{1,3}))?$/;

/** Reads a tile's path. Null for any spelling but the one `tilePath` writes. */
export function parseTilePath(path: string): TileAddress | null {
  const match = pathPattern.exec(path);
  if (match === null) return null;
  const level: TileAddress['level'] = match[1] === 'entries' ? 'entries' : Number(match[1]);
  const index = Number((match[2] as string).replaceAll(/[x/]/g, ''));
  const width = match[3] === undefined ? TILE_WIDTH : Number(match[3]);
  const address: TileAddress = { level, index, width };
  // Comparing with the one true spelling refuses superfluous zeros, and `.p/256`.
  return isAddress(address) && tilePath(level, index, width) === path ? address : null;
}

/** Hashes that a tree of `size` leaves has in tile `index` of `level`: 0 (no such tile) to 256. */
export function tileWidth(level: number, index: number, size: number): number {
  const hashes = Math.floor(size / TILE_WIDTH ** level) - index * TILE_WIDTH;
  return Math.min(Math.max(hashes, 0), TILE_WIDTH);
}

/**
 * Every tile of a tree of `size` leaves that a tree of `from` leaves has not, or has less of. The partial one comes last
 * in each level.
 */
export function* tilesOf(size: number, from = 0): Generator<TileAddress & { level: number }> {
  for (let level = 0; TILE_WIDTH ** level <= size; level++) {
    const start = Math.floor(Math.floor(from / TILE_WIDTH ** level) / TILE_WIDTH);
    for (let index = start; ; index++) {
      const width = tileWidth(level, index, size);
      if (width === 0) break;
      if (width > tileWidth(level, index, from)) yield { level, index, width };
    }
  }
}

/** Gives a tile's bytes, 32 · width of them; more are ignored. `width` is what the tree in question has. */
export type TileReader = (
  level: number,
  index: number,
  width: number,
) => Uint8Array | Promise<Uint8Array>;

/**
 * A hash reader for the tree of `size` leaves. The tile asked for last on each level is kept: a proof reads few tiles,
 * several times each.
 */
export function tileHashReader(readTile: TileReader, size: number, crypto: Crypto): HashReader {
  const kept = new Map<number, { index: number; bytes: Uint8Array }>();
  const tile = async (level: number, index: number): Promise<Uint8Array> => {
    const last = kept.get(level);
    if (last?.index === index) return last.bytes;
    const width = tileWidth(level, index, size);
    const bytes = width === 0 ? new Uint8Array(0) : await readTile(level, index, width);
    if (width === 0 || bytes.length < width * HASH_SIZE) {
      throw new LogError('hash_missing', `tile ${level}/${index} has fewer than ${width} hashes`);
    }
    kept.set(level, { index, bytes: bytes.subarray(0, width * HASH_SIZE) });
    return bytes;
  };
  return async (level, index) => {
    const tileLevel = Math.floor(level / TILE_HEIGHT);
    const height = level % TILE_HEIGHT;
    // 2^height neighbouring hashes of the tile lie under the node.
    const first = index * 2 ** height;
    const at = first % TILE_WIDTH;
    const bytes = await tile(tileLevel, Math.floor(first / TILE_WIDTH));
    let row: Uint8Array[] = [];
    for (let i = at; i < at + 2 ** height; i++) row.push(hashAt(bytes, i));
    while (row.length > 1) {
      const above: Uint8Array[] = [];
      for (let i = 0; i < row.length; i += 2) {
        above.push(nodeHash(row[i] as Uint8Array, row[i + 1] as Uint8Array, crypto));
      }
      row = above;
    }
    return row[0] as Uint8Array;
  };
}

function hashAt(bytes: Uint8Array, index: number): Uint8Array {
  const hash = bytes.slice(index * HASH_SIZE, (index + 1) * HASH_SIZE);
  if (hash.length !== HASH_SIZE) throw new LogError('hash_missing', `no hash ${index} in a tile`);
  return hash;
}

function isAddress({ level, index, width }: TileAddress): boolean {
  const levelFits =
    level === 'entries' || (Number.isInteger(level) && level >= 0 && level <= maxTileLevel);
  return (
    levelFits &&
    Number.isSafeInteger(index) &&
    index >= 0 &&
    Number.isInteger(width) &&
    width >= 1 &&
    width <= TILE_WIDTH
  );
}
