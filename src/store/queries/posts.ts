// Lists of posts: hot, new and top, of everything, of one submolt, of one author.
import { type Did, subjectOf } from '../../protocol/did.ts';
import { hashOf, type ObjectName } from '../../protocol/object-name.ts';
import type { Page, PostView } from '../../protocol/views.ts';
import { type Database, integer, type Row, type Statement, type Value } from '../database.ts';
import { ITEM_COLUMNS, ITEM_JOINS, type ItemPlace, placeOf, postView } from './item-rows.ts';
import { cutPage, type Position, readCursor, TOP } from './page-cursor.ts';

export type PostSort = 'hot' | 'new' | 'top';

export interface PostQuery {
  readonly sort: PostSort;
  readonly submolt?: ObjectName | undefined;
  /** By any DID the author has or had. */
  readonly author?: Did | undefined;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

export interface PostPage extends Page {
  readonly posts: readonly PostView[];
}

/** Column that a list is ordered by, highest first. */
export const SORT_COLUMN: Readonly<Record<PostSort, string>> = {
  hot: 'hot',
  new: 'created_at',
  top: 'score',
};

/** What the partial indexes of `items` are for; a query has to repeat it word for word. */
export const LISTED = `i.parent IS NULL AND i.removed = 0 AND i.deleted = 0
AND NOT EXISTS (SELECT 1 FROM withdrawals WHERE object = i.object)`;

export function positionOf(place: ItemPlace, sort: PostSort): Position {
  const key = { hot: place.hot, new: place.createdAt, top: place.score }[sort];
  return { key, object: place.object };
}

export const OF_SUBMOLT = 'i.submolt = (SELECT id FROM objects WHERE hash = ?)';
export const OF_AUTHOR = 'i.author = (SELECT id FROM agents WHERE did = ?)';

/** Posts that stand, `limit` at a time. A submolt's pinned posts come first on its first page. */
export async function listPosts(db: Database, query: PostQuery): Promise<PostPage> {
  const { sort, limit, cursor } = query;
  const from = cursor === undefined ? TOP : readCursor(sort, cursor);
  const pinned = query.submolt !== undefined && query.author === undefined;
  const statements = [listStatement(query, from, pinned)];
  if (pinned && cursor === undefined) statements.push(pinnedStatement(query.submolt as ObjectName));
  const [rows = [], pins = []] = await db.batch('read', statements);
  const { page, next_cursor } = cutPage(rows, limit, sort, (row) => positionOf(placeOf(row), sort));
  return { posts: [...pins, ...page].map(postView), next_cursor };
}

function listStatement(query: PostQuery, from: Position, withoutPins: boolean): Statement {
  const column = SORT_COLUMN[query.sort];
  const filters = [LISTED];
  const args: Value[] = [];
  if (query.author !== undefined) {
    filters.push(OF_AUTHOR);
    args.push(subjectOf(query.author));
  }
  if (query.submolt !== undefined) {
    // `+` keeps the author's index in use when both are asked for.
    filters.push(query.author === undefined ? OF_SUBMOLT : `+${OF_SUBMOLT}`);
    args.push(hashOf(query.submolt));
  }
  if (withoutPins) filters.push('i.pinned = 0');
  args.push(integer(from.key), integer(from.object), integer(query.limit + 1));
  return {
    sql: `WITH page (object) AS MATERIALIZED (
  SELECT i.object FROM items AS i WHERE ${filters.join(' AND ')} AND (i.${column}, i.object) < (?, ?)
  ORDER BY i.${column} DESC, i.object DESC LIMIT ?
)
${ITEM_COLUMNS} FROM page CROSS JOIN items AS i ON i.object = page.object
${ITEM_JOINS}
ORDER BY i.${column} DESC, i.object DESC`,
    args,
  };
}

export function pinnedStatement(submolt: ObjectName): Statement {
  return {
    sql: `${ITEM_COLUMNS} FROM items AS i INDEXED BY items_pinned
${ITEM_JOINS}
WHERE i.pinned = 1 AND ${OF_SUBMOLT} AND ${LISTED} ORDER BY i.created_at DESC`,
    args: [hashOf(submolt)],
  };
}

export function itemStatement(name: ObjectName): Statement {
  return {
    sql: `${ITEM_COLUMNS} FROM items AS i
${ITEM_JOINS}
WHERE i.object = (SELECT id FROM objects WHERE hash = ?)`,
    args: [hashOf(name)],
  };
}

/** One post, removed and deleted ones included; null if this node has none of that name. */
export async function getPost(db: Database, name: ObjectName): Promise<PostView | null> {
  const [rows = []] = await db.batch('read', [itemStatement(name)]);
  const row: Row | undefined = rows[0];
  return row === undefined || placeOf(row).parent !== null ? null : postView(row);
}
