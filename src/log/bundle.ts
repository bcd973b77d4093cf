// Entry bundles (c2sp.org/tlog-tiles): up to 256 entries, each after its length as a big-endian uint16.
import { LogError } from './error.ts';
import { TILE_WIDTH } from './tile.ts';

/** Bytes of an entry, by what a uint16 can say. */
export const MAX_ENTRY_SIZE = 65_535;

/** Throws `LogError` for an entry above 65,535 bytes, for no entries, and for more than 256. */
export function encodeBundle(entries: readonly Uint8Array[]): Uint8Array {
  if (entries.length === 0 || entries.length > TILE_WIDTH) {
    throw new LogError('out_of_range', `a bundle has 1 to ${TILE_WIDTH} entries`);
  }
  const bytes = new Uint8Array(entries.reduce((length, entry) => length + 2 + entry.length, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const entry of entries) {
    if (entry.length > MAX_ENTRY_SIZE) {
      throw new LogError('entry_too_large', `an entry has at most ${MAX_ENTRY_SIZE} bytes`);
    }
    view.setUint16(at, entry.length);
    bytes.set(entry, at + 2);
    at += 2 + entry.length;
  }
  return bytes;
}

/** The entries of a bundle of `width` entries, or null when bytes are missing or left over. */
export function decodeBundle(bytes: Uint8Array, width = TILE_WIDTH): Uint8Array[] | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const entries: Uint8Array[] = [];
  let at = 0;
  while (at < bytes.length) {
    if (entries.length === width || at + 2 > bytes.length) return null;
    const end = at + 2 + view.getUint16(at);
    if (end > bytes.length) return null;
    entries.push(bytes.slice(at + 2, end));
    at = end;
  }
  return entries.length === width ? entries : null;
}
