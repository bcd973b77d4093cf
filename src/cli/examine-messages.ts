// What the threads of `verify` say to each other.
import type { BodyBatch } from '../log/body-batch.ts';
import type { SignatureCheck, SignatureVerdict } from '../log/body-examiner.ts';
import type { ExaminedBatch } from '../log/examined-batch.ts';

export type Task =
  | { readonly kind: 'examine'; readonly id: number; readonly batch: BodyBatch }
  | { readonly kind: 'check'; readonly id: number; readonly signatures: readonly SignatureCheck[] };

export type Answer = { readonly id: number } & (
  | { readonly kind: 'examine'; readonly examined: ExaminedBatch }
  | { readonly kind: 'check'; readonly verdicts: readonly SignatureVerdict[] }
  /** The thread could not do it. */
  | { readonly kind: 'failed'; readonly detail: string }
);
