// Matches every erased body with the later Delete that demanded it: nothing may be missing without one.
import type { Activity } from '../protocol/activity.ts';
import type { Did } from '../protocol/did.ts';
import { type ErasureGround, operatorGround } from '../protocol/erasure-grounds.ts';
import { hashOf, nameFromHash, type ObjectName } from '../protocol/object-name.ts';
import { isOwnWord, type Remains } from '../protocol/remains.ts';
import type { Findings } from './archive-findings.ts';
import type { EntryKind } from './entry.ts';

/** An erased body, as the archive records it. */
interface Erased {
  readonly index: number;
  readonly kind: EntryKind;
  readonly name: ObjectName;
  /** Of an act that does more than speak. */
  readonly remains: Remains | null;
}

/** The same while it waits for its tombstone: there may be millions, so no more is kept than is asked for. */
interface Waiting extends Pick<Erased, 'index' | 'kind' | 'name'> {
  /** Of what remains of an act, whether it was its author's own word; null where nothing does. */
  readonly ownWord: boolean | null;
}

/** Bodies that a tombstone explains which is erased itself: all that it explained, by whatever was passed on to it. */
interface Passed extends Awaited {
  /** Of the tombstone. */
  readonly name: ObjectName;
}

/** What waits for one tombstone. What was passed on stays together, however often it is passed on. */
interface Awaited {
  readonly bodies: Waiting[];
  readonly passed: Passed[];
}

/** Bodies by the ground on which they were erased: a purge shows as one. */
export type ErasureCounts = Readonly<Record<ErasureGround | 'withdrawn', number>>;

/** A Delete that was verified. */
export interface Tombstone {
  readonly index: number;
  /** The post or comment, or the agent whose profile texts go. */
  readonly target: ObjectName | Did;
  readonly actor: Did;
  /** Null if there is none; whoever was not entitled to it has erased all the same. */
  readonly ground: ErasureGround | null;
  /** What there would be for the words of any act: an author's ground does not reach all of them. */
  readonly groundOfLaw: ErasureGround | null;
}

export class Tombstones {
  readonly #findings: Findings;
  readonly #awaited = new Map<number, Awaited>();
  readonly #grounds = { author: 0, moderator: 0, legal: 0, gdpr: 0, illegal: 0, withdrawn: 0 };
  #count = 0;

  constructor(findings: Findings) {
    this.#findings = findings;
  }

  /** Bodies recorded as erased. */
  get count(): number {
    return this.#count;
  }

  /** Of these, those that a Delete explains. */
  get grounds(): ErasureCounts {
    return this.#grounds;
  }

  erased(erased: Erased, by: number): void {
    this.#count += 1;
    if (by <= erased.index) {
      // A Delete before the entry cannot have meant it.
      this.#missing(erased, `its tombstone, entry ${by}, is not later`);
      return;
    }
    const { index, kind, name, remains } = erased;
    const ownWord = remains && isOwnWord(remains);
    // A name that was cut out of a line would hold on to the line.
    this.#awaitedBy(by).bodies.push({ index, kind, name: nameFromHash(hashOf(name)), ownWord });
  }

  #awaitedBy(by: number): Awaited {
    const known = this.#awaited.get(by);
    if (known !== undefined) return known;
    const awaited = { bodies: [], passed: [] };
    this.#awaited.set(by, awaited);
    return awaited;
  }

  #take(by: number): Awaited {
    const awaited = this.#awaited.get(by) ?? { bodies: [], passed: [] };
    this.#awaited.delete(by);
    return awaited;
  }

  /**
   * A tombstone that is erased itself, by entry `by`: its author's word for what it erased went with it, so that this falls
   * to whoever erases the tombstone.
   */
  passOn({ index, name }: Erased, target: ObjectName | Did, by: number): void {
    const { explained, others } = divide(this.#take(index), target);
    for (const body of bodiesOf(others)) {
      this.#missing(body, `what remains of entry ${index} names another object`);
    }
    const { bodies, passed } = explained;
    if (bodies.length + passed.length > 0) this.#awaitedBy(by).passed.push({ name, ...explained });
  }

  /**
   * Settles what a Delete has erased: the post or comment it names, and the edits of it; or the texts of a profile. Whose
   * edits and texts they were is gone with their bodies, so that they lie before it is all that can be asked.
   */
  deleted({ actor, ground, groundOfLaw, index, target }: Tombstone): void {
    const awaited = this.#take(index);
    const ownWord = awaited.bodies.find(({ name }) => name === target)?.ownWord ?? null;
    const counts = ownWord === null || (ground === 'author' && ownWord);
    const counted = counts ? ground : groundOfLaw;
    if (ground !== null && counted === null) {
      this.#findings.add('unauthorised', `${actor} has no ground to erase ${target}`, index);
    }
    const { explained, others } = divide(awaited, target);
    if (counted !== null) for (const _ of bodiesOf(explained)) this.#grounds[counted] += 1;
    for (const body of bodiesOf(others)) {
      this.#missing(body, `the Delete at entry ${index}, by ${actor}, names another object`);
    }
  }

  /** The archive's maker has signed that it dropped the body. That is no tombstone: copies elsewhere may have it. */
  withdrawn(body: Erased, act: Activity | null, submolt: ObjectName | null): void {
    this.#count += 1;
    const ground = act?.type === 'Delete' ? operatorGround(act.reason) : null;
    const stated =
      act?.type === 'Delete' &&
      act.audience === undefined &&
      (act.origin ?? null) === submolt &&
      ground;
    // Of what an edit was, nothing is left to tell.
    const ofThis = body.kind === 'Update' || act?.object === body.name;
    if (act === null || !stated || !ofThis) {
      this.#missing(body, 'what is said to have withdrawn it does not');
      return;
    }
    this.#grounds.withdrawn += 1;
    this.#findings.add('withdrawn', `${act.actor} has withdrawn the body: ${ground}`, body.index);
  }

  /** Whatever still waits has no tombstone. */
  finish(): void {
    for (const [by, awaited] of this.#awaited) {
      for (const body of bodiesOf(awaited))
        this.#missing(body, `entry ${by} is no Delete that was verified`);
    }
    this.#awaited.clear();
  }

  #missing(body: Pick<Erased, 'index'>, why: string): void {
    this.#findings.add('missingBody', `the body is missing: ${why}`, body.index);
  }
}

/** Parts those who wait for a Delete of `target` into what it explains and what it does not. */
function divide({ bodies, passed }: Awaited, target: ObjectName | Did) {
  const explained: Awaited = { bodies: [], passed: [] };
  const others: Awaited = { bodies: [], passed: [] };
  const named = bodies.find(({ name }) => name === target);
  const isExplained = (body: Waiting): boolean => {
    if (body === named) return body.kind === 'Create' || body.ownWord !== null;
    if (body.kind !== 'Update' || body.ownWord !== null) return false;
    const isEdit = named?.kind === 'Create' && body.index > named.index;
    return isEdit || target.startsWith('did:');
  };
  for (const body of bodies) (isExplained(body) ? explained : others).bodies.push(body);
  for (const one of passed) (one.name === named?.name ? explained : others).passed.push(one);
  return { explained, others };
}

/** All of them. Not recursive: tombstones of tombstones may be more than a stack holds. */
function* bodiesOf(awaited: Awaited): Generator<Waiting> {
  const open = [awaited];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    yield* next.bodies;
    for (const one of next.passed) open.push(one);
  }
}
