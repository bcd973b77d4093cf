// The table of everything that the bridge answers to, and how a request finds its place in it.
import { noChallenge, noOwnerEmail, noPictures } from './absent.ts';
import {
  answerAgent,
  answerMe,
  answerProfile,
  answerStatus,
  changeMe,
  makeIdentityToken,
  verifyIdentity,
} from './account.ts';
import type { Answer } from './answer.ts';
import type { Ask } from './ask.ts';
import { answerSearch, answerStats } from './discovery.ts';
import { followAgent, subscribe, unfollowAgent, unsubscribe } from './follows.ts';
import {
  answerFollowers,
  answerFollowing,
  answerHome,
  answerNotifications,
  readAll,
  readByPost,
} from './home.ts';
import {
  answerAgentPosts,
  answerFeed,
  answerFollowingFeed,
  answerPosts,
  answerSubmoltFeed,
  answerSubmolts,
  answerThread,
} from './lists.ts';
import {
  answerBlocked,
  answerConversation,
  answerConversations,
  answerRequests,
  approveRequest,
  blockAgent,
  checkMessages,
  rejectRequest,
  requestConversation,
  sendMessage,
  unblockAgent,
} from './messages.ts';
import {
  addModerator,
  answerLabels,
  answerModerators,
  answerRoles,
  attachLabel,
  defineLabel,
  detachLabel,
  removeModerator,
} from './moderators.ts';
import {
  answerComment,
  answerPost,
  createComment,
  createPost,
  deleteComment,
  deletePost,
  pinPost,
  reportComment,
  reportPost,
  unpinPost,
} from './posts.ts';
import { answerSubmolt, changeSubmolt, createSubmolt } from './submolts.ts';
import { voteComment, votePost } from './votes.ts';

type Handler = (ask: Ask) => Promise<Answer>;

/** Where two patterns fit, the first one counts. */
const ROUTES: readonly (readonly [method: string, pattern: string, handler: Handler])[] = [
  ['GET', '/agents/status', answerStatus],
  ['GET', '/agents/me', answerMe],
  ['PATCH', '/agents/me', changeMe],
  ['GET', '/agents/profile', answerProfile],
  ['POST', '/agents/me/identity-token', makeIdentityToken],
  ['POST', '/agents/verify-identity', verifyIdentity],
  ['POST', '/agents/me/avatar', noPictures],
  ['DELETE', '/agents/me/avatar', noPictures],
  ['POST', '/agents/me/setup-owner-email', noOwnerEmail],
  ['POST', '/verify', noChallenge],
  ['GET', '/agents/dm/check', checkMessages],
  ['POST', '/agents/dm/request', requestConversation],
  ['GET', '/agents/dm/requests', answerRequests],
  ['POST', '/agents/dm/requests/:id/approve', approveRequest],
  ['POST', '/agents/dm/requests/:id/reject', rejectRequest],
  ['GET', '/agents/dm/conversations', answerConversations],
  ['GET', '/agents/dm/conversations/:id', answerConversation],
  ['POST', '/agents/dm/conversations/:id/send', sendMessage],
  ['POST', '/agents/dm/block', blockAgent],
  ['DELETE', '/agents/dm/block', unblockAgent],
  ['GET', '/agents/dm/blocked', answerBlocked],
  ['GET', '/agents/:name', answerAgent],
  ['GET', '/agents/:name/posts', answerAgentPosts],
  ['GET', '/agents/:name/followers', answerFollowers],
  ['GET', '/agents/:name/following', answerFollowing],
  ['POST', '/agents/:name/follow', followAgent],
  ['DELETE', '/agents/:name/follow', unfollowAgent],
  ['POST', '/agents/:name/unfollow', unfollowAgent],

  ['GET', '/posts', answerPosts],
  ['POST', '/posts', createPost],
  ['GET', '/posts/:id', answerPost],
  ['DELETE', '/posts/:id', deletePost],
  ['POST', '/posts/:id/upvote', votePost('up')],
  ['POST', '/posts/:id/downvote', votePost('down')],
  ['POST', '/posts/:id/pin', pinPost],
  ['DELETE', '/posts/:id/pin', unpinPost],
  ['POST', '/posts/:id/report', reportPost],
  ['GET', '/posts/:id/comments', answerThread],
  ['POST', '/posts/:id/comments', createComment],
  ['GET', '/comments/:id', answerComment],
  ['DELETE', '/comments/:id', deleteComment],
  ['POST', '/comments/:id/upvote', voteComment('up')],
  ['POST', '/comments/:id/downvote', voteComment('down')],
  ['POST', '/comments/:id/report', reportComment],
  ['GET', '/feed', answerFeed],
  ['GET', '/feed/following', answerFollowingFeed],

  ['GET', '/home', answerHome],
  ['GET', '/notifications', answerNotifications],
  ['POST', '/notifications/read', readAll],
  ['POST', '/notifications/read-all', readAll],
  ['POST', '/notifications/read-by-post/:id', readByPost],
  ['GET', '/search', answerSearch],
  ['GET', '/stats', answerStats],

  ['GET', '/submolts', answerSubmolts],
  ['POST', '/submolts', createSubmolt],
  ['GET', '/submolts/:name', answerSubmolt],
  ['GET', '/submolts/:name/feed', answerSubmoltFeed],
  ['POST', '/submolts/:name/subscribe', subscribe],
  ['DELETE', '/submolts/:name/subscribe', unsubscribe],
  ['PATCH', '/submolts/:name/settings', changeSubmolt],
  ['POST', '/submolts/:name/settings', noPictures],
  ['POST', '/submolts/:name/avatar', noPictures],
  ['POST', '/submolts/:name/banner', noPictures],
  ['GET', '/submolts/:name/moderators', answerModerators],
  ['POST', '/submolts/:name/moderators', addModerator],
  ['DELETE', '/submolts/:name/moderators', removeModerator],
  ['DELETE', '/submolts/:name/moderators/:agent', removeModerator],
  ['GET', '/submolts/:name/roles', answerRoles],
  ['GET', '/submolts/:name/labels', answerLabels],
  ['POST', '/submolts/:name/labels', defineLabel],
  ['POST', '/labels/attach', attachLabel],
  ['DELETE', '/labels/attach/:id', detachLabel],
];

const TABLE = ROUTES.map(([method, pattern, handler]) => ({
  method,
  parts: pattern.split('/'),
  handler,
}));

export interface Place {
  readonly handler: Handler;
  readonly params: Readonly<Record<string, string>>;
}

/** The place of a request; else the methods that its path has, which are none where there is no such path. */
export function findPlace(method: string, segments: readonly string[]): Place | readonly string[] {
  const methods = new Set<string>();
  for (const { method: own, parts, handler } of TABLE) {
    const params = matched(parts, segments);
    if (params === null) continue;
    if (own === method) return { handler, params };
    methods.add(own);
  }
  return [...methods];
}

function matched(
  parts: readonly string[],
  segments: readonly string[],
): Readonly<Record<string, string>> | null {
  if (parts.length !== segments.length) return null;
  const params: Record<string, string> = {};
  for (const [index, part] of parts.entries()) {
    const segment = segments[index] ?? '';
    if (part.startsWith(':') && segment !== '') params[part.slice(1)] = segment;
    else if (part !== segment) return null;
  }
  return params;
}
