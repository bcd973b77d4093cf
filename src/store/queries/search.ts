// Finds posts, comments, submolts and agents by the words in them, the likeliest first.
import { fromBase64url, toBase64url, utf8 } from '../../protocol/bytes.ts';
import { hashOf, type ObjectName } from '../../protocol/object-name.ts';
import type { Page } from '../../protocol/views.ts';
import { number } from '../cell.ts';
import type { Database } from '../database.ts';
import { StoreError } from '../error.ts';
import type { SearchKind } from '../search-docs.ts';
import { wantedCodes } from '../search-words.ts';
import { findHits, type Hit } from './search-candidates.ts';
import { type Found, readFound } from './search-results.ts';

export type SearchType = 'all' | 'posts' | 'comments' | 'agents' | 'submolts';

const KINDS: Readonly<Record<SearchType, readonly SearchKind[]>> = {
  all: ['post', 'comment', 'submolt', 'agent'],
  posts: ['post'],
  comments: ['comment'],
  agents: ['agent'],
  submolts: ['submolt'],
};

export interface SearchQuery {
  readonly q: string;
  readonly type: SearchType;
  /** The only submolt that is searched. */
  readonly submolt?: ObjectName | undefined;
  readonly limit: number;
  readonly cursor?: string | undefined;
  /** Milliseconds. */
  readonly now: number;
}

export type SearchPage = Found & Page;

/** Everything found that comes after this. */
interface After {
  readonly top: number;
  readonly similarity: number;
  readonly id: number;
}

/** One page of what was found. Throws StoreError `cursor_invalid`. */
export async function searchTexts(db: Database, query: SearchQuery): Promise<SearchPage> {
  const { cursor, limit, now, q, type } = query;
  const submolt = query.submolt === undefined ? null : await numberOf(db, query.submolt);
  const wanted = wantedCodes(q);
  const order = `${type} ${submolt ?? '-'} ${wanted.reduce((sum, code) => (sum * 31 + code) | 0, 0)}`;
  const after = cursor === undefined ? null : readCursor(order, cursor);
  const top = after?.top ?? (await newest(db));
  const kinds = KINDS[type];
  const hits = wanted.length === 0 ? [] : await findHits(db, { wanted, kinds, submolt, top, now });
  const rest = after === null ? hits : hits.filter((hit) => isAfter(hit, after));
  const page = rest.slice(0, limit);
  const last = page.at(-1);
  const next_cursor =
    last !== undefined && rest.length > limit ? writeCursor(order, { ...last, top }) : null;
  return { ...(await readFound(db, page, new Set(wanted), now)), next_cursor };
}

/** 0, where nothing is, for a name that this node has never heard. */
async function numberOf(db: Database, name: ObjectName): Promise<number> {
  const sql = 'SELECT id FROM objects WHERE hash = ?';
  const [rows] = await db.batch('read', [{ sql, args: [hashOf(name)] }]);
  return rows?.[0] === undefined ? 0 : number(rows[0], 0);
}

async function newest(db: Database): Promise<number> {
  const sql = 'SELECT coalesce(max(id), 0) FROM search_docs';
  const [rows] = await db.batch('read', [{ sql, args: [] }]);
  return Math.max(0, ...(rows ?? []).map((row) => number(row, 0)));
}

function isAfter(hit: Hit, { id, similarity }: After): boolean {
  return hit.similarity < similarity || (hit.similarity === similarity && hit.id < id);
}

function writeCursor(order: string, { id, similarity, top }: After): string {
  return toBase64url(utf8(`search ${order} ${top} ${similarity} ${id}`));
}

function readCursor(order: string, cursor: string): After {
  const bytes = fromBase64url(cursor);
  const read = bytes === null ? '' : String.fromCharCode(...bytes.subarray(0, 150));
  const match = /^search (.+) (\d{1,16}) (\d{1,5}) (-?\d{1,16})$/.exec(read);
  const [top, similarity, id] = [Number(match?.[2]), Number(match?.[3]), Number(match?.[4])];
  if (match?.[1] !== order || ![top, similarity, id].every(Number.isSafeInteger)) {
    throw new StoreError('cursor_invalid', 'this is no cursor of this search');
  }
  return { top, similarity, id };
}
