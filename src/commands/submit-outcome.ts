// What becomes of a submitted object.
import type { DomainRefusal } from '../domain/refusal.ts';
import type { ObjectName } from '../protocol/object-name.ts';
import type { Receipt } from '../protocol/views.ts';

export type SubmitOutcome =
  /** It is in the log, on disk. `first` is false when it was there before: the receipt is that of then. */
  | { readonly kind: 'accepted'; readonly receipt: Receipt; readonly first: boolean }
  /** It waits for the submolt's home to decide. */
  | { readonly kind: 'pending'; readonly id: ObjectName }
  | {
      readonly kind: 'refused';
      readonly code: DomainRefusal | 'replayed';
      readonly detail: string;
    };

/** A log that has new entries, and its size with them. */
export interface GrownLog {
  readonly origin: string;
  readonly size: number;
}
