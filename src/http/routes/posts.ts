// Reads of posts and comments.

import type { CommandContext } from '../../commands/context.ts';
import { parseDid } from '../../protocol/did.ts';
import type { Database } from '../../store/database.ts';
import { type ComparedOrder, comparePosts } from '../../store/queries/compared-posts.ts';
import { getFeed } from '../../store/queries/feed.ts';
import { getPost, listPosts, type PostSort } from '../../store/queries/posts.ts';
import { getComment, getThread } from '../../store/queries/threads.ts';
import type { EdgeApp, EdgeContext } from '../edge.ts';
import { mount } from '../mount.ts';
import { choice, limitOf, nameSegment, parsed, text } from '../parameters.ts';
import { refuse } from '../problem.ts';
import { success, successPage } from '../success.ts';
import { findSubmolt, submoltUnknown } from './submolts.ts';

type Reads = Pick<CommandContext, 'db' | 'now'>;

export function mountPosts(app: EdgeApp, context: Reads): void {
  const { db } = context;
  mount(app, '/api/v1/posts', { GET: (c) => answerPosts(c, context, text(c, 'submolt')) });
  mount(app, '/api/v1/submolts/:name/feed', {
    GET: (c) => answerPosts(c, context, c.req.param('name')),
  });
  mount(app, '/api/v1/posts/:id', { GET: (c) => answerPost(c, db) });
  mount(app, '/api/v1/posts/:id/comments', { GET: (c) => answerThread(c, db) });
  mount(app, '/api/v1/comments/:id', { GET: (c) => answerComment(c, db) });
  mount(app, '/api/v1/feed', { GET: (c) => answerFeed(c, context) });
}

/** The order that is asked for: one that an index has, or one of those that change with the time. */
function orderOf(c: EdgeContext): { sort: PostSort } | { order: ComparedOrder } {
  const sort = choice(c, 'sort', ['hot', 'new', 'top', 'rising']);
  const time = choice(c, 't', ['all', 'hour', 'day', 'week', 'month', 'year']);
  if (sort === 'rising') return { order: sort };
  return sort === 'top' && time !== 'all' ? { order: time } : { sort };
}

async function answerPosts(
  c: EdgeContext,
  { db, now }: Reads,
  ref: string | undefined,
): Promise<Response> {
  const order = orderOf(c);
  const query = {
    limit: limitOf(c),
    cursor: text(c, 'cursor'),
    author: parsed(c, 'author', parseDid, 'a DID'),
  };
  const submolt = ref === undefined ? undefined : await findSubmolt(db, ref);
  if (submolt === null) return submoltUnknown(c, ref ?? '');
  const where = { ...query, submolt: submolt?.object };
  const page =
    'sort' in order
      ? await listPosts(db, { ...where, ...order })
      : await comparePosts(db, { ...where, ...order, now: now() });
  return successPage('posts', page.posts, page);
}

async function answerPost(c: EdgeContext, db: Database): Promise<Response> {
  const name = nameSegment(c, 'id');
  const post = await getPost(db, name);
  if (post === null)
    return refuse(c, { code: 'not_found', detail: `There is no post ${name} here.` });
  return success({ post });
}

async function answerThread(c: EdgeContext, db: Database): Promise<Response> {
  const name = nameSegment(c, 'id');
  const sort = choice(c, 'sort', ['best', 'new', 'old', 'top', 'controversial']);
  const query = { sort, limit: limitOf(c), cursor: text(c, 'cursor') };
  if ((await getPost(db, name)) === null) {
    return refuse(c, { code: 'not_found', detail: `There is no post ${name} here.` });
  }
  const page = await getThread(db, name, query);
  return successPage('comments', page.comments, page);
}

async function answerComment(c: EdgeContext, db: Database): Promise<Response> {
  const name = nameSegment(c, 'id');
  const comment = await getComment(db, name);
  if (comment !== null) return success({ comment });
  return refuse(c, { code: 'not_found', detail: `There is no comment ${name} here.` });
}

/** What the caller subscribes to and whom it follows: there is no such feed for nobody. */
async function answerFeed(c: EdgeContext, { db, now }: Reads): Promise<Response> {
  const caller = c.get('caller');
  if (caller === null) {
    const detail = 'A feed is somebody’s; sign the request to say whose.';
    return refuse(c, { code: 'signature_missing', detail });
  }
  const order = orderOf(c);
  const filter = choice(c, 'filter', ['all', 'following']);
  const list = { limit: limitOf(c), cursor: text(c, 'cursor') };
  const page =
    'sort' in order
      ? await getFeed(db, caller.did, { ...list, ...order, filter })
      : await comparePosts(db, { ...list, ...order, now: now(), feed: { of: caller.did, filter } });
  return successPage('posts', page.posts, page);
}
