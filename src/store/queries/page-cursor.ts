// Opaque page cursors: where a page ended in its order, so that the next begins there whatever came in between.
import { fromBase64url, toBase64url, utf8 } from '../../protocol/bytes.ts';
import { StoreError } from '../error.ts';

/** The last row of a page: its sort key and its number, which breaks ties. */
export interface Position {
  readonly key: number;
  readonly object: number;
}

/** Before everything, in descending and in ascending order. */
export const TOP: Position = { key: Number.MAX_SAFE_INTEGER, object: Number.MAX_SAFE_INTEGER };
export const BOTTOM: Position = { key: Number.MIN_SAFE_INTEGER, object: 0 };

/** `order` names the list and its order: a cursor of another one is refused. */
export function writeCursor(order: string, { key, object }: Position): string {
  return toBase64url(utf8(`${order} ${key} ${object}`));
}

/** What a cursor says it is of; nothing of it has been checked. */
export function orderOf(cursor: string): string {
  const bytes = fromBase64url(cursor);
  const text = bytes === null ? '' : String.fromCharCode(...bytes.subarray(0, 100));
  return text.split(' ')[0] ?? '';
}

/** Throws StoreError `cursor_invalid` for anything `writeCursor` has not made for this order. */
export function readCursor(order: string, cursor: string): Position {
  const bytes = fromBase64url(cursor);
  const text = bytes === null ? '' : String.fromCharCode(...bytes.subarray(0, 100));
  const match = /^(\S+) (-?\d{1,16}) (\d{1,16})$/.exec(text);
  const [key, object] = [Number(match?.[2]), Number(match?.[3])];
  if (match?.[1] !== order || !Number.isSafeInteger(key) || !Number.isSafeInteger(object)) {
    throw new StoreError('cursor_invalid', `this is no cursor of a list in the order "${order}"`);
  }
  return { key, object };
}

/** Cuts what was read, one row more than asked for, to the page and the cursor of the next. */
export function cutPage<T>(
  rows: readonly T[],
  limit: number,
  order: string,
  positionOf: (row: T) => Position,
): { readonly page: readonly T[]; readonly next_cursor: string | null } {
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  const more = rows.length > limit && last !== undefined;
  return { page, next_cursor: more ? writeCursor(order, positionOf(last)) : null };
}
