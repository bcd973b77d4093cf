// Matches every erased body with the later Delete that demanded it: nothing may be missing without one.
import type { Activity } from '../protocol/activity.ts';
import type { Did } from '../protocol/did.ts';
import { type ErasureGround, operatorGround } from '../protocol/erasure-grounds.ts';
import type { ObjectName } from '../protocol/object-name.ts';
import type { Findings } from './archive-findings.ts';
import type { EntryKind } from './entry.ts';

/** An erased body, as the archive records it. */
interface Erased {
  readonly index: number;
  readonly kind: EntryKind;
  readonly name: ObjectName;
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
}

export class Tombstones {
  readonly #findings: Findings;
  readonly #awaited = new Map<number, Erased[]>();
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
    const others = this.#awaited.get(by);
    if (others === undefined) this.#awaited.set(by, [erased]);
    else others.push(erased);
  }

  /**
   * Settles what a Delete has erased: the post or comment it names, and the edits of it; or the texts of a profile. Whose
   * edits and texts they were is gone with their bodies, so that they lie before it is all that can be asked.
   */
  deleted({ actor, ground, index, target }: Tombstone): void {
    const erased = this.#awaited.get(index) ?? [];
    this.#awaited.delete(index);
    const created = erased.find(({ name }) => name === target);
    for (const body of erased) {
      const isTarget = body === created && body.kind === 'Create';
      const isEdit =
        body.kind === 'Update' && created?.kind === 'Create' && body.index > created.index;
      const isText = body.kind === 'Update' && target.startsWith('did:');
      if (isTarget || isEdit || isText) {
        if (ground !== null) this.#grounds[ground] += 1;
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
      act?.type === 'Delete' && act.audience === undefined && act.origin === submolt && ground;
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
