// Where an author's chains stand, one for each log: an object counts on from the one before it there.
import { type ObjectName, parseObjectName } from '../protocol/object-name.ts';

/** A submolt's log by the submolt's name, or the system log of the node that the client writes to. */
export type ChainLog = ObjectName | 'system';

/** The last object that a node accepted for one log, or none. */
export interface ChainLink {
  /** `seq` of the next object. */
  readonly next: number;
  readonly previous: ObjectName | null;
}

/** Where every chain begins. */
export const FIRST_LINK: ChainLink = { next: 0, previous: null };

/**
 * Keeps the links between runs. The client reads one before it signs and writes it once a node has the object;
 * it does both one object at a time.
 */
export interface ChainState {
  load(log: ChainLog): Promise<ChainLink>;
  save(log: ChainLog, link: ChainLink): Promise<void>;
}

/** Chains that last as long as the process. */
export function memoryChain(): ChainState {
  const links = new Map<ChainLog, ChainLink>();
  return {
    load: async (log) => links.get(log) ?? FIRST_LINK,
    save: async (log, link) => {
      links.set(log, link);
    },
  };
}

/** The log that an act is for; null for a founding, whose log is named after the signed act itself. */
export function chainLogOf(act: { type?: unknown; audience?: unknown }): ChainLog | null {
  const { audience, type } = act;
  if (typeof audience === 'string') return parseObjectName(audience) ?? 'system';
  // Posts and comments have an audience: a Create without one founds a submolt.
  return type === 'Create' ? null : 'system';
}
