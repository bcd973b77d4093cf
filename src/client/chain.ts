// Where an author's chain of objects stands: each object counts on from the one before, as evidence of gaps.
import type { ObjectName } from '../protocol/object-name.ts';

/** The last object that a node accepted, or none. */
export interface ChainLink {
  /** `seq` of the next object. */
  readonly next: number;
  readonly previous: ObjectName | null;
}

/**
 * Keeps the link between runs. The client reads it before it signs and writes it once a node has the object;
 * it does both one object at a time.
 */
export interface ChainState {
  load(): Promise<ChainLink>;
  save(link: ChainLink): Promise<void>;
}

/** A chain that lasts as long as the process. */
export function memoryChain(start: ChainLink = { next: 0, previous: null }): ChainState {
  let link = start;
  return {
    load: async () => link,
    save: async (saved) => {
      link = saved;
    },
  };
}
