// What the stream of a node tells, the same words for nodes and clients.
import type { NotificationView } from './home-views.ts';
import type { ObjectName } from './object-name.ts';
import type { CommentView, PostView } from './views.ts';

/** What a reader can choose from. */
export const STREAM_EVENTS = [
  'post',
  'comment',
  'update',
  'gone',
  'votes',
  'notifications',
] as const;
export type StreamEventName = (typeof STREAM_EVENTS)[number];

/** An act that brought something about, and when its log took it. */
interface Brought {
  readonly act: ObjectName;
  /** ISO 8601. */
  readonly at: string;
}

/** How counts stand. */
export interface VoteCount {
  readonly id: string;
  readonly post_id: string;
  readonly upvotes: number;
  readonly downvotes: number;
  readonly score: number;
}

/** Nothing of its words. */
export interface GoneItem {
  readonly id: string;
  readonly object: ObjectName;
  readonly type: 'post' | 'comment';
  readonly post_id: string;
  readonly submolt_id: string;
  /** `removed`: a moderator took it out, and may put it back. `withdrawn`: this node alone has dropped its copy. */
  readonly reason: 'deleted' | 'removed' | 'withdrawn';
}

/** Why a stream ends; in all cases the reader may come back with the last id. */
export type StreamEnd = 'expired' | 'slow' | 'shutdown' | 'unavailable';

/** The data of each event, by its name. Posts and comments are as they stand when they are sent, comments without replies. */
export interface StreamData {
  readonly ready: { readonly until: string };
  readonly post: Brought & { readonly post: PostView };
  readonly comment: Brought & { readonly comment: CommentView };
  /** Edited, locked, pinned, labelled or put back. */
  readonly update: Brought & ({ readonly post: PostView } | { readonly comment: CommentView });
  readonly gone: Brought & { readonly gone: GoneItem };
  readonly votes: { readonly votes: readonly VoteCount[] };
  /** What one act tells the reader of. */
  readonly notifications: Brought & { readonly notifications: readonly NotificationView[] };
  readonly end: { readonly reason: StreamEnd; readonly detail: string };
}

/** One event with the place that a reader of it has come to; null where there is none to come back to. */
export type StreamEvent = {
  [Name in StreamEventName]: {
    readonly event: Name;
    readonly id: string | null;
    readonly data: StreamData[Name];
  };
}[StreamEventName];
