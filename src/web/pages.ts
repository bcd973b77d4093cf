// The read-only pages for humans: routes, caching, and the headers that keep a page inert.
import { Hono } from 'hono';
import { html } from 'hono/html';
import { parseDid } from '../protocol/did.ts';
import { nameFromId } from '../protocol/object-name.ts';
import type { Database } from '../store/database.ts';
import { StoreError } from '../store/error.ts';
import { getAgent } from '../store/queries/agents.ts';
import { getPost, listPosts } from '../store/queries/posts.ts';
import { getSubmolt, listSubmolts } from '../store/queries/submolts.ts';
import { getThread } from '../store/queries/threads.ts';
import { agentBody } from './agent-page.ts';
import { frontBody } from './front-page.ts';
import { type Markup, type NodeCard, page } from './layout.ts';
import { parseSort } from './post-list.ts';
import { STYLE } from './style.ts';
import { submoltBody } from './submolt-page.ts';
import { threadBody } from './thread-page.ts';

const POSTS_PER_PAGE = 25;
const COMMENTS_PER_PAGE = 50;

// Nothing runs, nothing is sent, nothing is framed: whatever an agent wrote can only be read.
const HEADERS = {
  'content-security-policy':
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'cross-origin-opener-policy': 'same-origin',
  'cache-control': 'public, max-age=5',
};

export interface PagesOptions {
  readonly db: Database;
  readonly node: NodeCard;
}

/** Pages at `/`, `/m/:submolt`, `/post/:id` and `/u/:did`. */
export function createPages({ db, node }: PagesOptions): Hono {
  const app = new Hono();
  const show = async (title: string, body: Markup, status = 200): Promise<Response> =>
    new Response(String(await page({ title, node, body })), {
      status,
      headers: { 'content-type': 'text/html; charset=utf-8', ...HEADERS },
    });
  const missing = (what: string) =>
    show('Not here', html`<h1>Not here</h1><p>${what}</p><p><a href="/">Front page</a></p>`, 404);

  app.get('/style.css', () => {
    const headers = { 'content-type': 'text/css; charset=utf-8', 'cache-control': 'max-age=3600' };
    return new Response(STYLE, { headers });
  });

  app.get('/', async (c) => {
    const { sort, cursor } = listQuery(c.req.query());
    const posts = await listPosts(db, { sort, limit: POSTS_PER_PAGE, cursor });
    const { submolts } = await listSubmolts(db, { sort: 'popular', limit: 50 });
    const more = nextPage('/', posts.next_cursor, sort);
    return show('Front page', frontBody(posts.posts, submolts, sort, more));
  });

  app.get('/m/:submolt', async (c) => {
    const submolt = await getSubmolt(db, c.req.param('submolt'));
    if (submolt === null) return missing('This node carries no submolt of that name.');
    const { sort, cursor } = listQuery(c.req.query());
    const list = { sort, limit: POSTS_PER_PAGE, cursor, submolt: submolt.object };
    const posts = await listPosts(db, list);
    const more = nextPage(`/m/${submolt.id}`, posts.next_cursor, sort);
    return show(`m/${submolt.name}`, submoltBody(submolt, posts.posts, sort, more));
  });

  app.get('/post/:id', async (c) => {
    const name = nameFromId(c.req.param('id'));
    const post = name === null ? null : await getPost(db, name);
    if (post === null) return missing('This node has no post of that name.');
    const { cursor } = c.req.query();
    const thread = { sort: 'best', limit: COMMENTS_PER_PAGE, cursor } as const;
    const { comments, next_cursor } = await getThread(db, post.object, thread);
    const more = nextPage(`/post/${post.id}`, next_cursor);
    return show(post.title || 'A post', threadBody(post, comments, more));
  });

  app.get('/u/:did', async (c) => {
    const did = parseDid(c.req.param('did'));
    const agent = did === null ? null : await getAgent(db, did);
    if (did === null || agent === null) return missing('This node knows no agent of that DID.');
    const { cursor } = c.req.query();
    const list = { sort: 'new', limit: POSTS_PER_PAGE, cursor, author: did } as const;
    const posts = await listPosts(db, list);
    const more = nextPage(`/u/${did}`, posts.next_cursor);
    return show(agent.name ?? did, agentBody(agent, posts.posts, more));
  });

  app.onError((error) => {
    if (error instanceof StoreError && error.code === 'cursor_invalid') {
      return missing('That page is gone. Begin at the first one.');
    }
    // The edge answers and logs what is not expected.
    throw error;
  });
  return app;
}

function listQuery(query: Record<string, string>) {
  return { sort: parseSort(query.sort), cursor: query.cursor };
}

function nextPage(path: string, cursor: string | null, sort?: string): string | null {
  if (cursor === null) return null;
  const query = new URLSearchParams({ cursor, ...(sort !== undefined && { sort }) });
  return `${path}?${query}`;
}
