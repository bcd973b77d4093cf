// What this room is handed, and what it is asked for by the routes: the same database and clock as the commands, and the actors' keys.
import type { CommandContext } from '../commands/context.ts';
import type { ActorKeys } from './actor-keys.ts';

/** Enough to answer reads. */
export interface ViewContext extends Pick<CommandContext, 'db' | 'crypto' | 'now'> {
  /** URL origin of the node. */
  readonly origin: string;
  readonly keys: ActorKeys;
}
