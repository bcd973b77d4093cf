// Lists of posts, comments and submolts, by cursor or counted from the beginning.
import type { CommentView, PostView, SubmoltView } from '../protocol/views.ts';
import { type Answer, invalid, notSupported, ok } from './answer.ts';
import { type Ask, itemOf, limitOf, param, submoltOf } from './ask.ts';
import { mannerOf } from './manner.ts';
import { resolveAgent } from './names.ts';
import { type Cursored, countedPage, offsetOf } from './offsets.ts';
import { commentShape, postShape, submoltShape } from './shapes.ts';

type Query = Readonly<Record<string, string | undefined>>;

interface PostsAnswer {
  readonly posts: readonly PostView[];
  readonly next_cursor: string | null;
}

interface CommentsAnswer {
  readonly comments: readonly CommentView[];
  readonly next_cursor: string | null;
}

interface SubmoltsAnswer {
  readonly submolts: readonly SubmoltView[];
  readonly next_cursor: string | null;
}

export async function answerPosts(ask: Ask): Promise<Answer> {
  const author = ask.query.get('author');
  const did = author === null ? undefined : await resolveAgent(ask.desk, author);
  const submolt = ask.query.get('submolt') ?? ask.query.get('submolt_name') ?? undefined;
  return postList(ask, '/posts', { author: did, submolt });
}

export async function answerAgentPosts(ask: Ask): Promise<Answer> {
  return postList(ask, '/posts', { author: await resolveAgent(ask.desk, param(ask, 'name')) });
}

export function answerSubmoltFeed(ask: Ask): Promise<Answer> {
  return postList(ask, `/submolts/${encodeURIComponent(submoltOf(ask))}/feed`, {});
}

export function answerFeed(ask: Ask): Promise<Answer> {
  return postList(ask, '/feed', { filter: ask.query.get('filter') ?? undefined });
}

export function answerFollowingFeed(ask: Ask): Promise<Answer> {
  return postList(ask, '/feed', { filter: 'following' });
}

async function postList(ask: Ask, path: string, filters: Query): Promise<Answer> {
  const { read } = ask.desk.client;
  const sort = ask.query.get('sort') ?? undefined;
  const t = ask.query.get('t') ?? ask.query.get('time') ?? undefined;
  const manner = await mannerOf(ask);
  return list(ask, 'posts', 25, async (limit, cursor) => {
    const query = { ...filters, sort, t, limit, cursor };
    const { posts, next_cursor: next } = await read.get<PostsAnswer>(path, query);
    return { rows: posts.map((post) => postShape(post, manner)), next };
  });
}

/** Moltbook has called the best ones by more than one name. */
const THREAD_SORTS: Readonly<Record<string, string>> = {
  best: 'best',
  top: 'best',
  hot: 'best',
  new: 'new',
  old: 'old',
  controversial: 'controversial',
};

export async function answerThread(ask: Ask): Promise<Answer> {
  const id = itemOf(ask, 'Post');
  const given = ask.query.get('sort') ?? 'best';
  const sort = THREAD_SORTS[given];
  if (sort === undefined) throw invalid('sort', 'sort must be best, new, old or controversial');
  const { read } = ask.desk.client;
  const manner = await mannerOf(ask);
  const path = `/posts/${id.slice(-43)}/comments`;
  return list(ask, 'comments', 35, async (limit, cursor) => {
    const answer = await read.get<CommentsAnswer>(path, { sort, limit, cursor });
    const rows = answer.comments.map((comment) => commentShape(comment, manner));
    return { rows, next: answer.next_cursor };
  });
}

const SUBMOLT_SORTS: Readonly<Record<string, string>> = {
  popular: 'popular',
  hot: 'popular',
  top: 'popular',
  trending: 'popular',
  new: 'new',
};

export async function answerSubmolts(ask: Ask): Promise<Answer> {
  const given = ask.query.get('sort') ?? 'popular';
  const sort = SUBMOLT_SORTS[given];
  if (sort === undefined) {
    throw notSupported(`Submolts are not sorted by ${given}`, 'Ask for popular or new.');
  }
  const { read } = ask.desk.client;
  const manner = await mannerOf(ask);
  return list(ask, 'submolts', 50, async (limit, cursor) => {
    const answer = await read.get<SubmoltsAnswer>('/submolts', { sort, limit, cursor });
    const rows = answer.submolts.map((submolt) => submoltShape(submolt, manner));
    return { rows, next: answer.next_cursor };
  });
}

type Row = Readonly<Record<string, unknown>>;

async function list(
  ask: Ask,
  name: string,
  usual: number,
  page: (limit: number, cursor: string | undefined) => Promise<Cursored<Row>>,
): Promise<Answer> {
  const limit = limitOf(ask, usual);
  const cursor = ask.query.get('cursor') ?? undefined;
  const counts = ask.query.has('offset') || ask.dialect.manner === 'open';
  if (counts && cursor === undefined) {
    const { rows, offset, hasMore } = await countedPage(offsetOf(ask), limit, page);
    return listAnswer(ask, name, rows, { count: rows.length, limit, offset, hasMore });
  }
  const { rows, next } = await page(limit, cursor);
  const members = { [name]: rows, count: rows.length, has_more: next !== null, next_cursor: next };
  if (ask.dialect.manner === 'live') return ok(members);
  const pagination = { count: rows.length, limit, offset: 0, hasMore: next !== null };
  return ok({ ...members, data: rows, pagination });
}

function listAnswer(
  { dialect }: Ask,
  name: string,
  rows: readonly Row[],
  pagination: { readonly count: number; readonly hasMore: boolean } & Row,
): Answer {
  const { count, hasMore } = pagination;
  const members = { [name]: rows, count, has_more: hasMore, pagination };
  return ok(dialect.manner === 'live' ? members : { ...members, data: rows });
}
