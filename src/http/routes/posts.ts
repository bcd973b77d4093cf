// Reads of posts and comments.

import { parseDid } from '../../protocol/did.ts';
import type { Database } from '../../store/database.ts';
import { getFeed } from '../../store/queries/feed.ts';
import { getPost, listPosts, type PostSort } from '../../store/queries/posts.ts';
import { getComment, getThread } from '../../store/queries/threads.ts';
import type { EdgeApp, EdgeContext } from '../edge.ts';
import { mount } from '../mount.ts';
import { choice, limitOf, nameSegment, parsed, text } from '../parameters.ts';
import { refuse } from '../problem.ts';
import { success, successPage } from '../success.ts';
import { findSubmolt, submoltUnknown } from './submolts.ts';

const SORTS: readonly [PostSort, ...PostSort[]] = ['hot', 'new', 'top'];

export function mountPosts(app: EdgeApp, db: Database): void {
  mount(app, '/api/v1/posts', { GET: (c) => answerPosts(c, db, text(c, 'submolt')) });
  mount(app, '/api/v1/submolts/:name/feed', {
    GET: (c) => answerPosts(c, db, c.req.param('name')),
  });
  mount(app, '/api/v1/posts/:id', { GET: (c) => answerPost(c, db) });
  mount(app, '/api/v1/posts/:id/comments', { GET: (c) => answerThread(c, db) });
  mount(app, '/api/v1/comments/:id', { GET: (c) => answerComment(c, db) });
  mount(app, '/api/v1/feed', { GET: (c) => answerFeed(c, db) });
}

async function answerPosts(
  c: EdgeContext,
  db: Database,
  ref: string | undefined,
): Promise<Response> {
  const query = {
    sort: choice(c, 'sort', SORTS),
    limit: limitOf(c),
    cursor: text(c, 'cursor'),
    author: parsed(c, 'author', parseDid, 'a DID'),
  };
  const submolt = ref === undefined ? undefined : await findSubmolt(db, ref);
  if (submolt === null) return submoltUnknown(c, ref ?? '');
  const page = await listPosts(db, { ...query, submolt: submolt?.object });
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
  const sort = choice(c, 'sort', ['best', 'new', 'old']);
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
async function answerFeed(c: EdgeContext, db: Database): Promise<Response> {
  const caller = c.get('caller');
  if (caller === null) {
    const detail = 'A feed is somebody’s; sign the request to say whose.';
    return refuse(c, { code: 'signature_missing', detail });
  }
  const page = await getFeed(db, caller.did, {
    sort: choice(c, 'sort', SORTS),
    filter: choice(c, 'filter', ['all', 'following']),
    limit: limitOf(c),
    cursor: text(c, 'cursor'),
  });
  return successPage('posts', page.posts, page);
}
