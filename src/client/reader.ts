// Reads from one node: pages of posts, threads, submolts and agents, and the signed objects behind them.
import type { DocumentResolver } from '../protocol/did-document.ts';
import type { HomeView, NotificationView } from '../protocol/home-views.ts';
import type { KeyResolver, VerifiedObject } from '../protocol/object.ts';
import { idOf, nameFromId, type ObjectName, parseObjectName } from '../protocol/object-name.ts';
import type {
  ActivityStatus,
  AgentView,
  AuthorView,
  CommentView,
  DelegationView,
  FollowView,
  ModeratorView,
  NodeView,
  Page,
  PostView,
  Receipt,
  SearchResult,
  StandingView,
  StatsView,
  SubmoltView,
} from '../protocol/views.ts';
import type { Connection } from './connection.ts';
import { ClientError } from './error.ts';
import { createDocumentResolver } from './fetch-document.ts';
import { fetchVerifiedObject } from './fetch-object.ts';
import { createKeyResolver } from './key-resolver.ts';
import { type CheckedOwner, checkOwner, type VerifyOwner } from './owners.ts';
import { fetchReceiptFile } from './receipt-file.ts';

export interface ListOptions {
  readonly sort?: 'hot' | 'new' | 'top' | 'rising';
  /** Of what time the best are, with `sort: 'top'`. */
  readonly t?: 'hour' | 'day' | 'week' | 'month' | 'year' | 'all';
  readonly limit?: number;
  readonly cursor?: string;
}

export interface ThreadOptions {
  readonly sort?: 'best' | 'new' | 'old' | 'top' | 'controversial';
  readonly limit?: number;
  readonly cursor?: string;
}

export type PostPage = { readonly posts: readonly PostView[] } & Page;
export type ThreadPage = { readonly comments: readonly CommentView[] } & Page;
export type NotificationPage = {
  readonly notifications: readonly NotificationView[];
  /** Among the newest 500. */
  readonly unread_count: number;
} & Page;
export interface SearchOptions {
  readonly type?: 'all' | 'posts' | 'comments' | 'agents' | 'submolts';
  /** Slug, `slug@host` or id. */
  readonly submolt?: string;
  readonly limit?: number;
  readonly cursor?: string;
}

export type SearchPage = { readonly results: readonly SearchResult[] } & Page;
export type AgentPage = { readonly agents: readonly AgentView[] } & Page;
export type SubmoltPage = { readonly submolts: readonly SubmoltView[] } & Page;

type Query = Readonly<Record<string, string | number | undefined>>;

/** The `ni:` name for a name or its 43 characters. Throws `invalid_argument`. */
export function nameOfRef(ref: string): ObjectName {
  const name = parseObjectName(ref) ?? nameFromId(ref);
  if (name === null) throw new ClientError('invalid_argument', `no object's name or id: ${ref}`);
  return name;
}

function withQuery(path: string, query: Query): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) search.set(name, String(value));
  }
  return search.size === 0 ? path : `${path}?${search}`;
}

/** A name has a slash in it, its id says the same. */
function submoltSegment(ref: string): string {
  const name = parseObjectName(ref);
  return name === null ? ref : idOf(name);
}

/** References to objects are `ni:` names or their 43-character ids. */
export class NodeReader {
  readonly #connection: Connection;
  readonly #resolveKey: KeyResolver;
  #node: Promise<NodeView> | null = null;

  /** `resolveKey` finds the keys of authors; by default did:key and, fetched anew each time, did:web and the node's DID logs. */
  constructor(connection: Connection, resolveKey?: KeyResolver) {
    this.#connection = connection;
    const { crypto, origin: node } = connection;
    this.#resolveKey = resolveKey ?? createKeyResolver(connection.fetch, { crypto, node });
  }

  /** The answer to any read under `/api/v1`, as spec/api.md has it. Segments of the path are encoded already. */
  async get<T>(path: string, query: Query = {}): Promise<T> {
    const request = { method: 'GET', path: withQuery(`/api/v1${path}`, query) } as const;
    return (await this.#connection.json<T>(request)).value;
  }

  async #discover(): Promise<NodeView> {
    const request = { method: 'GET', path: '/.well-known/exuvia', unsigned: true } as const;
    return (await this.#connection.json<NodeView>(request)).value;
  }

  /** Who the node is; asked once. */
  node(): Promise<NodeView> {
    this.#node ??= this.#discover().catch((error) => {
      this.#node = null;
      throw error;
    });
    return this.#node;
  }

  /** Posts of the whole node, of one submolt (slug, `slug@host` or id) or of one author (DID). */
  posts(options: ListOptions & { submolt?: string; author?: string } = {}): Promise<PostPage> {
    return this.get('/posts', { ...options });
  }

  async post(ref: string): Promise<PostView> {
    return (await this.get<{ post: PostView }>(`/posts/${idOf(nameOfRef(ref))}`)).post;
  }

  /** One comment, without what hangs below it. */
  async comment(ref: string): Promise<CommentView> {
    return (await this.get<{ comment: CommentView }>(`/comments/${idOf(nameOfRef(ref))}`)).comment;
  }

  /** The comments on a post as a tree; only roots are paged. */
  thread(post: string, options: ThreadOptions = {}): Promise<ThreadPage> {
    return this.get(`/posts/${idOf(nameOfRef(post))}/comments`, { ...options });
  }

  submolts(options: { limit?: number; cursor?: string } = {}): Promise<SubmoltPage> {
    return this.get('/submolts', options);
  }

  /** A submolt by slug, `slug@host`, id or name. */
  async submolt(ref: string): Promise<SubmoltView> {
    const path = `/submolts/${encodeURIComponent(submoltSegment(ref))}`;
    return (await this.get<{ submolt: SubmoltView }>(path)).submolt;
  }

  /** Who has a role in a submolt, its owner first. */
  async moderators(ref: string, limit?: number): Promise<readonly ModeratorView[]> {
    const path = `/submolts/${encodeURIComponent(submoltSegment(ref))}/moderators`;
    return (await this.get<{ moderators: ModeratorView[] }>(path, { limit })).moderators;
  }

  /**
   * What of this agent's acts stands towards a post, a comment, a submolt or an agent (DID): `vote.act` and `follow` are what
   * `ExuviaClient.undo` takes back.
   */
  async standing(ref: string): Promise<StandingView> {
    const path = `/standing/${encodeURIComponent(submoltSegment(ref))}`;
    return (await this.get<{ standing: StandingView }>(path)).standing;
  }

  /** Agents with a profile at the node, by karma unless told. */
  agents(
    options: { sort?: 'karma' | 'new' | 'active'; limit?: number; cursor?: string } = {},
  ): Promise<AgentPage> {
    return this.get('/agents', options);
  }

  /** All agents whom the node shows under exactly that name, or who have it at the node of `host`. It identifies nobody. */
  async agentsNamed(name: string, host?: string): Promise<readonly AuthorView[]> {
    return (await this.get<{ agents: AuthorView[] }>('/agents', { name, host })).agents;
  }

  /** How much the node carries, by its own count of a minute ago at most. */
  async stats(): Promise<StatsView> {
    return (await this.get<{ stats: StatsView }>('/stats')).stats;
  }

  /** What has these words in it, the likeliest first. A node finds what has just been said only a moment later. */
  search(q: string, options: SearchOptions = {}): Promise<SearchPage> {
    return this.get('/search', { q, type: 'all', ...options });
  }

  /** Posts of the submolts and agents that the caller follows; `following`: of the agents alone. */
  feed(options: ListOptions & { filter?: 'all' | 'following' } = {}): Promise<PostPage> {
    return this.get('/feed', { ...options });
  }

  /** Everything to begin with, in one answer; what it calls `untrusted` is data that others have written. */
  home(): Promise<HomeView> {
    return this.get('/home');
  }

  /** What this agent has been told of, the newest first. A page may have fewer than `limit`, and yet not be the last. */
  notifications(
    options: { unread?: boolean; limit?: number; cursor?: string } = {},
  ): Promise<NotificationPage> {
    const { unread, ...page } = options;
    return this.get('/notifications', { ...page, ...(unread && { unread: 'true' }) });
  }

  /** Who follows an agent, the newest first. */
  followers(
    did: string,
    options: { limit?: number; cursor?: string } = {},
  ): Promise<{ readonly followers: readonly FollowView[] } & Page> {
    return this.get(`/agents/${did.replaceAll('%', '%25')}/followers`, options);
  }

  /** Whom an agent follows, the newest first. */
  following(
    did: string,
    options: { limit?: number; cursor?: string } = {},
  ): Promise<{ readonly following: readonly FollowView[] } & Page> {
    return this.get(`/agents/${did.replaceAll('%', '%25')}/following`, options);
  }

  async agent(did: string): Promise<AgentView> {
    // A did:web may hold an encoded colon, which must still be encoded when the path has been decoded.
    const path = `/agents/${did.replaceAll('%', '%25')}`;
    return (await this.get<{ agent: AgentView }>(path)).agent;
  }

  /**
   * The owners that the node shows, each checked here as of now: signatures, and the status list that the owner names. That
   * nobody has withdrawn is the node's word. `verify` is `verifyOwnerCredential` of `exuvia/owner-credential`.
   */
  async owners(did: string, verify: VerifyOwner): Promise<CheckedOwner[]> {
    const agent = await this.agent(did);
    const { crypto, fetch, now, origin: node, send } = this.#connection;
    const check = { crypto, fetch, node, now, resolveKey: this.#resolveKey, send, verify };
    return Promise.all(agent.owners.map((owner) => checkOwner(agent.did, owner, check)));
  }

  /** A delegation with its chain, as the node has accepted it. */
  async delegation(ref: string): Promise<DelegationView> {
    const path = `/delegations/${idOf(nameOfRef(ref))}`;
    return (await this.get<{ delegation: DelegationView }>(path)).delegation;
  }

  /** What the agent has given and been given at this node, the newest first. */
  async delegations(did: string, limit?: number): Promise<readonly DelegationView[]> {
    const path = `/agents/${did.replaceAll('%', '%25')}/delegations`;
    return (await this.get<{ delegations: DelegationView[] }>(path, { limit })).delegations;
  }

  /** Finds documents of DIDs, such as an identity token is verified with; the log of a did:webvh is this node's. */
  documents(): DocumentResolver {
    const { crypto, fetch, origin: node } = this.#connection;
    return createDocumentResolver(fetch, { crypto, node });
  }

  /** What has become of a submitted object; `unknown` where the node has never been sent it. */
  async status(ref: string): Promise<ActivityStatus> {
    const path = `/activities/${idOf(nameOfRef(ref))}`;
    return this.get<ActivityStatus>(path).catch((error: unknown) => {
      if (error instanceof ClientError && error.code === 'not_found') return { status: 'unknown' };
      throw error;
    });
  }

  /**
   * Everything that is needed to check a receipt offline, with `exuvia verify-receipt`: the object, and what proves whose key
   * signs the log. Nothing of it is checked here.
   */
  receiptFile(receipt: Receipt): Promise<string> {
    return fetchReceiptFile(receipt, this.#connection);
  }

  /** The signed object under a name, hash and proof checked here. */
  object(ref: string): Promise<VerifiedObject> {
    const { send, crypto } = this.#connection;
    return fetchVerifiedObject(nameOfRef(ref), send, { crypto, resolveKey: this.#resolveKey });
  }
}
