// The integers that stand for names and DIDs in all tables: those loaded, and new ones given out in memory.
import type { Did } from '../protocol/did.ts';
import type { ObjectName } from '../protocol/object-name.ts';

export interface NewObject {
  readonly id: number;
  readonly name: ObjectName;
  /** Null for a name that is only referred to. */
  readonly bytes: Uint8Array | null;
}

export interface NewAgent {
  readonly id: number;
  readonly did: Did;
}

/**
 * One write batch's numbers. New ones follow the highest of the same read batch; that no other writer
 * gave them out meanwhile is what the node's version guards.
 */
export class Numbering {
  readonly #objects = new Map<ObjectName, number>();
  readonly #agents = new Map<Did, number>();
  readonly #newObjects = new Map<ObjectName, NewObject>();
  readonly #newAgents: NewAgent[] = [];
  #lastObject = Number.NaN;
  #lastAgent = Number.NaN;
  #lastLog = Number.NaN;

  /** Says which numbers are taken; before that none is given out. */
  startAfter(last: {
    readonly object: number;
    readonly agent: number;
    readonly log: number;
  }): void {
    this.#lastObject = last.object;
    this.#lastAgent = last.agent;
    this.#lastLog = last.log;
  }

  learnObject(name: ObjectName, id: number): void {
    this.#objects.set(name, id);
  }

  learnAgent(did: Did, id: number): void {
    this.#agents.set(did, id);
  }

  /** The number of a name. Names the group mentions were looked up, so one that is not known is new. */
  object(name: ObjectName): number {
    const known = this.#objects.get(name);
    if (known !== undefined) return known;
    this.#lastObject += 1;
    this.#objects.set(name, this.#lastObject);
    this.#newObjects.set(name, { id: this.#lastObject, name, bytes: null });
    return this.#lastObject;
  }

  /** As `object`, for one whose bytes are to be stored. */
  addObject(name: ObjectName, bytes: Uint8Array): number {
    const id = this.object(name);
    this.#newObjects.set(name, { id, name, bytes });
    return id;
  }

  agent(did: Did): number {
    const known = this.#agents.get(did);
    if (known !== undefined) return known;
    this.#lastAgent += 1;
    this.#agents.set(did, this.#lastAgent);
    this.#newAgents.push({ id: this.#lastAgent, did });
    return this.#lastAgent;
  }

  newLog(): number {
    this.#lastLog += 1;
    return this.#lastLog;
  }

  get newObjects(): Iterable<NewObject> {
    return this.#newObjects.values();
  }

  get newAgents(): readonly NewAgent[] {
    return this.#newAgents;
  }
}
