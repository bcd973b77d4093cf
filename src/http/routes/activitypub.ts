// What ActivityPub software reads: discovery, actors, views of posts and acts, collections. Open to everybody.
import { agentSegment, isSlug, parseAgentSegment } from '../../activitypub/addresses.ts';
import type { ViewContext } from '../../activitypub/context.ts';
import {
  NODE_INFO_SCHEMA,
  type NodeFacts,
  nodeInfoLinks,
  readNodeInfo,
  readWebFinger,
} from '../../activitypub/discovery.ts';
import {
  findGroup,
  followersOf,
  readAct,
  readAgent,
  readAgentOutbox,
  readAnnounce,
  readFeatured,
  readGroup,
  readGroupOutbox,
  readItem,
  readModerators,
  type Shown,
} from '../../activitypub/read-views.ts';
import type { Did } from '../../protocol/did.ts';
import { nameFromId, type ObjectName } from '../../protocol/object-name.ts';
import { getAgent } from '../../store/queries/agents.ts';
import type { EdgeApp, EdgeContext } from '../edge.ts';
import { mount } from '../mount.ts';
import { ParameterError, segment, text } from '../parameters.ts';
import { refuse } from '../problem.ts';
import { activityType } from '../wants-activity.ts';

export interface ActivityPubReads {
  readonly context: ViewContext;
  /** `host[:port]` of the node. */
  readonly authority: string;
  readonly facts: NodeFacts;
  /** How many follow the submolt from elsewhere. */
  readonly followers: (submolt: ObjectName) => Promise<number>;
}

const ACTIVITY_JSON = 'application/activity+json';
const NODE_INFO_TYPE = `application/json; profile="${NODE_INFO_SCHEMA}#"`;
/** What can be erased is asked for anew each time; actors change seldom. */
const WHILE_THERE = 'public, no-cache';
const FOR_MINUTES = 'public, max-age=300';

type Find = (context: ViewContext, c: EdgeContext) => Promise<Shown | null>;

export function mountActivityPub(app: EdgeApp, reads: ActivityPubReads): void {
  const { authority, context, facts } = reads;

  mount(app, '/.well-known/webfinger', {
    async GET(c) {
      const resource = text(c, 'resource');
      if (resource === undefined) throw new ParameterError('resource', 'resource is missing.');
      const found = await readWebFinger(context, authority, resource);
      if (found !== null) return answer(found, 'application/jrd+json', FOR_MINUTES);
      return refuse(c, { code: 'not_found', detail: 'Nobody here is called so.' });
    },
  });
  mount(app, '/.well-known/nodeinfo', {
    GET: () => answer(nodeInfoLinks(context), 'application/json', FOR_MINUTES),
  });
  mount(app, '/nodeinfo/2.1', {
    GET: async () => answer(await readNodeInfo(context, facts), NODE_INFO_TYPE, FOR_MINUTES),
  });

  const show = (find: Find, page: (c: EdgeContext) => string | null, cache = WHILE_THERE) => ({
    GET: (c: EdgeContext) => showAt(c, context, { find, page, cache }),
  });
  const noPage = () => null;
  mount(
    app,
    '/c/:slug',
    show(
      (_, c) => readGroup(context, slugOf(c)),
      (c) => `/m/${slugOf(c)}`,
      FOR_MINUTES,
    ),
  );
  mount(
    app,
    '/c/:slug/outbox',
    show((_, c) => readGroupOutbox(context, slugOf(c), pageOf(c)), noPage),
  );
  mount(
    app,
    '/c/:slug/followers',
    show(async (_, c) => {
      const submolt = await findGroup(context, slugOf(c));
      if (submolt === null) return null;
      return followersOf(context, submolt, await reads.followers(submolt.object));
    }, noPage),
  );
  mount(
    app,
    '/c/:slug/moderators',
    show((_, c) => readModerators(context, slugOf(c)), noPage),
  );
  mount(
    app,
    '/c/:slug/featured',
    show((_, c) => readFeatured(context, slugOf(c)), noPage),
  );
  mount(
    app,
    '/c/:slug/announces/:id',
    show((_, c) => readAnnounce(context, slugOf(c), idIn(c)), noPage),
  );
  mount(
    app,
    '/o/:id',
    show(
      (_, c) => readItem(context, idIn(c)),
      (c) => `/post/${c.req.param('id')}`,
    ),
  );
  mount(
    app,
    '/a/:id',
    show((_, c) => readAct(context, idIn(c)), noPage),
  );
  mount(
    app,
    '/u/:agent/outbox',
    show((_, c) => readAgentOutbox(context, agentIn(c), pageOf(c)), noPage),
  );

  // The page of an agent is at this address too, by its DID.
  app.get('/u/:agent', async (c, next) => {
    const named = c.req.param('agent') ?? '';
    const agent = parseAgentSegment(named);
    const type = activityType(c.req.header('accept'));
    if (agent !== null && type !== null) {
      const shown = await readAgent(context, agent);
      if (shown !== null) return answerShown(shown, type, FOR_MINUTES);
      return refuse(c, { code: 'not_found', detail: 'This node knows no such agent.' });
    }
    if (agent !== null && !named.startsWith('did:') && named === agentSegment(agent)) {
      const known = await getAgent(context.db, agent, context.now());
      if (known !== null) return redirect(`/u/${known.did.replaceAll('%', '%25')}`);
    }
    await next();
    c.res.headers.append('vary', 'accept');
    return undefined;
  });
}

interface Address {
  readonly find: Find;
  /** The page for people about the same, if there is one. */
  readonly page: (c: EdgeContext) => string | null;
  readonly cache: string;
}

async function showAt(
  c: EdgeContext,
  context: ViewContext,
  { cache, find, page }: Address,
): Promise<Response> {
  const type = activityType(c.req.header('accept'));
  const elsewhere = type === null ? page(c) : null;
  if (elsewhere !== null && c.req.header('accept')?.includes('text/html')) {
    return redirect(elsewhere);
  }
  const shown = await find(context, c);
  if (shown === null) {
    return refuse(c, { code: 'not_found', detail: `There is nothing at ${c.req.path}.` });
  }
  return answerShown(shown, type ?? ACTIVITY_JSON, cache);
}

function answerShown({ document, kind }: Shown, type: string, cache: string): Response {
  // A trace of what is gone, with the status that says so.
  return answer(document, type, kind === 'gone' ? WHILE_THERE : cache, kind === 'gone' ? 410 : 200);
}

function answer(document: object, type: string, cache: string, status = 200): Response {
  const headers = { 'content-type': type, 'cache-control': cache, vary: 'accept' };
  return new Response(JSON.stringify(document), { status, headers });
}

function redirect(path: string): Response {
  const headers = { location: path, vary: 'accept', 'cache-control': 'no-cache' };
  return new Response(null, { status: 303, headers });
}

function slugOf(c: EdgeContext): string {
  return segment(c, 'slug', (slug) => (isSlug(slug) ? slug : null), 'the name of a submolt');
}

function idIn(c: EdgeContext): ObjectName {
  return segment(c, 'id', nameFromId, '43 characters of base64url');
}

/** Null for a collection itself. */
function pageOf(c: EdgeContext): string | null {
  return text(c, 'page') ?? null;
}

function agentIn(c: EdgeContext): Did {
  return segment(c, 'agent', parseAgentSegment, 'an agent');
}
