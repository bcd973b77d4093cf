// Holds an archive to receipts that somebody has kept: each speaks of an entry that must be there.
import type { Receipt } from '../protocol/views.ts';
import type { Segment } from './archive-entries.ts';
import type { Findings } from './archive-findings.ts';
import type { Checkpoint } from './checkpoint.ts';

/** What a receipt, once verified, says of its log. */
export type HonouredReceipt = Pick<Receipt, 'log' | 'index' | 'c' | 'k' | 't'>;

export class ReceiptsHonoured {
  readonly #receipts: readonly HonouredReceipt[];
  readonly #findings: Findings;

  constructor(receipts: readonly HonouredReceipt[], findings: Findings) {
    this.#receipts = receipts;
    this.#findings = findings;
  }

  take({ entries, start }: Segment): void {
    for (const { c, index, k, t } of this.#receipts) {
      const entry = entries[index - start];
      if (entry === undefined) continue;
      if (entry?.c === c && entry.k === k && entry.t === t) continue;
      this.#findings.add('receipt', 'another entry stands where the receipt has its own', index);
    }
  }

  finish(size: number, checkpoint: Checkpoint | null): void {
    for (const { index, log } of this.#receipts) {
      if (checkpoint !== null && log !== checkpoint.origin) {
        this.#findings.add('receipt', `a receipt is of ${log}`);
      } else if (index >= size) {
        this.#findings.add('receipt', 'the archive ends before the entry of the receipt', index);
      }
    }
  }
}
