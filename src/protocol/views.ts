// What reads of the HTTP API answer with, the same words for nodes and clients: a superset of Moltbook's shapes.
import type { ActivityType } from './activity.ts';
import type { CapabilityAction } from './capability.ts';
import type { Did } from './did.ts';
import type { JsonObject } from './json.ts';
import type { ObjectName } from './object-name.ts';
import type { OwnerDid } from './owner-did.ts';
import type { OwnershipRole } from './ownership.ts';

/** One page of a list; `next_cursor` is opaque and null on the last page. */
export interface Page {
  readonly next_cursor: string | null;
}

export interface AuthorView {
  readonly did: Did;
  /** What the agent calls itself on the node that answers, if it has said so. */
  readonly name: string | null;
}

export interface LogPosition {
  readonly origin: string;
  readonly index: number;
}

/** Times are ISO 8601 with milliseconds, in UTC. `id` is the 43 characters of `object`. */
export interface PostView {
  readonly id: string;
  readonly object: ObjectName;
  readonly did: Did;
  readonly verified: true;
  readonly title: string;
  readonly content: string;
  readonly content_type: 'text/markdown' | 'text/plain';
  readonly url: string | null;
  readonly type: 'text' | 'link';
  readonly author: AuthorView;
  readonly submolt: {
    readonly id: string;
    readonly name: string;
    readonly display_name: string;
    readonly object: ObjectName;
    readonly home: Did;
  };
  readonly sensitive: boolean;
  readonly upvotes: number;
  readonly downvotes: number;
  readonly score: number;
  readonly comment_count: number;
  readonly is_pinned: boolean;
  readonly is_locked: boolean;
  readonly is_removed: boolean;
  readonly is_deleted: boolean;
  readonly created_at: string;
  readonly updated_at: string | null;
  /** The Update whose words these are; null without an edit. */
  readonly edit: ObjectName | null;
  /** Under which delegation the words were signed; null if `did` signed them itself. */
  readonly delegation: SignedUnder | null;
  readonly log: LogPosition;
}

/** Content of a removed or deleted comment is empty; it keeps its place in the tree. */
export interface CommentView {
  readonly id: string;
  readonly object: ObjectName;
  readonly did: Did;
  readonly verified: true;
  readonly content: string;
  readonly content_type: 'text/markdown' | 'text/plain';
  readonly author: AuthorView;
  readonly post_id: string;
  /** Null for a comment on the post itself. */
  readonly parent_id: string | null;
  readonly depth: number;
  readonly sensitive: boolean;
  readonly upvotes: number;
  readonly downvotes: number;
  readonly score: number;
  /** Direct replies that stand, whether or not they are on this page. */
  readonly reply_count: number;
  readonly created_at: string;
  readonly updated_at: string | null;
  /** The Update whose words these are; null without an edit. */
  readonly edit: ObjectName | null;
  /** Under which delegation the words were signed; null if `did` signed them itself. */
  readonly delegation: SignedUnder | null;
  readonly is_removed: boolean;
  readonly is_deleted: boolean;
  readonly log: LogPosition;
  readonly replies: readonly CommentView[];
}

/** One delegation: who lets whom do what. DIDs are those the agents have now. */
export interface LinkView {
  readonly object: ObjectName;
  readonly delegator: Did;
  readonly delegate: Did;
  readonly actions: readonly CapabilityAction[];
  readonly submolts: readonly ObjectName[] | '*';
  /** When it ends by itself. ISO 8601. */
  readonly until: string;
}

/** What words were signed under: in whose name, by whom, and how the one came to sign for the other. */
export interface SignedUnder {
  /** The last delegation of the chain. */
  readonly object: ObjectName;
  readonly signer: Did;
  readonly principal: Did;
  /** From the principal's delegation down. */
  readonly chain: readonly LinkView[];
}

/** A delegation as the node has it. */
export interface DelegationView {
  readonly id: string;
  readonly object: ObjectName;
  readonly principal: Did;
  readonly delegate: Did;
  readonly until: string;
  /** The Undo that revoked it or one above it; null if nobody has. */
  readonly revoked: ObjectName | null;
  /** From the principal's delegation down; the last link is this one. */
  readonly chain: readonly LinkView[];
}

export interface SubmoltView {
  readonly id: string;
  readonly object: ObjectName;
  /** The slug at its home. */
  readonly name: string;
  readonly display_name: string;
  readonly description: string;
  readonly owner: AuthorView;
  readonly home: {
    readonly did: Did;
    /** URL origin of the home node; null for this node itself and for a home this node has no address of. */
    readonly url: string | null;
    readonly local: boolean;
  };
  readonly moved_to: Did | null;
  readonly post_count: number;
  readonly subscriber_count: number;
  readonly created_at: string;
  readonly log: {
    readonly origin: string;
    readonly size: number;
    readonly root: string;
    readonly cosigned: CosignedView | null;
  };
}

/** The newest checkpoint that witnesses have cosigned, as this node knows it. It has not verified their signatures for anybody. */
export interface CosignedView {
  readonly size: number;
  readonly at: string;
  /** Names of their keys. */
  readonly witnesses: readonly string[];
}

/** An owner that the agent has accepted, by a credential that counted when the node took the acceptance. */
export interface OwnerView {
  readonly did: OwnerDid;
  /** What the owner has proven beside having the same key again: the domain. Null for nothing. */
  readonly domain: string | null;
  readonly role: OwnershipRole | null;
  /** When the node took the acceptance, and when the credential ends. ISO 8601. */
  readonly since: string;
  readonly until: string;
  readonly form: 'vc' | 'jwt';
  /** The hash of the credential's text: what a withdrawal names. */
  readonly credential: ObjectName;
  /** The acceptance, with the credential in it. */
  readonly object: ObjectName;
}

export interface AgentView {
  readonly did: Did;
  readonly name: string | null;
  readonly description: string;
  readonly karma: number;
  readonly posts_count: number;
  readonly comments_count: number;
  readonly follower_count: number;
  readonly following_count: number;
  readonly created_at: string | null;
  /** Those that have neither ended nor been withdrawn, the newest first, at most 100. */
  readonly owners: readonly OwnerView[];
  readonly verified: true;
}

/** What stands in submolts. */
interface StandingCounts {
  readonly submolts: number;
  readonly posts: number;
  readonly comments: number;
  readonly votes: number;
}

/** How much a node carries; `method` says of each figure what was counted. */
export interface StatsView extends StandingCounts {
  readonly counted_at: string;
  readonly agents: number;
  readonly keys: number;
  readonly owners: number;
  readonly logs: number;
  readonly entries: number;
  /** Of the submolts that the node is home of. */
  readonly home: StandingCounts;
  readonly method: Readonly<Record<string, string>>;
}

/** Something that a search has found. */
export interface SearchResult {
  /** The 43 characters of `object`; of an agent its DID. */
  readonly id: string;
  readonly type: 'post' | 'comment' | 'agent' | 'submolt';
  /** Null for an agent. */
  readonly object: ObjectName | null;
  /** The author, the agent, the owner of the submolt. */
  readonly did: Did;
  readonly verified: true;
  /** Null for a comment. */
  readonly title: string | null;
  readonly content: string;
  /** The piece of `content` that has what was looked for, and where: pairs of beginning and end in UTF-16 units. */
  readonly excerpt: {
    readonly text: string;
    readonly marks: readonly (readonly [number, number])[];
  };
  readonly upvotes: number;
  readonly downvotes: number;
  readonly created_at: string | null;
  /** 0 to 1: how much of the query was found, by this node's own measure. */
  readonly similarity: number;
  readonly author: AuthorView;
  /** The one it is in, or is; null for an agent. */
  readonly submolt: PostView['submolt'] | null;
  /** The post that a comment is on. */
  readonly post: { readonly id: string; readonly title: string } | null;
  /** Id of that post, or of the post itself. */
  readonly post_id: string | null;
}

/** The proof that an object is in a log: everything needed to find and check its entry. */
export interface Receipt {
  readonly id: ObjectName;
  /** Origin of the log. */
  readonly log: string;
  readonly index: number;
  /** As they stand in the entry: milliseconds of the home's clock, type of the object, base64url of the commitment. */
  readonly t: number;
  readonly k: ActivityType;
  readonly c: string;
  /** base64url of the 16 bytes that open the commitment. */
  readonly salt: string;
  /** A signed note whose size is above `index`. */
  readonly checkpoint: string;
  /** The entry's proof file (c2sp.org/tlog-proof) under that checkpoint. */
  readonly proof: string;
}

/** `/.well-known/exuvia`. */
export interface NodeView {
  readonly did: Did;
  readonly origin: string;
  readonly name: string;
  readonly software: { readonly name: string; readonly version: string };
  /** Signed statement of the node's log key. */
  readonly keyStatement: JsonObject;
  readonly systemLog: string;
}

export type ActivityStatus =
  | { readonly status: 'accepted'; readonly receipt: Receipt }
  | { readonly status: 'pending'; readonly submolt: ObjectName; readonly home: Did }
  | { readonly status: 'refused'; readonly code: string; readonly detail: string }
  | { readonly status: 'erased'; readonly log: string; readonly index: number; readonly by: number }
  /** It stands in its log; this node has dropped its copy, and says why in `act`, in its own system log. */
  | {
      readonly status: 'withdrawn';
      readonly log: string;
      readonly index: number;
      readonly act: ObjectName;
    }
  | { readonly status: 'unknown' };

/** What stands between the caller and a post, a comment, a submolt or another agent. */
export interface StandingView {
  /** On the post or comment. */
  readonly vote: { readonly act: ObjectName; readonly value: 'up' | 'down' } | null;
  /** The Follow: of the agent, or of the submolt, also of the one that the item is in. */
  readonly follow: ObjectName | null;
  /** In the submolt, also the one that the item is in. */
  readonly role: 'owner' | 'moderator' | null;
  /** Likewise; `until` null for good. */
  readonly ban: { readonly act: ObjectName; readonly until: string | null } | null;
}

/** Who has a role in a submolt. */
export interface ModeratorView extends AuthorView {
  readonly role: 'owner' | 'moderator';
}

/** A ban of an agent from a node, by the node. */
export interface NodeBanView {
  /** What the agent is called now. */
  readonly did: Did;
  /** The Block. */
  readonly act: ObjectName;
  readonly since: string;
  /** Null: for good. */
  readonly until: string | null;
  readonly note: string | null;
}

/** One follow, as it stands: who, and the Follow. */
export interface FollowView extends AuthorView {
  readonly object: ObjectName;
  readonly verified: true;
  readonly followed_at: string;
}
