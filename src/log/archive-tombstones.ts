// Matches every erased body with the later Delete that demanded it: nothing may be missing without one.
import type { Did } from '../protocol/did.ts';
import type { ObjectName } from '../protocol/object-name.ts';
import type { Findings } from './archive-findings.ts';
import type { EntryKind } from './entry.ts';

/** An erased body, as the archive records it. */
interface Erased {
  readonly index: number;
  readonly kind: EntryKind;
  readonly name: ObjectName;
}

export class Tombstones {
  readonly #findings: Findings;
  readonly #awaited = new Map<number, Erased[]>();
  #count = 0;

  constructor(findings: Findings) {
    this.#findings = findings;
  }

  /** Bodies recorded as erased. */
  get count(): number {
    return this.#count;
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
   * Settles what the verified Delete at `index` has erased: the post or comment it names, and the edits of it. Whose
   * edits they were is gone with their bodies, so that they lie between the two is all that can be asked.
   */
  deleted(index: number, target: ObjectName, actor: Did): void {
    const erased = this.#awaited.get(index) ?? [];
    this.#awaited.delete(index);
    const created = erased.find(({ name }) => name === target);
    for (const body of erased) {
      const isTarget = body === created && body.kind === 'Create';
      const isEdit =
        body.kind === 'Update' && created?.kind === 'Create' && body.index > created.index;
      if (!isTarget && !isEdit) {
        this.#missing(body, `the Delete at entry ${index}, by ${actor}, names another object`);
      }
    }
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
