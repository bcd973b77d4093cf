// Comments as a tree: one page of direct replies, each with what hangs below it.
import { hashOf, type ObjectName } from '../../protocol/object-name.ts';
import type { CommentView, Page } from '../../protocol/views.ts';
import { type Database, integer, type Row, type Statement } from '../database.ts';
import { commentView, ITEM_COLUMNS, ITEM_JOINS, type ItemPlace, placeOf } from './item-rows.ts';
import { BOTTOM, cutPage, type Position, readCursor, TOP } from './page-cursor.ts';
import { itemStatement } from './posts.ts';

/** `top` is another name for `best`; `controversial`: by the votes of the smaller side. */
type CommentSort = 'best' | 'new' | 'old' | 'top' | 'controversial';

export interface ThreadQuery {
  readonly sort: CommentSort;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

export interface ThreadPage extends Page {
  readonly comments: readonly CommentView[];
}

/** Comments below the page's own, all together: the shallow ones first, and `reply_count` tells of more. */
const MAX_BELOW = 500;

const ORDERS: Readonly<
  Record<CommentSort, { column: string; direction: 'ASC' | 'DESC'; compare: '>' | '<' }>
> = {
  best: { column: 'i.score', direction: 'DESC', compare: '<' },
  top: { column: 'i.score', direction: 'DESC', compare: '<' },
  controversial: { column: 'min(i.up, i.down)', direction: 'DESC', compare: '<' },
  new: { column: 'i.created_at', direction: 'DESC', compare: '<' },
  old: { column: 'i.created_at', direction: 'ASC', compare: '>' },
};

/**
 * The replies to a post or comment. Removed and deleted comments are shown without their words, and only where
 * replies hang below them. An unknown name has no replies.
 */
export async function getThread(
  db: Database,
  name: ObjectName,
  { sort, limit, cursor }: ThreadQuery,
): Promise<ThreadPage> {
  const start = sort === 'old' ? BOTTOM : TOP;
  const from = cursor === undefined ? start : readCursor(`c-${sort}`, cursor);
  const [rows = []] = await db.batch('read', [repliesStatement(name, sort, from, limit + 1)]);
  const { page, next_cursor } = cutPage(rows, limit, `c-${sort}`, (row) =>
    positionOf(placeOf(row), sort),
  );
  if (page.length === 0) return { comments: [], next_cursor };
  const [below = []] = await db.batch('read', [belowStatement(page)]);
  return { comments: treeOf(page, below, sort), next_cursor };
}

/** One comment without its replies; null if this node has none of that name. */
export async function getComment(db: Database, name: ObjectName): Promise<CommentView | null> {
  const [rows = []] = await db.batch('read', [itemStatement(name)]);
  const row = rows[0];
  return row === undefined || placeOf(row).parent === null ? null : commentView(row, []);
}

function repliesStatement(
  parent: ObjectName,
  sort: CommentSort,
  from: Position,
  limit: number,
): Statement {
  const { column, compare, direction } = ORDERS[sort];
  return {
    sql: `WITH page (object) AS MATERIALIZED (
  SELECT i.object FROM items AS i
  WHERE i.parent IS NOT NULL AND i.parent = (SELECT id FROM objects WHERE hash = ?)
    AND (i.removed + i.deleted = 0 OR i.replies > 0)
    AND (${column}, i.object) ${compare} (?, ?)
  ORDER BY ${column} ${direction}, i.object ${direction} LIMIT ?
)
${ITEM_COLUMNS} FROM page CROSS JOIN items AS i ON i.object = page.object
${ITEM_JOINS}
ORDER BY ${column} ${direction}, i.object ${direction}`,
    args: [hashOf(parent), integer(from.key), integer(from.object), integer(limit)],
  };
}

/** A recursive query takes its rows first in, first out: whole levels, until the limit. */
function belowStatement(page: readonly Row[]): Statement {
  const roots = page.map((row) => placeOf(row).object);
  return {
    sql: `WITH RECURSIVE tree (object, level) AS (
  SELECT value, 0 FROM json_each(?)
  UNION ALL
  SELECT i.object, tree.level + 1 FROM tree CROSS JOIN items AS i ON i.parent = tree.object
  WHERE i.parent IS NOT NULL AND (i.removed + i.deleted = 0 OR i.replies > 0)
  LIMIT ?
)
${ITEM_COLUMNS} FROM tree CROSS JOIN items AS i ON i.object = tree.object
${ITEM_JOINS}
WHERE tree.level > 0`,
    args: [JSON.stringify(roots), integer(roots.length + MAX_BELOW)],
  };
}

function keyOf({ contested, createdAt, score }: ItemPlace, sort: CommentSort): number {
  if (sort === 'controversial') return contested;
  return sort === 'best' || sort === 'top' ? score : createdAt;
}

function positionOf(place: ItemPlace, sort: CommentSort): Position {
  return { key: keyOf(place, sort), object: place.object };
}

function treeOf(page: readonly Row[], below: readonly Row[], sort: CommentSort): CommentView[] {
  const children = Map.groupBy(below, (row) => placeOf(row).parent);
  const sign = sort === 'old' ? 1 : -1;
  const build = (row: Row): CommentView => {
    const { object } = placeOf(row);
    const replies = [...(children.get(object) ?? [])].sort((a, b) => {
      const [x, y] = [positionOf(placeOf(a), sort), positionOf(placeOf(b), sort)];
      return sign * (x.key - y.key || x.object - y.object);
    });
    return commentView(row, replies.map(build));
  };
  return page.map(build);
}
