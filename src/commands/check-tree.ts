// Recomputes one log's tree from its stored entries, and holds tiles, frontier, root and signed checkpoint against it.
import { openCheckpoint } from '../log/checkpoint.ts';
import { Frontier, HASH_SIZE, leafHash } from '../log/merkle.ts';
import { TILE_WIDTH } from '../log/tile.ts';
import { equalBytes } from '../protocol/bytes.ts';
import { integer } from '../store/database.ts';
import { lineOf, readEntry, type StoredEntry, selectEntries } from '../store/entries.ts';
import { isHeld, listHolds } from '../store/holds.ts';
import { type LogHead, selectOwnNote } from '../store/logs.ts';
import { readTileData, selectTile } from '../store/tiles.ts';
import type { CommandContext } from './context.ts';
import { type ExpectedTile, ExpectedTiles } from './expected-tiles.ts';
import { type Fault, fault } from './fault.ts';
import { findFlippedBit } from './flipped-bit.ts';
import { logVerifiers } from './log-keys.ts';

/** Entries read at a time. Rows of thousands outlive the nursery, and a node keeps the memory from its start on. */
const STEP = TILE_WIDTH;

type Context = Pick<CommandContext, 'db' | 'crypto'>;

interface Tree {
  readonly frontier: Frontier;
  readonly tiles: ExpectedTiles;
  readonly lastT: number;
  /** Root of the first `signedSize` entries. */
  readonly signedRoot: Uint8Array;
  /** Full tiles whose stored hashes are not those of the entries. */
  readonly differing: readonly TileDifference[];
}

interface TileDifference {
  readonly level: number;
  readonly index: number;
  /** The first hash that differs; null when the row is missing. */
  readonly at: number | null;
}

/**
 * Everything of the log's tree that is not as it was signed, none if all is well. The signed checkpoint decides whether an entry or
 * a tile is wrong where they differ. `progress` is told of the entries read.
 */
export async function findTreeFaults(
  context: Context,
  head: LogHead,
  progress: (entries: number) => void = () => undefined,
): Promise<Fault[]> {
  const tree = await readTree(context, head, progress);
  if ('problem' in tree) return [tree];
  const { frontier, signedRoot } = tree;
  const faults: Fault[] = [];
  const log = (problem: string) => faults.push(fault('logs', `id ${head.id}`, problem));
  const surplus = await findSurplus(context, head);
  if (surplus !== null) faults.push(surplus);
  const signed = await readSigned(context, head);
  if ('problem' in signed) faults.push(signed);
  const signature = 'problem' in signed ? null : signed.root;
  const roots = [head.root, ...(signature === null ? [] : [signature])];
  const entriesHold =
    signature !== null && head.signedSize === head.size
      ? equalBytes(signature, signedRoot)
      : roots.some((root) => equalBytes(root, frontier.root()));
  if (!entriesHold) {
    faults.push(...(await blameEntries(context, head, tree, roots)));
    return faults;
  }
  if (!equalBytes(frontier.root(), head.root)) log('the entries do not have the stored root');
  if (!equalBytes(frontier.bytes(), head.frontier)) {
    log('the entries do not have the stored frontier');
  }
  if (signature !== null && !equalBytes(signature, signedRoot)) {
    log(`the entries do not have the root of the signed checkpoint over ${head.signedSize}`);
  }
  if (tree.lastT !== head.lastT) log(`the last entry is of ${tree.lastT}, not of ${head.lastT}`);
  faults.push(...tree.differing.map((tile) => blameTile(head, tile)));
  faults.push(...(await findUpperFaults(context, head, tree)));
  return faults;
}

async function readTree(
  { crypto, db }: Context,
  head: LogHead,
  progress: (entries: number) => void,
): Promise<Tree | Fault> {
  const frontier = new Frontier(crypto);
  const tiles = new ExpectedTiles();
  const differing: TileDifference[] = [];
  let signedRoot = frontier.root();
  let lastT = 0;
  while (frontier.size < head.size) {
    const start = frontier.size;
    const [rows = []] = await db.batch('read', [selectEntries(head.id, start, start + STEP)]);
    const [first] = rows;
    if (first === undefined) return missing(head, start);
    for (const entry of rows.map(readEntry)) {
      if (entry.index !== frontier.size) return missing(head, frontier.size);
      if (entry.index >= head.size) break;
      if (entry.t < lastT)
        return fault('entries', rowOf(head, entry.index), 'its time runs backwards');
      lastT = entry.t;
      const leaf = leafOf(entry, crypto);
      if (leaf === null) return fault('entries', rowOf(head, entry.index), 'it has no line');
      frontier.append(leaf, tiles.listen);
      if (frontier.size === head.signedSize) signedRoot = frontier.root();
    }
    progress(frontier.size - start);
    differing.push(...(await compareTiles(db, head, tiles.takeFull())));
  }
  return { frontier, tiles, lastT, signedRoot, differing };
}

/** Null for columns that no entry can have. */
function leafOf(entry: StoredEntry, crypto: Context['crypto']): Uint8Array | null {
  try {
    return leafHash(lineOf(entry), crypto);
  } catch {
    return null;
  }
}

async function compareTiles(
  db: Context['db'],
  head: LogHead,
  expected: readonly ExpectedTile[],
): Promise<TileDifference[]> {
  if (expected.length === 0) return [];
  const found = await db.batch(
    'read',
    expected.map(({ index, level }) => selectTile(head.id, level, index)),
  );
  return expected.flatMap(({ hashes, index, level }, i) => {
    const row = found[i]?.[0];
    const stored = row === undefined ? null : readTileData(row);
    if (stored !== null && equalBytes(stored, hashes)) return [];
    return [{ level, index, at: stored === null ? null : firstDifference(stored, hashes) }];
  });
}

function firstDifference(stored: Uint8Array, hashes: Uint8Array): number {
  for (let i = 0; i < hashes.length; i += HASH_SIZE) {
    const end = i + HASH_SIZE;
    if (!equalBytes(stored.subarray(i, end), hashes.subarray(i, end))) return i / HASH_SIZE;
  }
  return hashes.length / HASH_SIZE;
}

async function findSurplus({ db }: Context, head: LogHead): Promise<Fault | null> {
  const [rows = []] = await db.batch('read', [selectEntries(head.id, head.size, head.size + 1)]);
  const [row] = rows;
  if (row === undefined) return null;
  const { index } = readEntry(row);
  return fault('entries', rowOf(head, index), `it is beyond the stored size ${head.size}`);
}

/** The root that the log's key has signed; null for a log without entries under a checkpoint. */
async function readSigned(
  context: Context,
  head: LogHead,
): Promise<{ readonly root: Uint8Array | null } | Fault> {
  // Of a note that witnesses have cosigned at this size the row is another one.
  const [rows = []] = await context.db.batch('read', [selectOwnNote(head.id)]);
  const isOwn = rows[0]?.[0] === head.checkpoint;
  const wrong = (problem: string) =>
    isOwn ? fault('logs', `id ${head.id}`, problem) : fault('cosigned', `log ${head.id}`, problem);
  if (head.checkpoint === null) {
    return head.signedSize > 0 ? wrong('the checkpoint is missing') : { root: null };
  }
  const verifiers = await logVerifiers(context, head);
  const opened = await openCheckpoint(head.checkpoint, verifiers, context.crypto, head.origin);
  if (!opened.ok) return wrong(`the checkpoint does not verify: ${opened.detail}`);
  const { root, size } = opened.checkpoint;
  if (size !== head.signedSize) {
    return wrong(`the checkpoint is over ${size} entries, not ${head.signedSize}`);
  }
  // While a log is recovered its entries come before the checkpoint over them, and it is held.
  if (head.isHome && size !== head.size && !isHeld(await listHolds(context.db), head.origin)) {
    return wrong(`the checkpoint covers ${size} entries of ${head.size}`);
  }
  return { root };
}

/** The entries do not have the root: those that the tiles know otherwise are named, or the one whose flipped bit explains it. */
async function blameEntries(
  { crypto, db }: Context,
  head: LogHead,
  { differing, frontier, tiles }: Tree,
  roots: readonly Uint8Array[],
): Promise<Fault[]> {
  const named = differing.flatMap(({ at, index, level }) => {
    if (level !== 0 || at === null) return [];
    const entry = index * TILE_WIDTH + at;
    return [fault('entries', rowOf(head, entry), 'its hash is not the one in the tile over it')];
  });
  if (named.length > 0) return named;
  const start = frontier.size - tiles.lastLeaves.length;
  const [rows = []] = await db.batch('read', [selectEntries(head.id, start, frontier.size)]);
  const before = [...frontier.hashes].slice(0, onesOf(start));
  const flipped = findFlippedBit(rows.map(readEntry), { start, before, roots }, crypto);
  if (flipped !== null) {
    return [fault('entries', rowOf(head, flipped.index), `${flipped.column} has a flipped bit`)];
  }
  return [fault('logs', `id ${head.id}`, 'the entries do not have the stored root')];
}

function onesOf(size: number): number {
  let ones = 0;
  for (let rest = size; rest > 0; rest = Math.floor(rest / 2)) ones += rest % 2;
  return ones;
}

function blameTile(head: LogHead, { at, index, level }: TileDifference): Fault {
  const row = `log ${head.id}, level ${level}, idx ${index}`;
  const problem = at === null ? 'the row is missing' : `hash ${at} is not that of the entries`;
  return fault('tiles', row, problem);
}

/** Tiles above the leaves that are not full, and rows that belong to no tile. */
async function findUpperFaults({ db }: Context, head: LogHead, { tiles }: Tree): Promise<Fault[]> {
  const begun = tiles.begun();
  const faults = (await compareTiles(db, head, begun)).map((tile) => blameTile(head, tile));
  const widest = Math.floor(head.size / TILE_WIDTH);
  const [rows = []] = await db.batch('read', [
    {
      sql: 'SELECT level, idx FROM tiles WHERE log = ? ORDER BY level, idx',
      args: [integer(head.id)],
    },
  ]);
  for (const [level, index] of rows) {
    const hashes = Math.floor(head.size / TILE_WIDTH ** (level as number));
    const limit = level === 0 ? widest : Math.ceil(hashes / TILE_WIDTH);
    if ((index as number) < limit) continue;
    faults.push(
      fault('tiles', `log ${head.id}, level ${level}, idx ${index}`, 'the log has no such tile'),
    );
  }
  return faults;
}

function missing(head: LogHead, index: number): Fault {
  return fault('entries', rowOf(head, index), `it is missing, of ${head.size}`);
}

function rowOf(head: LogHead, index: number): string {
  return `log ${head.id}, idx ${index}`;
}
