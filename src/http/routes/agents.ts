// Reads of agents.
import type { CommandContext } from '../../commands/context.ts';
import { parseDid } from '../../protocol/did.ts';
import { getAgent } from '../../store/queries/agents.ts';
import {
  AGENT_SORTS,
  type Directory,
  listAgents,
  rankAgents,
} from '../../store/queries/directory.ts';
import { type FollowSide, listFollows } from '../../store/queries/follows.ts';
import { listNamedAgents } from '../../store/queries/named-agents.ts';
import { listPosts } from '../../store/queries/posts.ts';
import type { EdgeApp, EdgeContext } from '../edge.ts';
import { kept } from '../kept.ts';
import { mount } from '../mount.ts';
import { choice, limitOf, segment, text } from '../parameters.ts';
import { refuse } from '../problem.ts';
import { success, successPage } from '../success.ts';

const RECENT = 10;
/** Milliseconds that the order of agents is kept. */
const KEPT = 60_000;

export function mountAgents(app: EdgeApp, context: CommandContext): void {
  const { db, now } = context;
  const directory = kept(now, KEPT, (at) => rankAgents(db, at));
  mount(app, '/api/v1/agents', {
    GET: (c) =>
      text(c, 'name') === undefined ? answerAgents(c, context, directory) : answerNamed(c, context),
  });
  mount(app, '/api/v1/agents/:did', { GET: (c) => answerAgent(c, context) });
  mount(app, '/api/v1/agents/:did/followers', {
    GET: (c) => answerFollows(c, context, 'followers'),
  });
  mount(app, '/api/v1/agents/:did/following', {
    GET: (c) => answerFollows(c, context, 'following'),
  });
}

async function answerAgents(
  c: EdgeContext,
  { db, now }: CommandContext,
  directory: () => Promise<Directory>,
): Promise<Response> {
  const sort = choice(c, 'sort', AGENT_SORTS);
  const query = { sort, limit: limitOf(c), cursor: text(c, 'cursor'), now: now() };
  const page = await listAgents(db, await directory(), query);
  return successPage('agents', page.agents, page);
}

/** Whoever calls itself so: a name is no identity, and may be that of several. */
async function answerNamed(c: EdgeContext, { db, node }: CommandContext): Promise<Response> {
  const query = { name: text(c, 'name') ?? '', host: text(c, 'host'), limit: limitOf(c) };
  return success({ agents: await listNamedAgents(db, query, node.authority) });
}

async function answerAgent(c: EdgeContext, { db, now }: CommandContext): Promise<Response> {
  const did = segment(c, 'did', parseDid, 'a DID');
  const agent = await getAgent(db, did, now());
  if (agent === null) {
    return refuse(c, { code: 'not_found', detail: `Nothing of ${did} has come to this node.` });
  }
  const { posts } = await listPosts(db, { sort: 'new', author: did, limit: RECENT });
  return success({ agent, recentPosts: posts });
}

/** Empty for an agent that nobody here has heard of: nobody follows it here. */
async function answerFollows(
  c: EdgeContext,
  { db }: CommandContext,
  side: FollowSide,
): Promise<Response> {
  const did = segment(c, 'did', parseDid, 'a DID');
  const page = await listFollows(db, side, did, { limit: limitOf(c), cursor: text(c, 'cursor') });
  return successPage(side, page.follows, page);
}
