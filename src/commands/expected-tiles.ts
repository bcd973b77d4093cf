// The tiles a log must have stored, put together again while its leaves are appended.
import type { NodeListener } from '../log/merkle.ts';
import { TILE_HEIGHT, TILE_WIDTH } from '../log/tile.ts';
import { concatBytes } from '../protocol/bytes.ts';

export interface ExpectedTile {
  readonly level: number;
  readonly index: number;
  readonly hashes: Uint8Array;
}

export class ExpectedTiles {
  /** Hashes of each level's last tile, while it fills up. */
  readonly #open: Uint8Array[][] = [];
  readonly #count: number[] = [];
  #full: ExpectedTile[] = [];

  /** For `Frontier.append`. */
  readonly listen: NodeListener = (height, _, hash) => {
    if (height % TILE_HEIGHT !== 0) return;
    const level = height / TILE_HEIGHT;
    const row = this.#open[level] ?? [];
    this.#open[level] = row;
    row.push(hash);
    if (row.length < TILE_WIDTH) return;
    this.#full.push({ level, index: this.#count[level] ?? 0, hashes: concatBytes(...row) });
    this.#count[level] = (this.#count[level] ?? 0) + 1;
    this.#open[level] = [];
  };

  /** Those that have become full since the last call. */
  takeFull(): ExpectedTile[] {
    const full = this.#full;
    this.#full = [];
    return full;
  }

  /** Those above the leaves that have begun: the only ones that are stored before they are full. */
  begun(): ExpectedTile[] {
    return this.#open.flatMap((row, level) => {
      if (level === 0 || row.length === 0) return [];
      return [{ level, index: this.#count[level] ?? 0, hashes: concatBytes(...row) }];
    });
  }

  /** Leaf hashes behind the last full tile. */
  get lastLeaves(): readonly Uint8Array[] {
    return this.#open[0] ?? [];
  }
}
