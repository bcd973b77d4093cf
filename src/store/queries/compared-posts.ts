// Orders of posts that change with the time, which no index can hold: rising, and the best of the last hour, day, week and so on.
import { risingRank } from '../../domain/ranking.ts';
import { type Did, subjectOf } from '../../protocol/did.ts';
import { hashOf, type ObjectName } from '../../protocol/object-name.ts';
import { number } from '../cell.ts';
import { type Database, integer, type Row, type Statement, type Value } from '../database.ts';
import { StoreError } from '../error.ts';
import { feedSources } from './feed.ts';
import { ITEM_COLUMNS, ITEM_JOINS, placeOf, postView } from './item-rows.ts';
import { cutPage, orderOf, type Position, readCursor, TOP } from './page-cursor.ts';
import { LISTED, OF_AUTHOR, OF_SUBMOLT, type PostPage, pinnedStatement } from './posts.ts';

const HOUR = 3_600_000;

/** Milliseconds that the best are the best of. */
const TOP_TIMES = {
  hour: HOUR,
  day: 24 * HOUR,
  week: 7 * 24 * HOUR,
  month: 30 * 24 * HOUR,
  year: 365 * 24 * HOUR,
} as const;

export type ComparedOrder = 'rising' | keyof typeof TOP_TIMES;

export interface ComparedQuery {
  readonly order: ComparedOrder;
  /** Milliseconds. The pages behind the first go by the time of the first. */
  readonly now: number;
  readonly submolt?: ObjectName | undefined;
  readonly author?: Did | undefined;
  /** Whose feed it is, and of what. */
  readonly feed?: { readonly of: Did; readonly filter: 'all' | 'following' } | undefined;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** The newest posts that are compared, and as many of those with the highest score. */
const COMPARED = 1000;
/** Of one submolt of a feed. */
const COMPARED_OF_EACH = 100;

interface Candidate {
  readonly object: number;
  readonly rank: number;
}

/** One page. A submolt's pinned posts come first on its first page. Throws StoreError `cursor_invalid`. */
export async function comparePosts(db: Database, query: ComparedQuery): Promise<PostPage> {
  const { cursor, limit } = query;
  const kind = query.feed === undefined ? query.order : `f-${query.feed.filter}-${query.order}`;
  const at = cursor === undefined ? query.now : timeOf(cursor, kind);
  const order = `${kind}@${at}`;
  const from = cursor === undefined ? TOP : readCursor(order, cursor);
  const pinned = query.submolt !== undefined && query.author === undefined && !query.feed;
  const found = await findCandidates(db, query, at, pinned);
  const rest = found.filter(({ object, rank }) => isBehind({ key: rank, object }, from));
  const { next_cursor, page } = cutPage(rest, limit, order, ({ object, rank }) => ({
    key: rank,
    object,
  }));
  const statements = [rowsStatement(page)];
  if (pinned && cursor === undefined) statements.push(pinnedStatement(query.submolt as ObjectName));
  const [rows = [], pins = []] = await db.batch('read', statements);
  const byNumber = new Map(rows.map((row) => [placeOf(row).object, row]));
  const shown = page
    .map(({ object }) => byNumber.get(object))
    .filter((row): row is Row => row !== undefined);
  return { posts: [...pins, ...shown].map(postView), next_cursor };
}

function isBehind({ key, object }: Position, from: Position): boolean {
  return key < from.key || (key === from.key && object < from.object);
}

function timeOf(cursor: string, kind: string): number {
  const [name, time = ''] = orderOf(cursor).split('@');
  if (name !== kind || !/^\d{1,15}$/.test(time)) {
    throw new StoreError('cursor_invalid', `this is no cursor of a list in the order "${kind}"`);
  }
  return Number(time);
}

async function findCandidates(
  db: Database,
  query: ComparedQuery,
  at: number,
  withoutPins: boolean,
): Promise<Candidate[]> {
  const since = query.order === 'rising' ? 0 : at - TOP_TIMES[query.order];
  const statements =
    query.feed === undefined
      ? listStatements(query, since, at, withoutPins)
      : [feedStatement(query.feed, since, at)];
  const rows = (await db.batch('read', statements)).flat();
  const ranks = new Map(rows.map((row) => [number(row, 0), rankOf(row, query.order, at)]));
  return [...ranks]
    .map(([object, rank]) => ({ object, rank }))
    .sort((a, b) => b.rank - a.rank || b.object - a.object);
}

function rankOf(row: Row, order: ComparedOrder, at: number): number {
  const score = number(row, 1);
  return order === 'rising' ? risingRank(score, number(row, 2), at) : score;
}

function listStatements(
  { author, order, submolt }: ComparedQuery,
  since: number,
  at: number,
  withoutPins: boolean,
): Statement[] {
  const filters = [LISTED];
  const args: Value[] = [];
  if (author !== undefined) {
    filters.push(OF_AUTHOR);
    args.push(subjectOf(author));
  }
  if (submolt !== undefined) {
    filters.push(author === undefined ? OF_SUBMOLT : `+${OF_SUBMOLT}`);
    args.push(hashOf(submolt));
  }
  if (withoutPins) filters.push('i.pinned = 0');
  const where = filters.join(' AND ');
  const within = [integer(since), integer(at)];
  const newest = {
    sql: `SELECT i.object, i.score, i.created_at FROM items AS i WHERE ${where}
AND i.created_at > ? AND i.created_at <= ? ORDER BY i.created_at DESC, i.object DESC LIMIT ${COMPARED}`,
    args: [...args, ...within],
  };
  if (order === 'rising' || author !== undefined) return [newest];
  const best = {
    sql: `SELECT object, score, created_at FROM (SELECT i.object, i.score, i.created_at FROM items AS i WHERE ${where}
AND (i.score, i.object) < (${TOP.key}, ${TOP.object}) ORDER BY i.score DESC, i.object DESC LIMIT ${COMPARED}) WHERE created_at > ? AND created_at <= ?`,
    args: [...args, ...within],
  };
  return [newest, best];
}

function feedStatement(
  { filter, of }: NonNullable<ComparedQuery['feed']>,
  since: number,
  at: number,
): Statement {
  return {
    sql: `WITH found (object) AS MATERIALIZED (
  ${feedSources(filter, 'created_at', 'i.created_at > ?2 AND i.created_at <= ?3')}
)
SELECT i.object, i.score, i.created_at FROM found CROSS JOIN items AS i ON i.object = found.object LIMIT ?4 * 100`,
    args: [subjectOf(of), integer(since), integer(at), integer(COMPARED_OF_EACH)],
  };
}

function rowsStatement(page: readonly Candidate[]): Statement {
  return {
    sql: `${ITEM_COLUMNS} FROM json_each(?) AS found CROSS JOIN items AS i ON i.object = found.value
${ITEM_JOINS}`,
    args: [JSON.stringify(page.map(({ object }) => object))],
  };
}
