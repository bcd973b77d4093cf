// `history/`: checkpoints that the log has signed on earlier days. Each has to be the beginning of the log, and brackets its clock.
import type { Crypto } from '../protocol/crypto.ts';
import type { EntryChain, Prefix } from './archive-entries.ts';
import type { Findings } from './archive-findings.ts';
import {
  checkNote,
  type LogKeys,
  reportWitnesses,
  type SignatureContext,
} from './archive-signatures.ts';
import { parseCheckpoint } from './checkpoint.ts';
import { type Note, parseNote } from './note.ts';

export interface HistoryReport {
  /** Older checkpoints that the log has signed and that these entries continue. */
  readonly checkpoints: number;
  /** Of them, those under which the policy's quorum stands. */
  readonly witnessed: number;
}

/** Milliseconds by which the home's clock may be ahead of a witness's. */
const SKEW = 300_000;
/** Milliseconds within which a home shows a witness what it has; less would make an outage a crime. */
const SHOWN_WITHIN = 86_400_000;

interface Kept {
  readonly note: Note;
  readonly prefix: Prefix;
}

export class History {
  readonly #entries: EntryChain;
  readonly #findings: Findings;
  readonly #kept: Kept[] = [];
  #late = 0;

  constructor(entries: EntryChain, findings: Findings) {
    this.#entries = entries;
    this.#findings = findings;
  }

  add(name: string, text: string): void {
    const parsed = parseNote(text);
    const checkpoint = parsed.ok ? parseCheckpoint(parsed.note.text) : parsed;
    if (!parsed.ok || !checkpoint.ok) {
      this.#findings.add('malformed', `${name}: ${checkpoint.ok ? '' : checkpoint.detail}`);
      return;
    }
    // The leaves before it are gone: an archive that was packed again in another order proves less, not nothing.
    if (this.#entries.size > 0) {
      this.#late += 1;
      return;
    }
    const before = this.#kept.at(-1)?.prefix;
    if (before !== undefined && checkpoint.checkpoint.size <= before.checkpoint.size) {
      this.#findings.add('malformed', `${name} is not larger than ${before.name}`);
      return;
    }
    const prefix = this.#entries.expect(checkpoint.checkpoint, name, text);
    this.#kept.push({ note: parsed.note, prefix });
  }

  /** All entries have come. What is of an earlier day may be signed with a key that was replaced since. */
  async finish(
    { all }: LogKeys,
    context: SignatureContext & { readonly crypto: Crypto },
  ): Promise<HistoryReport> {
    if (this.#late > 0) {
      const message = `${this.#late} older checkpoints come after the entries and were not compared`;
      this.#findings.add('remark', message);
    }
    let witnessed = 0;
    for (const { note, prefix } of this.#kept) {
      const checked = await checkNote(note, { all, counting: all }, context);
      if (checked.logFault !== null) {
        this.#findings.add('logSignature', `${prefix.name}: ${checked.logFault}`);
      }
      reportWitnesses(prefix.name, checked, this.#findings);
      if (checked.witnesses?.met === true) witnessed += 1;
      checkClock(prefix, checked.seenAt, this.#findings);
    }
    return { checkpoints: this.#kept.length, witnessed };
  }
}

/**
 * What a witness had seen at a time cannot be of later, and what it had not seen then not of long before. `seenAt` are
 * the seconds that witnesses of the verifier's own policy state; without them the clock is the home's alone.
 */
export function checkClock(
  { after, before, checkpoint, name }: Omit<Prefix, 'note' | 'root' | 'isWatched'>,
  seenAt: readonly number[],
  findings: Findings,
): void {
  if (seenAt.length === 0) return;
  const [first, last] = [Math.min(...seenAt) * 1000, Math.max(...seenAt) * 1000];
  if (before !== null && before > first + SKEW) {
    const message = `dated after a witness had seen it, by ${name}`;
    findings.add('rootMismatch', message, checkpoint.size - 1);
  }
  if (after !== null && after < last - SHOWN_WITHIN) {
    const message = `dated more than a day before a witness had not seen it, by ${name}`;
    findings.add('rootMismatch', message, checkpoint.size);
  }
}
