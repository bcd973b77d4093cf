// Follows an archive's entries: canonical form, the clock, the root they lead to, and what it was at older checkpoints.
import { equalBytes } from '../protocol/bytes.ts';
import type { Crypto } from '../protocol/crypto.ts';
import type { Findings } from './archive-findings.ts';
import type { Checkpoint } from './checkpoint.ts';
import { type LogEntry, parseEntry } from './entry.ts';
import type { TrueRoot } from './evidence-file.ts';
import { GrownFrom } from './grown-from.ts';
import { Frontier, leafHash, type NodeListener } from './merkle.ts';

/** What findings call the checkpoint that the verifier has brought: its own file judges it once the log's keys are known. */
export const OWN_PREFIX = 'the older checkpoint';

/** The entries of one member, whose objects are still to come. An entry that cannot be read is null. */
export interface Segment {
  readonly start: number;
  readonly entries: readonly (LogEntry | null)[];
}

/** An older checkpoint, and what the entries have to say about it. */
export interface Prefix {
  readonly checkpoint: Checkpoint;
  /** What findings call it; of one that need not be of this history there are none. */
  readonly name: string;
  readonly isWatched: boolean;
  /** The signed note; null if only its text is known. */
  readonly note: string | null;
  /** The root of as many entries as the checkpoint has; null until there are so many. */
  root: Uint8Array | null;
  /** Milliseconds: times of the last entry under the checkpoint, and of the first one after it. */
  before: number | null;
  after: number | null;
}

/** A leaf that somebody has a proof of, and the one that stands in its place. */
export interface PromisedLeaf {
  readonly index: number;
  readonly hash: Uint8Array;
  /** Null until the entries have got as far. */
  found: Uint8Array | null;
}

/** An older checkpoint that the entries do not continue: its note, and what its root should have been. */
export interface Fork {
  readonly note: string;
  readonly trueRoot: TrueRoot;
}

const UNMET = { root: null, before: null, after: null } as const;

/** Prefixes that an archive brings and contradicts itself are proven for a few; the verifier's own always is. */
const MAX_FORKS = 4;

export class EntryChain {
  readonly #crypto: Crypto;
  readonly #findings: Findings;
  readonly #frontier: Frontier;
  readonly #prefixes = new Map<number, Prefix[]>();
  readonly #promised = new Map<number, PromisedLeaf[]>();
  readonly #forked: { readonly prefix: Prefix; readonly grown: GrownFrom }[] = [];
  readonly #broken = new Map<PromisedLeaf, GrownFrom>();
  #lastTime = 0;
  #listen: NodeListener | undefined;

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
    return this.#await({ ...UNMET, checkpoint, name, note, isWatched: false });
  }

  /** The same for a head that need not be of this history: nothing is found, `root` tells. */
  watch(checkpoint: Checkpoint): Prefix {
    return this.#await({
      ...UNMET,
      checkpoint,
      name: checkpoint.origin,
      note: null,
      isWatched: true,
    });
  }

  /** From here on the leaf at this index is compared with one that was promised. */
  promise(index: number, hash: Uint8Array): PromisedLeaf {
    const promised: PromisedLeaf = { index, hash, found: null };
    this.#promised.set(index, [...(this.#promised.get(index) ?? []), promised]);
    return promised;
  }

  add(lines: Iterable<Uint8Array>): Segment {
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
      const leaf = leafHash(line, this.#crypto);
      for (const promised of this.#promised.get(index) ?? []) this.#hold(promised, leaf);
      this.#frontier.append(leaf, this.#listen);
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
    for (const { checkpoint: older, isWatched, name } of [...this.#prefixes.values()].flat()) {
      if (isWatched || name === OWN_PREFIX) continue;
      if (older.size > checkpoint.size) {
        const message = `${name} has ${older.size} entries, this one ${checkpoint.size}`;
        this.#findings.add('rolledBack', message);
      }
      if (older.origin !== checkpoint.origin) {
        this.#findings.add('inconsistent', `${name} is of ${older.origin}`);
      }
    }
  }

  /** The signed older checkpoints that the entries do not continue, the verifier's own first, with the proof that they do not. */
  async forks(): Promise<Fork[]> {
    const forks: Fork[] = [];
    for (const { grown, prefix } of this.#forked) {
      const { note, root } = prefix;
      if (note === null || root === null) continue;
      forks.push({ note, trueRoot: { root, proof: await grown.proof(this.size) } });
    }
    return forks;
  }

  /** The inclusion proof of the leaf that stands in the place of a promised one; null if it is the one that was promised. */
  async proveOther(promised: PromisedLeaf): Promise<Uint8Array[] | null> {
    return (await this.#broken.get(promised)?.inclusion(this.size)) ?? null;
  }

  #await(prefix: Prefix): Prefix {
    const { size } = prefix.checkpoint;
    const others = this.#prefixes.get(size);
    if (others === undefined) this.#prefixes.set(size, [prefix]);
    else others.push(prefix);
    if (size === this.size) this.#compare(prefix);
    return prefix;
  }

  #compare(prefix: Prefix): void {
    prefix.root = this.#frontier.root();
    prefix.before = this.#lastTime;
    const { checkpoint, isWatched, name, note } = prefix;
    if (isWatched || equalBytes(prefix.root, checkpoint.root)) return;
    if (name !== OWN_PREFIX) {
      const message = `the first ${this.size} entries are not those of ${name}`;
      this.#findings.add('inconsistent', message);
    }
    if (note === null || checkpoint.size === 0) return;
    // The maker of the archive must not be able to hide it behind unsigned notes of its own.
    if (name !== OWN_PREFIX && this.#forked.length >= MAX_FORKS) return;
    const fork = { prefix, grown: new GrownFrom(this.#frontier, this.#crypto) };
    if (name === OWN_PREFIX) this.#forked.unshift(fork);
    else this.#forked.push(fork);
    this.#follow();
  }

  #hold(promised: PromisedLeaf, leaf: Uint8Array): void {
    promised.found = leaf;
    if (equalBytes(promised.hash, leaf)) return;
    this.#broken.set(promised, new GrownFrom(this.#frontier, this.#crypto, 'leaf'));
    this.#follow();
  }

  #follow(): void {
    const all = [...this.#forked.map(({ grown }) => grown), ...this.#broken.values()];
    this.#listen = (level, index, hash) => {
      for (const grown of all) grown.add(level, index, hash);
    };
  }
}
