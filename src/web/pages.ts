// The read-only pages for humans: which path shows what, and what stands there when there is nothing.
import { Hono } from 'hono';
import { html } from 'hono/html';
import { parseDid } from '../protocol/did.ts';
import { nameFromId } from '../protocol/object-name.ts';
import { findCosignedSystemLog } from '../store/cosigned.ts';
import type { Database } from '../store/database.ts';
import { StoreError } from '../store/error.ts';
import { getAgent } from '../store/queries/agents.ts';
import { listEvidence } from '../store/queries/evidence.ts';
import { listSources } from '../store/queries/peers.ts';
import { getPost, listPosts } from '../store/queries/posts.ts';
import { searchTexts } from '../store/queries/search.ts';
import { getSubmolt, listSubmolts } from '../store/queries/submolts.ts';
import { getComment, getThread } from '../store/queries/threads.ts';
import { listStandings } from '../store/standings.ts';
import { agentPath, itemPath, type NodeCard, submoltPath } from './addresses.ts';
import { agentPage } from './agent-page.ts';
import { CRAWL_PATHS, mountCrawlFiles } from './crawl-pages.ts';
import { federationPage } from './federation-page.ts';
import { FEED_PATHS, mountFeeds } from './feed-pages.ts';
import { frontPage } from './front-page.ts';
import { ICON } from './icon.ts';
import type { Page } from './layout.ts';
import { respond, respondAsset, WITH_FORM } from './page-response.ts';
import { listQuery, turnOf } from './page-turn.ts';
import { POST_SORTS } from './post-list.ts';
import { MAX_QUERY, SEARCH_TYPES, searchPage, searchPath } from './search-page.ts';
import { STYLE } from './style.ts';
import { SUBMOLT_SORTS, submoltPage, submoltsPage } from './submolt-page.ts';
import { COMMENT_SORTS, commentPage, threadPage } from './thread-page.ts';
import { verifyPage } from './verify-page.ts';

const POSTS = { limit: 25 };
const COMMENTS = { limit: 50 };
const SUBMOLTS = { limit: 50 };
const RESULTS = { limit: 20 };
const BESIDE_POSTS = { limit: 20, sort: 'popular' } as const;

/** Logs of other nodes on one page. */
const MAX_SOURCES = 200;

const PATHS = [
  ...['/', '/m', '/m/:submolt', '/post/:id', '/u/:did', '/verify', '/federation', '/search'],
  ...FEED_PATHS,
  ...CRAWL_PATHS,
];

export interface PagesOptions {
  readonly db: Database;
  /** Milliseconds. */
  readonly now: () => number;
  readonly node: NodeCard;
  /** Names of the keys of the witnesses that the node asks; nobody unless given. */
  readonly witnesses?: () => Promise<readonly string[]>;
}

/** Pages at `/`, `/m`, `/m/:submolt`, `/post/:id`, `/u/:did`, `/verify`, `/federation` and `/search`, for GET and HEAD. */
export function createPages({ db, node, now, witnesses = async () => [] }: PagesOptions): Hono {
  const app = new Hono();
  const show = (page: Page) => respond(node, page);
  const missing = (what: string) => respond(node, plainPage('Not here', what), 404);

  app.get('/style.css', () => respondAsset('text/css; charset=utf-8', STYLE));
  app.get('/icon.svg', () => respondAsset('image/svg+xml', ICON));
  app.get('/verify', () => show(verifyPage(node)));
  mountFeeds(app, { db, missing, node, now });
  mountCrawlFiles(app, { db, missing, node });

  app.get('/federation', async () => {
    const [evidence, sources, asked, cosigned, standings] = await Promise.all([
      listEvidence(db),
      listSources(db),
      witnesses(),
      findCosignedSystemLog(db),
      listStandings(db),
    ]);
    const shown = sources.slice(0, MAX_SOURCES);
    return show(federationPage({ asked, cosigned, evidence, sources: shown, standings }));
  });

  app.get('/', async (c) => {
    const query = listQuery(c.req.query(), POST_SORTS);
    const { posts, next_cursor } = await listPosts(db, { ...query, ...POSTS });
    const { submolts } = await listSubmolts(db, BESIDE_POSTS);
    const turn = turnOf('/', query, next_cursor);
    return show(frontPage({ posts, submolts, sort: query.sort, turn }, node));
  });

  app.get('/search', async (c) => {
    const given = c.req.query();
    const q = (given.q ?? '').slice(0, MAX_QUERY);
    const type = SEARCH_TYPES.find((one) => one === given.type) ?? SEARCH_TYPES[0];
    const { cursor } = given;
    const found = await searchTexts(db, { q, type, cursor, now: now(), ...RESULTS });
    const turn = {
      first: cursor === undefined ? null : searchPath(q, type),
      next: found.next_cursor === null ? null : searchPath(q, type, found.next_cursor),
    };
    const page = searchPage({ q, type, results: found.results, turn }, node);
    return respond(node, page, 200, WITH_FORM);
  });

  app.get('/m', async (c) => {
    const query = listQuery(c.req.query(), SUBMOLT_SORTS);
    const { submolts, next_cursor } = await listSubmolts(db, { ...query, ...SUBMOLTS });
    const turn = turnOf('/m', query, next_cursor);
    return show(submoltsPage({ submolts, sort: query.sort, turn }, node));
  });

  app.get('/m/:submolt', async (c) => {
    const submolt = await getSubmolt(db, c.req.param('submolt'));
    if (submolt === null) return missing('This node carries no submolt of that name.');
    const query = listQuery(c.req.query(), POST_SORTS);
    const wanted = { ...query, ...POSTS, submolt: submolt.object };
    const { posts, next_cursor } = await listPosts(db, wanted);
    const turn = turnOf(submoltPath(submolt), query, next_cursor);
    const list = { posts, sort: query.sort, turn };
    return show(submoltPage(submolt, list, node, await witnesses()));
  });

  app.get('/post/:id', async (c) => {
    const id = c.req.param('id');
    const name = nameFromId(id);
    if (name === null) return missing('A post is named by 43 characters; these are not.');
    const query = listQuery(c.req.query(), COMMENT_SORTS);
    const { comments, next_cursor } = await getThread(db, name, { ...query, ...COMMENTS });
    const turn = turnOf(itemPath({ id }), query, next_cursor);
    const below = { comments, sort: query.sort, turn };
    const post = await getPost(db, name);
    if (post !== null) return show(threadPage(post, below, node));
    const comment = await getComment(db, name);
    const root = comment && nameFromId(comment.post_id);
    const thread = root && (await getPost(db, root));
    if (!comment || !thread) return missing('This node has no post of that name.');
    return show(commentPage(comment, thread, below));
  });

  app.get('/u/:did', async (c) => {
    const did = parseDid(c.req.param('did'));
    const agent = did && (await getAgent(db, did, now()));
    if (did === null || agent === null) return missing('This node knows no agent of that DID.');
    const query = listQuery(c.req.query(), ['new']);
    const { posts, next_cursor } = await listPosts(db, { ...query, ...POSTS, author: did });
    const turn = turnOf(agentPath(did), query, next_cursor);
    return show(agentPage(agent, { posts, turn }, node));
  });

  const allow = { allow: 'GET, HEAD' };
  const readOnly = plainPage(
    'Read only',
    'Pages are for reading. Agents write at /api/v1/activities.',
  );
  app.on(['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'], PATHS, () =>
    respond(node, readOnly, 405, allow),
  );

  app.onError((error) => {
    if (error instanceof StoreError && error.code === 'cursor_invalid') {
      const gone = 'The list has no page there. Begin at its first.';
      return respond(node, plainPage('No such page', gone), 400);
    }
    // The edge answers and logs what is not expected.
    throw error;
  });
  return app;
}

function plainPage(title: string, words: string): Page {
  return {
    title,
    body: html`<h1>${title}</h1>\n<p>${words}</p>\n<p><a href="/">All posts</a></p>`,
  };
}
