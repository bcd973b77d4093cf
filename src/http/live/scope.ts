// What one reader of the stream wants: which items, and which events.
import type { Did } from '../../protocol/did.ts';
import type { StreamEventName } from '../../protocol/stream-events.ts';
import type { ItemPlace } from '../../store/queries/arrivals.ts';
import type { Following } from '../../store/queries/stream-items.ts';

export interface Scope {
  readonly events: ReadonlySet<StreamEventName>;
  /** Numbers of submolts; null for all. */
  readonly submolts: ReadonlySet<number> | null;
  /** Number of the post of a thread; null for all. */
  readonly thread: number | null;
  /** What the reader has joined and whom it follows; null for everything. */
  readonly feed: Feed | null;
  /** Subject of a reader who wants what it is told of, and nothing else; null for all others. */
  readonly notified: Did | null;
}

interface Feed {
  /** Subject of the reader: what it begins to follow changes what it wants. */
  readonly reader: Did;
  /** `following`: agents alone. */
  readonly filter: 'feed' | 'following';
  readonly read: () => Promise<Following>;
}

/** Whether what an arrival tells the reader of is about what it has asked for. */
export function wantsNotice({ submolts, thread }: Scope, item: ItemPlace | null): boolean {
  if (submolts !== null && (item === null || !submolts.has(item.submolt))) return false;
  return thread === null || item?.root === thread;
}

/** `following` is what the feed has read last. All that is given must hold. */
export function wantsItem(scope: Scope, item: ItemPlace, following: Following | null): boolean {
  if (scope.submolts !== null && !scope.submolts.has(item.submolt)) return false;
  if (scope.thread !== null && scope.thread !== item.root) return false;
  if (scope.feed === null) return true;
  if (following?.agents.has(item.author)) return true;
  return scope.feed.filter === 'feed' && (following?.submolts.has(item.submolt) ?? false);
}
