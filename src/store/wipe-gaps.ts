// Zeros what is unused in database pages: rows that moved to another page, or went, may have left their bytes there.

/** First byte of a page's header: leaves of tables and indexes, and inner pages of indexes, which hold rows too. */
const LEAF_OF_TABLE = 0x0d;
const LEAF_OF_INDEX = 0x0a;
const INNER_OF_INDEX = 0x02;
const FILE_HEADER = 100;

interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * The page with zeros between its cell pointers and its cells and in its free blocks (SQLite file format §1.6); null when they
 * are there already, and for every page of another kind or whose header does not hold together. `secure_delete` overwrites what
 * is deleted in place, and not the copies that stay behind when a page is split or two are joined.
 */
export function wipeGap(page: Uint8Array, pageNumber: number): Uint8Array | null {
  return wipe(page, unusedSpans(page, pageNumber === 1 ? FILE_HEADER : 0));
}

function wipe(page: Uint8Array, unused: readonly Span[]): Uint8Array | null {
  const full = unused.filter(({ end, start }) => page.subarray(start, end).some(Boolean));
  if (full.length === 0) return null;
  // A copy, of a Buffer too.
  const wiped = new Uint8Array(page);
  for (const { end, start } of full) wiped.fill(0, start, end);
  return wiped;
}

function unusedSpans(page: Uint8Array, at: number): readonly Span[] {
  const view = new DataView(page.buffer, page.byteOffset, page.length);
  const kind = page[at];
  if (kind !== LEAF_OF_TABLE && kind !== LEAF_OF_INDEX && kind !== INNER_OF_INDEX) return [];
  const cells = view.getUint16(at + 3);
  const pointers = at + (kind === INNER_OF_INDEX ? 12 : 8);
  const start = pointers + 2 * cells;
  // A page of 64 KB says 0 for its end.
  const end = view.getUint16(at + 5) || 65_536;
  if (end > page.length || start > end) return [];
  for (let i = 0; i < cells; i++) {
    if (view.getUint16(pointers + 2 * i) < end) return [];
  }
  const blocks = freeBlocks(view, view.getUint16(at + 1), end);
  return blocks === null ? [] : [{ start, end }, ...blocks];
}

/** What is in the free blocks behind the four bytes that chain them; null if they make no chain. */
function freeBlocks(view: DataView, first: number, end: number): Span[] | null {
  const blocks: Span[] = [];
  let last = end;
  for (let at = first; at !== 0; at = view.getUint16(at)) {
    if (at < last || at + 4 > view.byteLength) return null;
    const size = view.getUint16(at + 2);
    if (size < 4 || at + size > view.byteLength) return null;
    blocks.push({ start: at + 4, end: at + size });
    last = at + size;
  }
  return blocks;
}

/** A page of the list of free pages: those it names may hold anything (SQLite file format §1.5). */
export interface Trunk {
  /** The next one, 0 after the last. */
  readonly next: number;
  readonly leaves: readonly number[];
  /** The page with zeros behind the numbers of the leaves; null when they are there already. */
  readonly wiped: Uint8Array | null;
}

/** The first page of the list, as page 1 has it; 0 for none. */
export function firstTrunk(header: Uint8Array): number {
  return new DataView(header.buffer, header.byteOffset, header.length).getUint32(32);
}

export function readTrunk(page: Uint8Array): Trunk {
  const view = new DataView(page.buffer, page.byteOffset, page.length);
  const count = Math.min(view.getUint32(4), page.length / 4 - 2);
  const leaves = Array.from({ length: count }, (_, i) => view.getUint32(8 + 4 * i));
  const wiped = wipe(page, [{ start: 8 + 4 * count, end: page.length }]);
  return { next: view.getUint32(0), leaves, wiped };
}
