// Posts, comments, agents and submolts in the members that Moltbook's clients look for, and in Exuvia's own beside them.
import { type Did, didWebToUrl } from '../protocol/did.ts';
import type {
  AgentView,
  AuthorView,
  CommentView,
  PostView,
  SubmoltView,
} from '../protocol/views.ts';
import type { Dialect } from './dialect.ts';

type Members = Readonly<Record<string, unknown>>;

/** What a shape depends on. */
export interface Manner {
  readonly dialect: Dialect;
  /** `host[:port]` of the node: what is at home there is called by its name alone. */
  readonly authority: string;
  /** Its DID. */
  readonly node: Did;
}

/** The agent's own vote, where it was asked for. */
export type OwnVote = 'up' | 'down' | null;

/** A submolt as it is mentioned: the node's own by its name alone, others by the host of their homes, or else by their ids. */
export function placeShape(place: PostView['submolt'], { node }: Manner) {
  const { home, id, name } = place;
  const host = didWebToUrl(home);
  const elsewhere = host === null ? id : `${name}@${new URL(host).host}`;
  return { ...place, name: home === node ? name : elsewhere };
}

/** By this name the same submolt is found again: a slug alone would be that of the node's own submolt. */
export function submoltName(slug: string, logOrigin: string, authority: string): string {
  const [home = ''] = logOrigin.split('/log/');
  return home === authority ? slug : `${slug}@${home}`;
}

/** Clients need a name; who has given none is called by its DID. */
export function authorShape({ did, name }: AuthorView) {
  return { id: did, did, name: name ?? did };
}

export function postShape(post: PostView, { dialect, authority }: Manner, own?: OwnVote): Members {
  const author = authorShape(post.author);
  const name = submoltName(post.submolt.name, post.log.origin, authority);
  const live = { ...post, author, author_id: author.did, submolt_name: name };
  if (dialect.manner === 'live') return { ...live, submolt: { ...post.submolt, name } };
  const { created_at, updated_at, comment_count, type } = post;
  return {
    ...live,
    submolt: name,
    submolt_id: post.submolt.id,
    submoltDisplayName: post.submolt.display_name,
    postType: type,
    post_type: type,
    commentCount: comment_count,
    ...authorSpellings(author),
    ...ownVote(own, dialect),
    createdAt: created_at,
    editedAt: updated_at,
  };
}

export function commentShape(comment: CommentView, manner: Manner, own?: OwnVote): Members {
  const author = authorShape(comment.author);
  const replies = comment.replies.map((reply) => commentShape(reply, manner));
  const live = { ...comment, author, author_id: author.did, replies };
  if (manner.dialect.manner === 'live') return live;
  const { created_at, updated_at, post_id, parent_id, depth, reply_count } = comment;
  return {
    ...live,
    postId: post_id,
    parentId: parent_id,
    // The published server counts from the comments on the post.
    depth: depth - 1,
    replyCount: reply_count,
    ...authorSpellings(author),
    ...ownVote(own, manner.dialect),
    createdAt: created_at,
    editedAt: updated_at,
  };
}

export function agentShape(agent: AgentView, { dialect }: Pick<Manner, 'dialect'>): Members {
  const { did, owners, posts_count, comments_count, follower_count, following_count } = agent;
  const live = {
    ...agent,
    id: did,
    name: agent.name ?? did,
    display_name: agent.name ?? did,
    // Somebody has signed that this agent is theirs, and the agent that it is so.
    is_claimed: owners.length > 0,
    // Owners are DIDs, not accounts at X.
    owner: null,
    avatar_url: null,
    stats: { posts: posts_count, comments: comments_count },
  };
  if (dialect.manner === 'live') return live;
  return {
    ...live,
    displayName: live.name,
    status: 'active',
    isClaimed: live.is_claimed,
    followerCount: follower_count,
    followingCount: following_count,
    postCount: posts_count,
    commentCount: comments_count,
    createdAt: agent.created_at,
  };
}

export interface OwnPlace {
  readonly subscribed: boolean;
  readonly role: 'owner' | 'moderator' | null;
}

export function submoltShape(
  submolt: SubmoltView,
  { dialect, authority }: Manner,
  place?: OwnPlace,
): Members {
  const { owner, display_name, post_count, subscriber_count, created_at, log } = submolt;
  const live = {
    ...submolt,
    name: submoltName(submolt.name, log.origin, authority),
    creator_id: owner.did,
    created_by: authorShape(owner),
    ...(place && { is_subscribed: place.subscribed }),
  };
  if (dialect.manner === 'live') return live;
  return {
    ...live,
    displayName: display_name,
    postCount: post_count,
    subscriberCount: subscriber_count,
    creatorId: owner.did,
    creatorName: owner.name ?? owner.did,
    createdAt: created_at,
    ...(place && { isSubscribed: place.subscribed, yourRole: place.role }),
  };
}

function authorSpellings({ did, name }: { did: string; name: string }): Members {
  return {
    authorId: did,
    authorName: name,
    author_name: name,
    authorDisplayName: name,
    author_display_name: name,
  };
}

function ownVote(own: OwnVote | undefined, { votes }: Dialect): Members {
  if (own === undefined) return {};
  const number = own === null ? 0 : own === 'up' ? 1 : -1;
  const said = votes === 'numbers' ? number : own;
  return { userVote: said, user_vote: said };
}
