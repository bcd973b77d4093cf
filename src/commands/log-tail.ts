// The growing end of one log in memory: appends entries, knows the root, collects the tiles that fill up.
import { GrownTree } from '../log/grown-tree.ts';
import { Frontier, leafHash } from '../log/merkle.ts';
import { formatProofFile } from '../log/proof-file.ts';
import { TILE_HEIGHT, TILE_WIDTH } from '../log/tile.ts';
import { concatBytes, equalBytes } from '../protocol/bytes.ts';
import type { Crypto } from '../protocol/crypto.ts';
import type { Database } from '../store/database.ts';
import { lineOf, readEntry, type StoredEntry, selectEntries } from '../store/entries.ts';
import type { LogHead } from '../store/logs.ts';
import type { FullTile, TileHash } from '../store/tiles.ts';
import { CommandError } from './error.ts';

/** One entry to append; the store's numbers of log and index are the tail's to give. */
export type NewEntry = Omit<StoredEntry, 'log' | 'index'>;

export class LogTail {
  readonly #head: LogHead;
  readonly #crypto: Crypto;
  readonly #frontier: Frontier;
  readonly #grown: GrownTree;
  readonly #entries: StoredEntry[] = [];
  readonly #leaves: Uint8Array[] = [];
  readonly #tileHashes: TileHash[] = [];
  #lastT: number;

  constructor(head: LogHead, crypto: Crypto) {
    this.#head = head;
    this.#crypto = crypto;
    this.#frontier = Frontier.from(head.frontier, head.size, crypto);
    this.#grown = new GrownTree(this.#frontier, crypto);
    this.#lastT = head.lastT;
  }

  /** As loaded. */
  get head(): LogHead {
    return this.#head;
  }

  get size(): number {
    return this.#frontier.size;
  }

  get lastT(): number {
    return this.#lastT;
  }

  get entries(): readonly StoredEntry[] {
    return this.#entries;
  }

  get tileHashes(): readonly TileHash[] {
    return this.#tileHashes;
  }

  /** Appends one entry; `line` are its leaf bytes if the caller has them. */
  append(entry: NewEntry, line: Uint8Array = lineOf(entry)): StoredEntry {
    const log = this.#head.id;
    const stored: StoredEntry = { log, index: this.#frontier.size, ...entry };
    const leaf = leafHash(line, this.#crypto);
    this.#frontier.append(leaf, (height, position, hash) => {
      this.#grown.add(height, position, hash);
      const level = height / TILE_HEIGHT;
      if (level >= 1 && Number.isInteger(level)) {
        this.#tileHashes.push({ log, level, position, hash });
      }
    });
    this.#entries.push(stored);
    this.#leaves.push(leaf);
    this.#lastT = entry.t;
    return stored;
  }

  root(): Uint8Array {
    return this.#frontier.root();
  }

  /** The proof file of an appended entry under the checkpoint of all of them; null for what was stored before. */
  proofFile(index: number, checkpoint: string): string | null {
    if (index < this.#head.size) return null;
    const hashes = this.#grown.proof(index, this.size);
    return formatProofFile({ extra: null, index, hashes, checkpoint });
  }

  /** The head after the appended entries, under this checkpoint; `root` is that of `root()`. */
  grown(root: Uint8Array, signedSize: number, checkpoint: string | null): LogHead {
    return {
      ...this.#head,
      size: this.size,
      root,
      frontier: this.#frontier.bytes(),
      lastT: this.#lastT,
      signedSize,
      checkpoint,
    };
  }

  /** The level-0 tiles that are full now and were not; leaves that were stored before are read back. */
  async fullTiles(db: Database): Promise<FullTile[]> {
    const first = Math.floor(this.#head.size / TILE_WIDTH);
    const end = Math.floor(this.size / TILE_WIDTH);
    if (first === end) return [];
    const from = first * TILE_WIDTH;
    const leaves = [...(await this.#storedLeaves(db, from)), ...this.#leaves];
    return Array.from({ length: end - first }, (_, i) => {
      const tile = leaves.slice(i * TILE_WIDTH, (i + 1) * TILE_WIDTH);
      this.#checkTile(first + i, tile);
      return { log: this.#head.id, index: first + i, hashes: concatBytes(...tile) };
    });
  }

  /** The frontier has hashed these leaves when they were appended: a bit that has flipped on the disk since shows here. */
  #checkTile(index: number, leaves: readonly Uint8Array[]): void {
    const tree = new Frontier(this.#crypto);
    for (const leaf of leaves) tree.append(leaf);
    const known = this.#tileHashes.find(({ level, position }) => level === 1 && position === index);
    if (known !== undefined && equalBytes(known.hash, tree.root())) return;
    const { id, origin } = this.#head;
    throw new CommandError(
      'log_mismatch',
      `${origin}: entries ${index * TILE_WIDTH} to ${(index + 1) * TILE_WIDTH - 1} of log ${id} are not what was appended`,
    );
  }

  async #storedLeaves(db: Database, from: number): Promise<Uint8Array[]> {
    if (from === this.#head.size) return [];
    const [rows = []] = await db.batch('read', [
      selectEntries(this.#head.id, from, this.#head.size),
    ]);
    return rows.map((row) => leafHash(lineOf(readEntry(row)), this.#crypto));
  }
}
