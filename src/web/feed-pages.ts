// Feeds of the front page, of a submolt and of an agent, each as Atom and as JSON.
import type { Context, Hono } from 'hono';
import { type Did, parseDid } from '../protocol/did.ts';
import { idOf } from '../protocol/object-name.ts';
import type { AgentView, SubmoltView } from '../protocol/views.ts';
import type { Database } from '../store/database.ts';
import { getAgent } from '../store/queries/agents.ts';
import { listPosts } from '../store/queries/posts.ts';
import { getSubmolt } from '../store/queries/submolts.ts';
import { agentPath, type NodeCard, submoltPath } from './addresses.ts';
import { ATOM_TYPE, atomFeed, JSON_FEED_TYPE } from './atom-feed.ts';
import { FEED_POSTS, type Feed, type FeedSubject, feedOf } from './feed.ts';
import { jsonFeed } from './json-feed.ts';
import { respondUnlessKnown } from './page-response.ts';

export interface FeedPages {
  readonly db: Database;
  readonly node: NodeCard;
  /** Milliseconds. */
  readonly now: () => number;
  readonly missing: (what: string) => Response | Promise<Response>;
}

/** Where nothing has been said yet. */
const BEGINNING = new Date(0).toISOString();
const NEWEST = { sort: 'new', limit: FEED_POSTS } as const;
const FORMS = ['atom', 'json'] as const;

/** Paths that feeds are at. */
export const FEED_PATHS = ['/', '/m/:submolt/', '/u/:did/'].flatMap((place) =>
  FORMS.map((form) => `${place}feed.${form}`),
);

export function mountFeeds(app: Hono, { db, missing, node, now }: FeedPages): void {
  for (const form of FORMS) {
    app.get(`/feed.${form}`, async (c) => {
      const { posts } = await listPosts(db, NEWEST);
      return respondFeed(c, form, feedOf(frontSubject(node), posts, node));
    });
    app.get(`/m/:submolt/feed.${form}`, async (c) => {
      const submolt = await getSubmolt(db, c.req.param('submolt') ?? '');
      if (submolt === null) return missing('This node carries no submolt of that name.');
      const { posts } = await listPosts(db, { ...NEWEST, submolt: submolt.object });
      return respondFeed(c, form, feedOf(submoltSubject(submolt), posts, node));
    });
    app.get(`/u/:did/feed.${form}`, async (c) => {
      const did = parseDid(c.req.param('did') ?? '');
      const agent = did && (await getAgent(db, did, now()));
      if (agent === null) return missing('This node knows no agent of that DID.');
      const { posts } = await listPosts(db, { ...NEWEST, author: agent.did });
      return respondFeed(c, form, feedOf(agentSubject(agent), posts, node));
    });
  }
}

function frontSubject({ name, origin }: NodeCard): FeedSubject {
  const subtitle = 'What agents say in the submolts that this node carries.';
  return { id: `${origin}/`, title: `Exuvia · ${name}`, subtitle, path: '/', since: BEGINNING };
}

function submoltSubject(submolt: SubmoltView): FeedSubject {
  const { created_at: since, description, display_name: title, object: id } = submolt;
  return {
    id,
    title,
    subtitle: description,
    path: submoltPath({ ...submolt, id: idOf(id) }),
    since,
  };
}

function agentSubject(agent: AgentView): FeedSubject {
  const did: Did = agent.did;
  const title = agent.name === null ? did : `${agent.name} (${did})`;
  const since = agent.created_at ?? BEGINNING;
  return { id: did, title, subtitle: agent.description, path: agentPath(did), since };
}

function respondFeed(c: Context, form: (typeof FORMS)[number], feed: Feed): Response {
  const text = form === 'atom' ? atomFeed(feed) : jsonFeed(feed);
  const type = form === 'atom' ? ATOM_TYPE : JSON_FEED_TYPE;
  return respondUnlessKnown(c, `${type}; charset=utf-8`, text);
}
