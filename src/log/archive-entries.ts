// Follows an archive's entries: canonical form, the clock, the root they lead to, and what it was at older checkpoints.
import { equalBytes } from '../protocol/bytes.ts';
import type { Crypto } from '../protocol/crypto.ts';
import type { Findings } from './archive-findings.ts';
import type { Checkpoint } from './checkpoint.ts';
import { type LogEntry, parseEntry } from './entry.ts';
import { GrownFrom } from './grown-from.ts';
import { Frontier, leafHash } from './merkle.ts';

/** The entries of one member, whose objects are still to come. An entry that cannot be read is null. */
export interface Segment {
  readonly start: number;
  readonly entries: readonly (LogEntry | null)[];
}

/** An older checkpoint, and what the entries have to say about it. */
export interface Prefix {
  readonly checkpoint: Checkpoint;
  /** What findings call it. */
  readonly name: string;
  /** The signed note; null if only its text is known. */
  readonly note: string | null;
  /** The root of as many entries as the checkpoint has; null until there are so many. */
  root: Uint8Array | null;
  /** Milliseconds: times of the last entry under the checkpoint, and of the first one after it. */
  before: number | null;
  after: number | null;
}

export class EntryChain {
  readonly #crypto: Crypto;
  readonly #findings: Findings;
  readonly #frontier: Frontier;
  readonly #prefixes = new Map<number, Prefix[]>();
  #lastTime = 0;
  #fork: { readonly prefix: Prefix; readonly grown: GrownFrom } | null = null;

  constructor(crypto: Crypto, findings: Findings) {
    this.#crypto = crypto;
    this.#findings = findings;
    this.#frontier = new Frontier(crypto);
  }

  /** Number of entries so far. */
  get size(): number {
    return this.#frontier.size;
  }

  /** Milliseconds of the last entry, 0 before the first. */
  get lastTime(): number {
    return this.#lastTime;
  }

  /** From here on the entries are compared with an older checkpoint; entries that have come already are not. */
  expect(checkpoint: Checkpoint, name: string, note: string | null): Prefix {
    const prefix: Prefix = { checkpoint, name, note, root: null, before: null, after: null };
    const others = this.#prefixes.get(checkpoint.size);
    if (others === undefined) this.#prefixes.set(checkpoint.size, [prefix]);
    else others.push(prefix);
    if (checkpoint.size === this.size) this.#compare(prefix);
    return prefix;
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
      for (const prefix of this.#prefixes.get(index) ?? []) prefix.after = entry?.t ?? null;
      this.#lastTime = Math.max(this.#lastTime, entry?.t ?? 0);
      entries.push(entry);
      this.#frontier.append(leafHash(line, this.#crypto), this.#fork?.grown.add);
      for (const prefix of this.#prefixes.get(this.size) ?? []) this.#compare(prefix);
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
    for (const { checkpoint: older, name } of [...this.#prefixes.values()].flat()) {
      if (older.size > checkpoint.size) {
        const message = `${name} has ${older.size} entries, this one ${checkpoint.size}`;
        this.#findings.add('rolledBack', message);
      }
      if (older.origin !== checkpoint.origin) {
        this.#findings.add('inconsistent', `${name} is of ${older.origin}`);
      }
    }
  }

  /** The first older checkpoint that the entries do not continue, and the proof that they do not; null if they continue all. */
  async fork(): Promise<{ prefix: Prefix; proof: readonly Uint8Array[] } | null> {
    if (this.#fork === null || this.#fork.prefix.checkpoint.size === 0) return null;
    const { grown, prefix } = this.#fork;
    return { prefix, proof: await grown.proof(this.size) };
  }

  #compare(prefix: Prefix): void {
    prefix.root = this.#frontier.root();
    prefix.before = this.#lastTime;
    if (equalBytes(prefix.root, prefix.checkpoint.root)) return;
    const message = `the first ${this.size} entries are not those of ${prefix.name}`;
    this.#findings.add('inconsistent', message);
    this.#fork ??= { prefix, grown: new GrownFrom(this.#frontier, this.#crypto) };
  }
}
