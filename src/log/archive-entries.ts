// Follows an archive's entries: canonical form, the clock, the root they lead to, and an older checkpoint on the way.
import { equalBytes } from '../protocol/bytes.ts';
import type { Crypto } from '../protocol/crypto.ts';
import type { Findings } from './archive-findings.ts';
import type { Checkpoint } from './checkpoint.ts';
import { type LogEntry, parseEntry } from './entry.ts';
import { Frontier, leafHash } from './merkle.ts';

/** The entries of one member, whose objects are still to come. An entry that cannot be read is null. */
export interface Segment {
  readonly start: number;
  readonly entries: readonly (LogEntry | null)[];
}

export class EntryChain {
  readonly #crypto: Crypto;
  readonly #findings: Findings;
  readonly #since: Checkpoint | null;
  readonly #frontier: Frontier;
  #lastTime = 0;

  constructor(crypto: Crypto, findings: Findings, since: Checkpoint | null) {
    this.#crypto = crypto;
    this.#findings = findings;
    this.#since = since;
    this.#frontier = new Frontier(crypto);
    this.#compareWithOlder();
  }

  /** Number of entries so far. */
  get size(): number {
    return this.#frontier.size;
  }

  add(lines: readonly Uint8Array[]): Segment {
    const start = this.size;
    const entries: (LogEntry | null)[] = [];
    for (const line of lines) {
      const index = this.size;
      const entry = parseEntry(line);
      if (entry === null) this.#findings.add('malformed', 'not a canonical log entry', index);
      else if (entry.t < this.#lastTime) {
        // Only another order or another home's clock can bring this about.
        this.#findings.add('rootMismatch', 'the clock went back from the entry before', index);
      }
      this.#lastTime = Math.max(this.#lastTime, entry?.t ?? 0);
      entries.push(entry);
      this.#frontier.append(leafHash(line, this.#crypto));
      this.#compareWithOlder();
    }
    return { start, entries };
  }

  /** Compares what the entries lead to with what the log has signed. */
  finish(checkpoint: Checkpoint): void {
    if (this.size !== checkpoint.size) {
      const message = `${this.size} entries where the checkpoint has ${checkpoint.size}`;
      this.#findings.add('rootMismatch', message);
    } else if (!equalBytes(this.#frontier.root(), checkpoint.root)) {
      this.#findings.add('rootMismatch', 'the entries do not lead to the root of the checkpoint');
    }
    if (this.#since !== null && this.#since.size > checkpoint.size) {
      const message = `an older checkpoint has ${this.#since.size} entries, this one ${checkpoint.size}`;
      this.#findings.add('rolledBack', message);
    }
    if (this.#since !== null && this.#since.origin !== checkpoint.origin) {
      this.#findings.add('inconsistent', `the older checkpoint is of ${this.#since.origin}`);
    }
  }

  #compareWithOlder(): void {
    if (this.#since?.size !== this.size) return;
    if (equalBytes(this.#frontier.root(), this.#since.root)) return;
    const message = `the first ${this.size} entries are not those of the older checkpoint`;
    this.#findings.add('inconsistent', message);
  }
}
