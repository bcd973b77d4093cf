// What becomes of a submitted object.
import type { DomainRefusal } from '../domain/refusal.ts';
import type { ObjectName } from '../protocol/object-name.ts';
import type { StoredReceipt } from '../store/queries/receipts.ts';

export type SubmitOutcome =
  /** It is in the log, on disk. `first` is false when it was there before: the receipt is that of then, and without its proof. */
  | { readonly kind: 'accepted'; readonly receipt: StoredReceipt; readonly first: boolean }
  /** It waits for the submolt's home to decide. */
  | { readonly kind: 'pending'; readonly id: ObjectName }
  /** `log_held`: nothing is said of the object; it may be sent again once the log goes on. `too_soon`: or after `until`. */
  | {
      readonly kind: 'refused';
      readonly code: DomainRefusal | 'replayed' | 'log_held' | 'too_soon';
      readonly detail: string;
      /** Milliseconds. */
      readonly until?: number;
      readonly dailyRemaining?: number | null;
    };

/** A log that has new entries, and its size with them. */
export interface GrownLog {
  readonly origin: string;
  readonly size: number;
}
