// What ActivityPub software reads: discovery, actors, views of posts and acts, collections. Open to everybody.
import { agentSegment, isSlug, parseAgentSegment } from '../../activitypub/addresses.ts';
import type { ActivityPubContext, ViewContext } from '../../activitypub/context.ts';
import {
  NODE_INFO_SCHEMA,
  type NodeFacts,
  NodeInfo,
  nodeInfoLinks,
  readWebFinger,
} from '../../activitypub/discovery.ts';
import { decideHost, describeForeign } from '../../activitypub/operate.ts';
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
import { receiveActivity } from '../../activitypub/receive-activity.ts';
import type { Did } from '../../protocol/did.ts';
import { parseIJson } from '../../protocol/json.ts';
import { idOf, nameFromId, type ObjectName } from '../../protocol/object-name.ts';
import { getAgent } from '../../store/queries/agents.ts';
import { countForeignFollowers } from '../../store/queries/foreign-followers.ts';
import { findHomeItem } from '../../store/queries/home-acts.ts';
import { getSubmolt } from '../../store/queries/submolts.ts';
import type { EdgeApp, EdgeContext } from '../edge.ts';
import type { InboxOutcome } from '../metrics.ts';
import { mount } from '../mount.ts';
import { ownKeyOnly } from '../own-key-only.ts';
import { ParameterError, segment, text } from '../parameters.ts';
import { refuse } from '../problem.ts';
import { success } from '../success.ts';
import { activityType } from '../wants-activity.ts';

export interface ActivityPubRoutes {
  readonly context: ActivityPubContext;
  /** `host[:port]` of the node. */
  readonly authority: string;
  readonly facts: NodeFacts;
  /** Told of what came to an inbox. */
  readonly received?: (outcome: InboxOutcome) => void;
}

const ACTIVITY_JSON = 'application/activity+json';
const NODE_INFO_TYPE = `application/json; profile="${NODE_INFO_SCHEMA}#"`;
/** What can be erased is asked for anew each time. */
const WHILE_THERE = 'public, no-cache';
/** Actors change seldom, but have words that can be erased: kept as briefly as pages are. */
const BRIEFLY = 'public, max-age=5';
/** Nobody's words. */
const FOR_MINUTES = 'public, max-age=300';

type Find = (context: ViewContext, c: EdgeContext) => Promise<Shown | null>;

export function mountActivityPub(app: EdgeApp, reads: ActivityPubRoutes): void {
  const { authority, context, facts } = reads;
  const nodeInfo = new NodeInfo(context, facts);

  mount(app, '/.well-known/webfinger', {
    async GET(c) {
      const resource = text(c, 'resource');
      if (resource === undefined) throw new ParameterError('resource', 'resource is missing.');
      const found = await readWebFinger(context, authority, resource);
      if (found !== null) return answer(found, 'application/jrd+json', BRIEFLY);
      return refuse(c, { code: 'not_found', detail: 'Nobody here is called so.' });
    },
  });
  mount(app, '/.well-known/nodeinfo', {
    GET: () => answer(nodeInfoLinks(context), 'application/json', FOR_MINUTES),
  });
  mount(app, '/nodeinfo/2.1', {
    GET: async () => answer(await nodeInfo.read(), NODE_INFO_TYPE, FOR_MINUTES),
  });

  const inbox = { POST: (c: EdgeContext) => answerInbox(c, reads) };
  mount(app, '/inbox', inbox);
  mount(app, '/c/:slug/inbox', inbox);
  mount(app, '/u/:agent/inbox', inbox);

  mount(app, '/federation/activitypub', {
    GET: ownKeyOnly(context.node, async () => success(await describeForeign(context))),
    POST: ownKeyOnly(context.node, (c) => decide(c, context)),
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
      BRIEFLY,
    ),
  );
  mount(
    app,
    '/c/:slug/outbox',
    show((_, c) => readGroupOutbox(context, slugOf(c), turnOf(c)), noPage),
  );
  mount(
    app,
    '/c/:slug/followers',
    show(async (_, c) => {
      const submolt = await findGroup(context, slugOf(c));
      if (submolt === null) return null;
      return followersOf(context, submolt, await countForeignFollowers(context.db, submolt.object));
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
    show((_, c) => readAgentOutbox(context, agentIn(c), turnOf(c)), noPage),
  );

  // Whoever has the address of a page gets to the document by it.
  pageOf(app, '/m/:submolt', async (c) => {
    const submolt = await getSubmolt(context.db, c.req.param('submolt') ?? '');
    return submolt?.home.local === true && isSlug(submolt.name) ? `/c/${submolt.name}` : null;
  });
  pageOf(app, '/post/:id', async (c) => {
    const name = nameFromId(c.req.param('id') ?? '');
    const item = name === null ? null : await findHomeItem(context.db, name);
    return item === null || !isSlug(item.slug) ? null : `/o/${idOf(item.name)}`;
  });

  // The page of an agent is at this address too, by its DID.
  app.get('/u/:agent', async (c, next) => {
    const named = c.req.param('agent') ?? '';
    const agent = parseAgentSegment(named);
    const type = activityType(c.req.header('accept'));
    if (agent !== null && type !== null) {
      const shown = await readAgent(context, agent);
      if (shown !== null) return answerShown(shown, type, BRIEFLY);
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

async function decide(c: EdgeContext, context: ActivityPubContext): Promise<Response> {
  const parsed = parseIJson(c.get('body'));
  if (!parsed.ok) return refuse(c, { code: parsed.reason, detail: parsed.detail });
  const caller = c.get('caller');
  const decision = await decideHost(context, caller, parsed.value);
  if (decision.ok) return success({ host: decision.host, denied: decision.denied });
  return refuse(c, { code: decision.code, detail: decision.detail });
}

async function answerInbox(
  c: EdgeContext,
  { context, received }: ActivityPubRoutes,
): Promise<Response> {
  const { method = '', rawHeaders, url = '' } = c.env.incoming;
  const headers = Array.from({ length: rawHeaders.length / 2 }, (_, i) => {
    return [rawHeaders[2 * i] as string, rawHeaders[2 * i + 1] as string] as const;
  });
  const { origin } = context;
  const request = { method, target: url, origin, headers, body: c.get('body') };
  const reception = await receiveActivity(context, request);
  received?.(reception.ok ? reception.outcome : 'refused');
  if (reception.ok) return new Response(null, { status: 202 });
  return refuse(c, { code: reception.code, detail: reception.detail });
}

/** Sends software from the page at `path` to the document that `find` names, if there is one. */
function pageOf(
  app: EdgeApp,
  path: string,
  find: (c: EdgeContext) => Promise<string | null>,
): void {
  app.get(path, async (c, next) => {
    const wanted = activityType(c.req.header('accept')) !== null;
    const document = wanted ? await find(c) : null;
    if (document !== null) return redirect(document);
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
function turnOf(c: EdgeContext): string | null {
  return text(c, 'page') ?? null;
}

function agentIn(c: EdgeContext): Did {
  return segment(c, 'agent', parseAgentSegment, 'an agent');
}
