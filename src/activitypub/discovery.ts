// How other software finds actors and learns what this node is: WebFinger (RFC 7033) and NodeInfo 2.1.
import { parseDid, subjectOf } from '../protocol/did.ts';
import type { JsonObject } from '../protocol/json.ts';
import { getAgent } from '../store/queries/agents.ts';
import { countUsage } from '../store/queries/home-acts.ts';
import {
  accountName,
  agentUrl,
  groupUrl,
  isSlug,
  parseAccountName,
  parseAgentSegment,
} from './addresses.ts';
import type { ViewContext } from './context.ts';
import { findGroup } from './read-views.ts';

const ACTIVITY_JSON = 'application/activity+json';

/**
 * The JRD for `acct:<slug>@host`, `acct:<agent>@host`, the address of an actor, the address of its page, or the DID of an agent;
 * null if nobody here is called so. `authority` is the node's host, with its port if it has one.
 */
export async function readWebFinger(
  context: ViewContext,
  authority: string,
  resource: string,
): Promise<JsonObject | null> {
  const named = nameIn(resource, context.origin, authority);
  if (named === null) return null;
  if ('slug' in named) {
    const submolt = await findGroup(context, named.slug);
    if (submolt === null) return null;
    const id = groupUrl(context.origin, submolt.name);
    const page = `${context.origin}/m/${submolt.name}`;
    return descriptor(`acct:${submolt.name}@${authority}`, id, page, []);
  }
  const { agent } = named;
  const known = await getAgent(context.db, agent, context.now());
  if (known === null) return null;
  const id = agentUrl(context.origin, agent);
  const page = `${context.origin}/u/${known.did.replaceAll('%', '%25')}`;
  const account = accountName(agent);
  return descriptor(account === null ? id : `acct:${account}@${authority}`, id, page, [known.did]);
}

type Named =
  | { readonly slug: string }
  | { readonly agent: NonNullable<ReturnType<typeof parseDid>> };

function nameIn(resource: string, origin: string, authority: string): Named | null {
  if (resource.startsWith('acct:')) {
    const at = resource.lastIndexOf('@');
    if (at < 0 || resource.slice(at + 1).toLowerCase() !== authority) return null;
    const name = resource.slice('acct:'.length, at);
    // Slugs are lower case, and accounts are compared without regard to it; Multikeys are neither.
    if (isSlug(name.toLowerCase()) && name.length <= 30) return { slug: name.toLowerCase() };
    const agent = parseAccountName(name);
    return agent === null ? null : { agent };
  }
  if (resource.startsWith(`${origin}/`)) {
    const [, kind, segment = '', ...rest] = resource.slice(origin.length).split('/');
    if (rest.length > 0) return null;
    if (kind === 'c' || kind === 'm') return isSlug(segment) ? { slug: segment } : null;
    const agent = kind === 'u' ? parseAgentSegment(segment.replaceAll('%25', '%')) : null;
    return agent === null ? null : { agent };
  }
  const did = parseDid(resource);
  return did === null ? null : { agent: subjectOf(did) };
}

function descriptor(subject: string, id: string, page: string, more: string[]): JsonObject {
  return {
    subject,
    aliases: [...new Set([id, page, ...more])].filter((alias) => alias !== subject),
    links: [
      { rel: 'self', type: ACTIVITY_JSON, href: id },
      { rel: 'http://webfinger.net/rel/profile-page', type: 'text/html', href: page },
    ],
  };
}

export const NODE_INFO_SCHEMA = 'http://nodeinfo.diaspora.software/ns/schema/2.1';

/** Where the NodeInfo document is. */
export function nodeInfoLinks({ origin }: Pick<ViewContext, 'origin'>): JsonObject {
  return { links: [{ rel: NODE_INFO_SCHEMA, href: `${origin}/nodeinfo/2.1` }] };
}

export interface NodeFacts {
  readonly software: { readonly name: string; readonly version: string };
  /** Whether anybody with a key may write. */
  readonly open: boolean;
}

const COUNTED_EVERY_MS = 60_000;

/** Says what is counted anyway, and leaves out what would have to be guessed. Anybody may ask, so it is counted once a minute. */
export class NodeInfo {
  readonly #context: Pick<ViewContext, 'db' | 'now'>;
  readonly #facts: NodeFacts;
  #counted: { readonly at: number; readonly usage: ReturnType<typeof countUsage> } | null = null;

  constructor(context: Pick<ViewContext, 'db' | 'now'>, facts: NodeFacts) {
    this.#context = context;
    this.#facts = facts;
  }

  async read(): Promise<JsonObject> {
    const { agents, posts } = await this.#count();
    const { open, software } = this.#facts;
    return {
      version: '2.1',
      software: { ...software },
      protocols: ['activitypub'],
      services: { inbound: [], outbound: [] },
      openRegistrations: open,
      usage: { users: { total: agents }, localPosts: posts },
      metadata: {},
    };
  }

  #count(): ReturnType<typeof countUsage> {
    const { db, now } = this.#context;
    const at = now();
    if (this.#counted !== null && Math.abs(at - this.#counted.at) < COUNTED_EVERY_MS) {
      return this.#counted.usage;
    }
    const usage = countUsage(db);
    this.#counted = { at, usage };
    usage.catch(() => {
      this.#counted = null;
    });
    return usage;
  }
}
