// Bodies that are examined together, packed into one piece of memory: what is on no heap, no collector has to look at.
import { SALT_SIZE } from './entry.ts';

export interface Body {
  /** As it stands in the entry. */
  readonly c: string;
  readonly salt: Uint8Array;
  readonly bytes: Uint8Array;
}

/** Salt and bytes of each body, one after another. */
export interface BodyBatch {
  readonly commitments: readonly string[];
  readonly memory: Uint8Array;
  /** Where each body ends. */
  readonly ends: Uint32Array<ArrayBuffer>;
}

/** Bodies and bytes of a batch: enough for what a message between threads costs, few enough for many to be on their way. */
const BODIES = 128;
const BYTES = 256 * 1024;

/** Makes memory of so many bytes. */
export type Allocate = (bytes: number) => Uint8Array;

export class BodyPacker {
  readonly #allocate: Allocate;
  /** Memory of batches that have been examined. */
  readonly #free: Uint8Array[] = [];
  #memory: Uint8Array;
  #ends = new Uint32Array(BODIES);
  #commitments: string[] = [];
  #used = 0;

  constructor(allocate: Allocate = (bytes) => new Uint8Array(bytes)) {
    this.#allocate = allocate;
    this.#memory = allocate(BYTES);
  }

  get isEmpty(): boolean {
    return this.#commitments.length === 0;
  }

  /** False if there is no place for a body of so many bytes; in an empty batch there is. */
  hasPlaceFor(length: number): boolean {
    const fits = this.#used + SALT_SIZE + length <= this.#memory.length;
    return this.isEmpty || (fits && this.#commitments.length < BODIES);
  }

  add({ bytes, c, salt }: Body): void {
    const end = this.#used + SALT_SIZE + bytes.length;
    if (end > this.#memory.length) this.#memory = this.#allocate(end);
    this.#memory.set(salt, this.#used);
    this.#memory.set(bytes, this.#used + SALT_SIZE);
    this.#used = end;
    this.#ends[this.#commitments.length] = end;
    this.#commitments.push(c);
  }

  /** The batch, and room for the next one. */
  take(): BodyBatch {
    const [commitments, memory] = [this.#commitments, this.#memory];
    const ends = this.#ends.slice(0, commitments.length);
    this.#memory = this.#free.pop() ?? this.#allocate(BYTES);
    this.#commitments = [];
    this.#used = 0;
    return { commitments, memory, ends };
  }

  /** Memory that nobody looks at any more. */
  reuse(memory: Uint8Array): void {
    if (memory.length === BYTES) this.#free.push(memory);
  }
}

export function* bodiesOf({ commitments, ends, memory }: BodyBatch): Generator<Body> {
  let start = 0;
  for (const [i, c] of commitments.entries()) {
    const end = ends[i] ?? start;
    const middle = start + SALT_SIZE;
    yield { c, salt: memory.subarray(start, middle), bytes: memory.subarray(middle, end) };
    start = end;
  }
}
