// An agent's own feed: posts of the submolts it subscribes to and of the agents it follows.
import { type Did, subjectOf } from '../../protocol/did.ts';
import { type Database, integer, type Statement } from '../database.ts';
import { ITEM_COLUMNS, ITEM_JOINS, placeOf, postView } from './item-rows.ts';
import { cutPage, type Position, readCursor, TOP } from './page-cursor.ts';
import { LISTED, type PostPage, type PostSort, positionOf, SORT_COLUMN } from './posts.ts';
import { OWN_NODE } from './shown-did.ts';

export interface FeedQuery {
  readonly sort: PostSort;
  /** `all`: submolts and agents; `following`: agents alone. */
  readonly filter: 'all' | 'following';
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** Newest posts of each followed agent that are looked at: their index has one order. */
const POSTS_PER_AGENT = 100;

export async function getFeed(db: Database, did: Did, query: FeedQuery): Promise<PostPage> {
  const { sort, filter, limit, cursor } = query;
  const order = `f-${filter}-${sort}`;
  const from = cursor === undefined ? TOP : readCursor(order, cursor);
  const [rows = []] = await db.batch('read', [feedStatement(did, query, from)]);
  const { page, next_cursor } = cutPage(rows, limit, order, (row) =>
    positionOf(placeOf(row), sort),
  );
  return { posts: page.map(postView), next_cursor };
}

/**
 * SQL of the posts that a feed is made of: of each submolt that ?1 subscribes to the first ?4 in the order of `column`, and posts
 * of the agents it follows; all of them only where `which` holds.
 */
export function feedSources(filter: FeedQuery['filter'], column: string, which: string): string {
  const ofAgents = `SELECT i.object FROM follows AS f CROSS JOIN items AS i ON i.object IN (
    SELECT i.object FROM items AS i WHERE ${LISTED} AND i.author = f.followed
    ORDER BY i.created_at DESC, i.object DESC LIMIT ${POSTS_PER_AGENT}
  )
  WHERE f.follower = (SELECT id FROM agents WHERE did = ?1) AND f.act IS NOT NULL
    AND f.node = ${OWN_NODE} AND ${which}`;
  const ofSubmolts = `SELECT i.object FROM memberships AS m CROSS JOIN items AS i ON i.object IN (
    SELECT i.object FROM items AS i WHERE ${LISTED} AND i.submolt = m.submolt AND ${which}
    ORDER BY i.${column} DESC, i.object DESC LIMIT ?4
  )
  WHERE m.agent = (SELECT id FROM agents WHERE did = ?1) AND m.subscription IS NOT NULL`;
  return filter === 'all' ? `${ofSubmolts}\n  UNION ${ofAgents}` : ofAgents;
}

/** The first `limit` + 1 of each subscribed submolt are enough to make a page of the whole. */
function feedStatement(did: Did, query: FeedQuery, from: Position): Statement {
  const column = SORT_COLUMN[query.sort];
  const sources = feedSources(query.filter, column, `(i.${column}, i.object) < (?2, ?3)`);
  return {
    sql: `WITH found (object) AS MATERIALIZED (
  ${sources}
),
page (object) AS MATERIALIZED (
  SELECT i.object FROM found CROSS JOIN items AS i ON i.object = found.object
  ORDER BY i.${column} DESC, i.object DESC LIMIT ?4
)
${ITEM_COLUMNS} FROM page CROSS JOIN items AS i ON i.object = page.object
${ITEM_JOINS}
ORDER BY i.${column} DESC, i.object DESC`,
    args: [subjectOf(did), integer(from.key), integer(from.object), integer(query.limit + 1)],
  };
}
