// Public surface of `exuvia/client`.

export type {
  AnnouncementView,
  HomePostView,
  HomeView,
  NextStep,
  NotificationType,
  NotificationView,
  PostActivityView,
  SanctionView,
} from '../protocol/home-views.ts';
export type {
  GoneItem,
  StreamData,
  StreamEvent,
  StreamEventName,
  VoteCount,
} from '../protocol/stream-events.ts';
export type {
  ActivityStatus,
  AgentView,
  AuthorView,
  CommentView,
  DelegationView,
  FollowView,
  LinkView,
  LogPosition,
  ModeratorView,
  NodeView,
  OwnerView,
  Page,
  PostView,
  Receipt,
  SignedUnder,
  StandingView,
  SubmoltView,
} from '../protocol/views.ts';
export type { Submitted } from './author.ts';
export { type ChainLink, type ChainLog, type ChainState, memoryChain } from './chain.ts';
export type { ConnectionOptions } from './connection.ts';
export type { ActingUnder } from './delegations.ts';
export type { CommentContent, Grounds, PostContent } from './drafts.ts';
export { ClientError, type ClientFailure, type Problem } from './error.ts';
export { type ClientOptions, ExuviaClient, type KeyEnrolment } from './exuvia-client.ts';
export { createDocumentResolver, type ResolverOptions } from './fetch-document.ts';
export { createStatusListFetcher } from './fetch-status-list.ts';
export type { PinnedNode } from './guides.ts';
export {
  beat,
  type GuideChange,
  type HeartbeatOptions,
  type HeartbeatReport,
  type HeartbeatState,
  type HeartbeatStore,
  type PinnedGuides,
  type TodoItem,
} from './heartbeat.ts';
export type { Schedule } from './heartbeat-schedule.ts';
export {
  agentKeyOf,
  type IdentityKeys,
  type IdentityStorage,
  memoryIdentity,
} from './identity.ts';
export {
  createIdentity,
  endIdentity,
  finishChange,
  type IdentityChange,
  type IdentityContext,
  moveIdentity,
  publishIdentity,
  recoverIdentity,
  rotateKey,
} from './identity-acts.ts';
export { createKeyResolver } from './key-resolver.ts';
export {
  type AgentKey,
  agentUrlOf,
  createKey,
  type KeyIdentity,
  keyFromJwk,
  keyFromSeed,
  keyToJwk,
  type PrivateJwk,
} from './keys.ts';
export type { Moderation } from './moderation.ts';
export type { CheckedOwner, VerifyOwner } from './owners.ts';
export type { Published } from './publish-did-log.ts';
export type {
  ListOptions,
  NodeReader,
  NotificationPage,
  PostPage,
  SubmoltPage,
  ThreadOptions,
  ThreadPage,
} from './reader.ts';
export {
  createSignedFetch,
  createSignedOpen,
  type NodeRequest,
  type NodeResponse,
  type OpenRequest,
  type SignedFetch,
  type SignedFetchOptions,
  type SignedOpen,
} from './signed-fetch.ts';
export type { StreamOptions } from './stream.ts';
