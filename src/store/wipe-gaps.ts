// Zeros the unused middle of database pages: rows that moved to another page may have left their bytes there.

/** First byte of a page's header: leaves of tables and indexes, and inner pages of indexes, which hold rows too. */
const LEAF_OF_TABLE = 0x0d;
const LEAF_OF_INDEX = 0x0a;
const INNER_OF_INDEX = 0x02;
const FILE_HEADER = 100;

/**
 * The page with zeros between its cell pointers and its cells (SQLite file format §1.6); null when they are there already,
 * and for every page of another kind or whose header does not hold together. `secure_delete` overwrites what is deleted in
 * place, and not the copies that stay behind when a page is split or two are joined.
 */
export function wipeGap(page: Uint8Array, pageNumber: number): Uint8Array | null {
  const at = pageNumber === 1 ? FILE_HEADER : 0;
  const view = new DataView(page.buffer, page.byteOffset, page.length);
  const kind = page[at];
  if (kind !== LEAF_OF_TABLE && kind !== LEAF_OF_INDEX && kind !== INNER_OF_INDEX) return null;
  const cells = view.getUint16(at + 3);
  const pointers = at + (kind === INNER_OF_INDEX ? 12 : 8);
  const start = pointers + 2 * cells;
  // A page of 64 KB says 0 for its end.
  const end = view.getUint16(at + 5) || 65_536;
  if (end > page.length || start > end) return null;
  for (let i = 0; i < cells; i++) {
    if (view.getUint16(pointers + 2 * i) < end) return null;
  }
  if (page.subarray(start, end).every((byte) => byte === 0)) return null;
  const wiped = page.slice();
  wiped.fill(0, start, end);
  return wiped;
}
