// Matches every erased body with the later Delete that demanded it: nothing may be missing without one.
import type { Activity } from '../protocol/activity.ts';
import type { Did } from '../protocol/did.ts';
import { type ErasureGround, operatorGround } from '../protocol/erasure-grounds.ts';
import type { ObjectName } from '../protocol/object-name.ts';
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

/** An erased body; `via`: gone by a Delete of this name, which is erased itself. */
type Awaiting = Erased & { readonly via?: ObjectName };

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
  readonly #awaited = new Map<number, Awaiting[]>();
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
    this.#await(by, erased);
  }

  #await(by: number, erased: Awaiting): void {
    const others = this.#awaited.get(by);
    if (others === undefined) this.#awaited.set(by, [erased]);
    else others.push(erased);
  }

  /**
   * A tombstone that is erased itself, by entry `by`: its author's word for what it erased went with it, so that this falls
   * to whoever erases the tombstone.
   */
  passOn(tombstone: Erased, target: ObjectName | Did, by: number): void {
    const { index, name } = tombstone;
    const bodies = this.#awaited.get(index) ?? [];
    this.#awaited.delete(index);
    const explained = explainedBy(target, bodies);
    for (const body of bodies) {
      if (explained(body)) this.#await(by, { ...body, via: name });
      else this.#missing(body, `what remains of entry ${index} names another object`);
    }
  }

  /**
   * Settles what a Delete has erased: the post or comment it names, and the edits of it; or the texts of a profile. Whose
   * edits and texts they were is gone with their bodies, so that they lie before it is all that can be asked.
   */
  deleted({ actor, ground, groundOfLaw, index, target }: Tombstone): void {
    const erased = this.#awaited.get(index) ?? [];
    this.#awaited.delete(index);
    const explained = explainedBy(target, erased);
    const left = erased.find(({ name }) => name === target)?.remains ?? null;
    const ownWord = ground === 'author' && left !== null && isOwnWord(left);
    const counted = left === null || ownWord ? ground : groundOfLaw;
    if (ground !== null && counted === null) {
      this.#findings.add('unauthorised', `${actor} has no ground to erase ${target}`, index);
    }
    for (const body of erased) {
      if (explained(body)) {
        if (counted !== null) this.#grounds[counted] += 1;
      } else {
        this.#missing(body, `the Delete at entry ${index}, by ${actor}, names another object`);
      }
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
    for (const [by, erased] of this.#awaited) {
      for (const body of erased) this.#missing(body, `entry ${by} is no Delete that was verified`);
    }
    this.#awaited.clear();
  }

  #missing(body: Erased, why: string): void {
    this.#findings.add('missingBody', `the body is missing: ${why}`, body.index);
  }
}

/** Which of the bodies that wait for a Delete of `target` it explains. */
function explainedBy(target: ObjectName | Did, bodies: readonly Awaiting[]) {
  const named = bodies.find(({ name, via }) => name === target && via === undefined);
  return (body: Awaiting): boolean => {
    if (body.via !== undefined) return body.via === named?.name;
    if (body === named) return body.kind === 'Create' || body.remains !== null;
    if (body.kind !== 'Update' || body.remains !== null) return false;
    const isEdit = named?.kind === 'Create' && body.index > named.index;
    return isEdit || target.startsWith('did:');
  };
}
