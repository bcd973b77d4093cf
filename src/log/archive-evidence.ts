// `evidence/`: what an archive brings against its log's home, and receipts that somebody has put in. Each is checked by itself.
import { equalBytes } from '../protocol/bytes.ts';
import type { Crypto } from '../protocol/crypto.ts';
import type { EntryChain, Prefix } from './archive-entries.ts';
import type { Findings } from './archive-findings.ts';
import { parseOrigin } from './archive-format.ts';
import type { HonouredReceipt, ReceiptsHonoured } from './archive-receipts.ts';
import { type Checkpoint, parseCheckpoint } from './checkpoint.ts';
import { verifyEvidence } from './evidence.ts';
import { parseEvidence } from './evidence-file.ts';
import type { KeyChain } from './key-chain.ts';
import { parseNote } from './note.ts';
import { formatVerifierKey, type NoteVerifier } from './note-key.ts';
import type { Policy } from './policy.ts';
import { parseReceiptFile } from './receipt-file.ts';
import { verifyReceipt } from './receipt-verify.ts';

/** A piece that holds by itself. */
export type EvidencePiece =
  | {
      readonly kind: 'histories';
      readonly member: string;
      /** The log that has shown two histories: this one, or another of the same home. */
      readonly log: string;
      /** Of its two heads. */
      readonly sizes: readonly [number, number];
      /** Those of the two that the entries of this archive lead to, by their place in the file; null for another log. */
      readonly continues: readonly number[] | null;
    }
  | {
      readonly kind: 'receipt';
      readonly member: string;
      readonly log: string;
      readonly index: number;
      readonly honoured: boolean;
    };

interface Kept {
  readonly member: string;
  readonly bytes: Uint8Array;
  /** The heads of this log, while the entries were still to come. */
  readonly heads: readonly Prefix[];
}

interface Context {
  readonly crypto: Crypto;
  readonly policy: Policy | null;
  /** Milliseconds. */
  readonly now: number;
}

export class ArchivedEvidence {
  readonly #entries: EntryChain;
  readonly #findings: Findings;
  readonly #receipts: ReceiptsHonoured;
  readonly #context: Context;
  readonly #kept: Kept[] = [];
  readonly #honoured: { readonly member: string; readonly receipt: HonouredReceipt }[] = [];

  constructor(
    entries: EntryChain,
    findings: Findings,
    receipts: ReceiptsHonoured,
    context: Context,
  ) {
    this.#entries = entries;
    this.#findings = findings;
    this.#receipts = receipts;
    this.#context = context;
  }

  /** `named` is the hash in the member's name, `hash` that of its bytes. */
  async take(member: string, bytes: Uint8Array, named: string, hash: string): Promise<void> {
    if (named !== hash) this.#findings.add('malformed', `${member} has another hash`);
    else if (parseReceiptFile(bytes).ok) await this.#takeReceipt(member, bytes);
    else this.#takeFile(member, bytes);
  }

  #takeFile(member: string, bytes: Uint8Array): void {
    const file = parseEvidence(bytes);
    if (!file.ok) {
      this.#findings.add(
        'malformed',
        `${member} is neither evidence nor a receipt: ${file.detail}`,
      );
      return;
    }
    const early = this.#entries.size === 0;
    if (!early) this.#remark(`${member} comes after the entries and was not compared with them`);
    const heads = file.parts.heads.map(headOf).filter((head) => head !== null);
    const watched = early ? heads.map((head) => this.#entries.watch(head)) : [];
    this.#kept.push({ member, bytes, heads: watched });
  }

  /** One that does not hold by itself says nothing about anybody, least of all about this log. */
  async #takeReceipt(member: string, bytes: Uint8Array): Promise<void> {
    const { crypto, now, policy } = this.#context;
    const own = policy === null ? {} : { policy };
    const report = await verifyReceipt(bytes, { crypto, now, ...own, allowUnwitnessed: true });
    const parsed = parseReceiptFile(bytes);
    if (!report.ok || !parsed.ok) {
      const fault = report.findings.find(({ code }) => code === report.code)?.message ?? '';
      this.#findings.add('badObject', `${member}, a receipt, does not hold by itself: ${fault}`);
    } else if (this.#entries.size > 0) {
      this.#remark(`${member} comes after the entries and was not compared with them`);
    } else {
      const { receipt } = parsed.file;
      this.#receipts.add(receipt);
      this.#honoured.push({ member, receipt });
    }
  }

  /** All entries have come, and the receipts have been held against them. `logKeys` are those that may sign for this log. */
  async finish(
    checkpoint: Checkpoint,
    chain: KeyChain | null,
    logKeys: readonly NoteVerifier[],
  ): Promise<EvidencePiece[]> {
    const pieces: EvidencePiece[] = [];
    for (const { bytes, heads, member } of this.#kept) {
      const verdict = await verifyEvidence(bytes, this.#context.crypto);
      if (!verdict.ok) {
        this.#findings.add('badObject', `${member} proves nothing: ${verdict.detail}`);
        continue;
      }
      const { home, origin } = verdict;
      const isOurs =
        home === null ? isNamed(verdict.signers, logKeys) : home === (chain?.home ?? home);
      if (!isOurs || parseOrigin(origin)?.authority !== parseOrigin(checkpoint.origin)?.authority) {
        this.#findings.add(
          'badObject',
          `${member} is about ${home ?? origin}, not about this home`,
        );
        continue;
      }
      const [first, second] = verdict.heads.map(({ size }) => size) as [number, number];
      const continues =
        origin === checkpoint.origin && heads.length > 0 ? heads.flatMap(continued) : null;
      pieces.push({ kind: 'histories', member, log: origin, sizes: [first, second], continues });
      const follows = continues === null ? '' : `; ${CONTINUES[continues.join()]}`;
      this.#remark(
        `${member} proves that ${origin} has shown two histories, of ${first} and of ${second} entries${follows}`,
      );
    }
    for (const { member, receipt } of this.#honoured) {
      const { index, log } = receipt;
      const honoured = this.#receipts.isHonoured(receipt);
      pieces.push({ kind: 'receipt', member, log, index, honoured });
    }
    return pieces;
  }

  #remark(message: string): void {
    this.#findings.add('remark', message);
  }
}

const CONTINUES: Record<string, string> = {
  '': 'these entries are known to be of neither',
  '0': 'these entries are of the first',
  '1': 'these entries are of the second',
};

function continued({ checkpoint, root }: Prefix, place: number): number[] {
  return root !== null && equalBytes(root, checkpoint.root) ? [place] : [];
}

function headOf(source: string): Checkpoint | null {
  const note = parseNote(source);
  const parsed = note.ok ? parseCheckpoint(note.note.text) : note;
  return parsed.ok ? parsed.checkpoint : null;
}

/** The file names no node: then its keys have to be those that sign for this log. */
function isNamed(signers: readonly string[], logKeys: readonly NoteVerifier[]): boolean {
  const vkeys = new Set(logKeys.map(formatVerifierKey));
  return signers.every((signer) => vkeys.has(signer));
}
