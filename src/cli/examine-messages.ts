// What the threads of `verify` say to each other: bodies packed into one piece of memory, and what was found of each.
import type { Body, Examined, SignatureCheck, SignatureVerdict } from '../log/body-examiner.ts';
import { SALT_SIZE } from '../log/entry.ts';

export type Task =
  | { readonly kind: 'examine'; readonly id: number; readonly bodies: PackedBodies }
  | { readonly kind: 'check'; readonly id: number; readonly signatures: readonly SignatureCheck[] };

export type Answer = { readonly id: number } & (
  | { readonly kind: 'examine'; readonly examined: readonly Examined[] }
  | { readonly kind: 'check'; readonly verdicts: readonly SignatureVerdict[] }
  /** The thread could not do it. */
  | { readonly kind: 'failed'; readonly detail: string }
);

/** Salt and bytes of each body, one after another: a slice would take all of the memory it is cut from along. */
export interface PackedBodies {
  readonly commitments: readonly string[];
  readonly memory: Uint8Array<ArrayBuffer>;
  /** Where each body ends. */
  readonly ends: Uint32Array<ArrayBuffer>;
}

export function packBodies(bodies: readonly Body[]): PackedBodies {
  const ends = new Uint32Array(bodies.length);
  let size = 0;
  for (const [i, { bytes }] of bodies.entries()) {
    size += SALT_SIZE + bytes.length;
    ends[i] = size;
  }
  const memory = new Uint8Array(size);
  let at = 0;
  for (const { bytes, salt } of bodies) {
    memory.set(salt, at);
    memory.set(bytes, at + SALT_SIZE);
    at += SALT_SIZE + bytes.length;
  }
  return { commitments: bodies.map(({ c }) => c), memory, ends };
}

export function unpackBodies({ commitments, ends, memory }: PackedBodies): Body[] {
  let start = 0;
  return commitments.map((c, i) => {
    const end = ends[i] ?? start;
    const middle = start + SALT_SIZE;
    const body = { c, salt: memory.subarray(start, middle), bytes: memory.subarray(middle, end) };
    start = end;
    return body;
  });
}
