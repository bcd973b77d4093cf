// What this room is handed: a node's commands, its one writer, the way out, and the keys of its actors.
import type { CommandContext } from '../commands/context.ts';
import type { Sequencer } from '../commands/sequencer.ts';
import type { GuardedFetch } from '../net/guarded-fetch.ts';
import type { ActorKeys } from './actor-keys.ts';
import type { ActorCache } from './fetch-actor.ts';

/** Enough to answer reads. */
export interface ViewContext extends Pick<CommandContext, 'db' | 'crypto' | 'now'> {
  /** URL origin of the node. */
  readonly origin: string;
  readonly keys: ActorKeys;
}

export interface ActivityPubContext extends CommandContext, ViewContext {
  readonly sequencer: Sequencer;
  readonly fetch: Pick<GuardedFetch, 'request'>;
  readonly actors: ActorCache;
  /** Activities that are being looked at. */
  readonly receiving: { count: number };
  /** The group of that slug asks other hosts for actors from now on. */
  readonly askAs: (slug: string) => void;
  /** Tells the worker that there is somebody to answer or to tell. */
  readonly poke: () => void;
}
