// What crawlers are shown: posts that stand, by the month they are of, and submolts.
import { idOf } from '../../protocol/object-name.ts';
import { name, number, numberOrNull } from '../cell.ts';
import { type Database, integer } from '../database.ts';
import { LISTED } from './posts.ts';

/** Where a page is, and when what it shows has changed last (milliseconds). */
export interface ListedPage {
  readonly id: string;
  readonly changedAt: number;
}

/** Times of the first and the last post that stands; null while there is none. */
export async function findPostSpan(
  db: Database,
): Promise<{ readonly first: number; readonly last: number } | null> {
  const end = (direction: 'ASC' | 'DESC') => ({
    sql: `SELECT i.created_at FROM items AS i WHERE ${LISTED} AND i.created_at >= 0 ORDER BY i.created_at ${direction} LIMIT 1`,
    args: [],
  });
  const [first = [], last = []] = await db.batch('read', [end('ASC'), end('DESC')]);
  const [from, to] = [numberOrNull(first[0] ?? [null], 0), numberOrNull(last[0] ?? [null], 0)];
  return from === null || to === null ? null : { first: from, last: to };
}

/** The newest posts from `start` on and before `end`, milliseconds. */
export async function listPostPages(
  db: Database,
  { end, limit, start }: { readonly start: number; readonly end: number; readonly limit: number },
): Promise<ListedPage[]> {
  const [rows = []] = await db.batch('read', [
    {
      sql: `WITH page (object) AS MATERIALIZED (
  SELECT i.object FROM items AS i WHERE ${LISTED} AND i.created_at >= ? AND i.created_at < ?
  ORDER BY i.created_at DESC, i.object DESC LIMIT ?
)
SELECT o.hash, coalesce(i.updated_at, i.created_at) FROM page CROSS JOIN items AS i ON i.object = page.object
JOIN objects AS o ON o.id = i.object`,
      args: [integer(start), integer(end), integer(limit)],
    },
  ]);
  return rows.map((row) => ({ id: idOf(name(row, 0)), changedAt: number(row, 1) }));
}
