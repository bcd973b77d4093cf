// What was found of a batch of bodies, in a few columns: as objects of their own, findings would take longer to send than to find.
import type { Activity } from '../protocol/activity.ts';
import { nameFromHash, type ObjectName } from '../protocol/object-name.ts';
import type { Examined, ValidBody } from './body-examiner.ts';
import { HASH_SIZE } from './merkle.ts';

/** Posts, comments and votes whose signatures hold stand in the columns. All the rest is in `others`. */
export interface ExaminedBatch {
  /** Hashes of the objects, which are their names. */
  readonly hashes: Uint8Array<ArrayBuffer>;
  /** Which of `acts` each of them is, less what follows; -1 for what is in `others`. */
  readonly which: Int16Array<ArrayBuffer>;
  readonly acts: readonly Activity[];
  /** -1 for none. */
  readonly seqs: Float64Array<ArrayBuffer>;
  /** Where there is one. */
  readonly previous: ReadonlyMap<number, ObjectName>;
  readonly others: ReadonlyMap<number, Examined>;
}

export class ExaminedColumns {
  readonly #hashes: Uint8Array<ArrayBuffer>;
  readonly #which: Int16Array<ArrayBuffer>;
  readonly #seqs: Float64Array<ArrayBuffer>;
  readonly #acts: Activity[] = [];
  readonly #actsOf = new Map<string, number[]>();
  readonly #previous = new Map<number, ObjectName>();
  readonly #others = new Map<number, Examined>();

  constructor(count: number) {
    this.#hashes = new Uint8Array(count * HASH_SIZE);
    this.#which = new Int16Array(count);
    this.#seqs = new Float64Array(count);
  }

  /** A valid body; `act` has neither `seq` nor `previous`. */
  put(i: number, hash: Uint8Array, act: Activity, seq?: number, previous?: ObjectName): void {
    this.#hashes.set(hash, i * HASH_SIZE);
    this.#which[i] = this.#numberOf(act);
    this.#seqs[i] = seq ?? -1;
    if (previous !== undefined) this.#previous.set(i, previous);
  }

  putOther(i: number, examined: Examined): void {
    this.#which[i] = -1;
    this.#others.set(i, examined);
  }

  finish(): ExaminedBatch {
    const [hashes, which, seqs, acts] = [this.#hashes, this.#which, this.#seqs, this.#acts];
    return { hashes, which, seqs, acts, previous: this.#previous, others: this.#others };
  }

  /** An author's posts in one submolt are all the same act. */
  #numberOf(act: Activity): number {
    const known = this.#actsOf.get(act.actor);
    const same = known?.find((number) => isSame(this.#acts[number] as Activity, act));
    if (same !== undefined) return same;
    const number = this.#acts.push(act) - 1;
    if (known === undefined) this.#actsOf.set(act.actor, [number]);
    else known.push(number);
    return number;
  }
}

/** Of acts that were read by `PlainReader`, by one author. */
function isSame(a: Activity, b: Activity): boolean {
  return a.type === b.type && submoltOf(a) === submoltOf(b) && aboutOf(a) === aboutOf(b);
}

function submoltOf(act: Activity): ObjectName | undefined {
  return 'audience' in act ? act.audience : undefined;
}

function aboutOf({ object }: Activity): string {
  return typeof object === 'string' ? object : object.type;
}

/** What was found of the body at `i`. */
export function examinedAt(batch: ExaminedBatch, i: number): Examined | null {
  const number = batch.which[i];
  const act = number === undefined ? undefined : batch.acts[number];
  if (act === undefined) return batch.others.get(i) ?? null;
  const hash = batch.hashes.subarray(i * HASH_SIZE, (i + 1) * HASH_SIZE);
  const seq = batch.seqs[i] ?? -1;
  const previous = batch.previous.get(i);
  const body: ValidBody = {
    kind: 'valid',
    name: nameFromHash(hash),
    activity: seq < 0 ? act : { ...act, seq, ...(previous === undefined ? {} : { previous }) },
  };
  return { ...body, open: null };
}
