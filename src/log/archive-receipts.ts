// Holds an archive to receipts that somebody has kept: each speaks of an entry that must be there.
import type { Crypto } from '../protocol/crypto.ts';
import type { Receipt } from '../protocol/views.ts';
import type { EntryChain, PromisedLeaf, Segment } from './archive-entries.ts';
import type { Findings } from './archive-findings.ts';
import type { Checkpoint } from './checkpoint.ts';
import { encodeEntry } from './entry.ts';
import type { TwoLeaves } from './evidence-file.ts';
import { leafHash } from './merkle.ts';
import { parseNote, verifyNote } from './note.ts';
import type { NoteVerifier } from './note-key.ts';
import { parseProofFile } from './proof-file.ts';

/** What a receipt, once verified, says of its log. With its proof file it can be held against what the log has signed since. */
export type HonouredReceipt = Pick<Receipt, 'log' | 'index' | 'c' | 'k' | 't'> &
  Partial<Pick<Receipt, 'proof'>>;

/** The two heads that a broken receipt shows: its own, and that of the archive. */
export interface BrokenPromise {
  readonly note: string;
  readonly leaves: TwoLeaves;
}

export class ReceiptsHonoured {
  readonly #receipts: { readonly receipt: HonouredReceipt; readonly leaf: PromisedLeaf }[] = [];
  /** In whose place another entry stands; in another log any may. */
  readonly #displaced = new Set<HonouredReceipt>();
  readonly #broken = new Set<HonouredReceipt>();
  readonly #foreign = new Set<HonouredReceipt>();
  readonly #entries: EntryChain;
  readonly #findings: Findings;
  readonly #crypto: Crypto;

  constructor(entries: EntryChain, findings: Findings, crypto: Crypto) {
    this.#entries = entries;
    this.#findings = findings;
    this.#crypto = crypto;
  }

  /** From here on: what has come already is not compared. */
  add(receipt: HonouredReceipt): void {
    const { c, index, k, t } = receipt;
    const hash = leafHash(encodeEntry({ c, k, t, v: 1 }), this.#crypto);
    this.#receipts.push({ receipt, leaf: this.#entries.promise(index, hash) });
  }

  take({ entries, start }: Segment): void {
    for (const { receipt } of this.#receipts) {
      const { c, index, k, t } = receipt;
      const entry = entries[index - start];
      if (entry === undefined) continue;
      if (entry?.c === c && entry.k === k && entry.t === t) continue;
      this.#displaced.add(receipt);
    }
  }

  finish(size: number, checkpoint: Checkpoint | null): void {
    for (const { receipt } of this.#receipts) {
      const fault = this.#faultOf(receipt, size, checkpoint);
      if (fault === null) continue;
      this.#broken.add(receipt);
      this.#findings.add('receipt', ...fault);
    }
  }

  #faultOf(
    receipt: HonouredReceipt,
    size: number,
    checkpoint: Checkpoint | null,
  ): [message: string, index?: number] | null {
    const { index, log } = receipt;
    if (checkpoint !== null && log !== checkpoint.origin) {
      this.#foreign.add(receipt);
      return [`a receipt is of ${log}, which is another log`];
    }
    if (this.#displaced.has(receipt)) {
      return ['another entry stands where the receipt has its own', index];
    }
    if (index < size) return null;
    return [
      'the archive ends before the entry of the receipt: it is older, or the log has dropped the entry, as a newer one shows',
      index,
    ];
  }

  /** Who is to blame for a broken one is open where the archive does not have the key that has signed it. */
  async finishKeys(logKeys: readonly NoteVerifier[]): Promise<void> {
    for (const receipt of this.#broken) {
      if (this.#foreign.has(receipt)) continue;
      const file = receipt.proof === undefined ? null : parseProofFile(receipt.proof);
      const note = file?.ok === true ? parseNote(file.proof.checkpoint) : null;
      if (note?.ok !== true || (await verifyNote(note.note, logKeys, this.#crypto)).ok) continue;
      const message =
        'that receipt is signed with a key that the archive does not have: one of the two is not the log’s';
      this.#findings.add('remark', message, receipt.index);
    }
  }

  isHonoured(receipt: HonouredReceipt): boolean {
    return !this.#broken.has(receipt);
  }

  /** Receipts in whose place another entry stands, each with the proof of both. */
  async broken(): Promise<BrokenPromise[]> {
    const broken: BrokenPromise[] = [];
    for (const { leaf, receipt } of this.#receipts) {
      if (this.#foreign.has(receipt)) continue;
      const file = receipt.proof === undefined ? null : parseProofFile(receipt.proof);
      const other = await this.#entries.proveOther(leaf);
      if (file?.ok !== true || leaf.found === null || other === null) continue;
      const { checkpoint: note, hashes, index } = file.proof;
      const proofs = [hashes, other] as const;
      broken.push({ note, leaves: { index, hashes: [leaf.hash, leaf.found], proofs } });
    }
    return broken;
  }
}
