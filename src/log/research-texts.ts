// Duplicate and near-duplicate texts, and whether texts come to resemble each other in the course of time.
import { utf8 } from '../protocol/bytes.ts';
import type { Crypto } from '../protocol/crypto.ts';
import { formatDateTime, parseDateTime } from '../protocol/date-time.ts';
import { nameFromHash } from '../protocol/object-name.ts';
import { NameTable } from './name-table.ts';
import { ratio, rounded, slopeOf } from './research-numbers.ts';
import {
  BANDS,
  fnv1a,
  NumberSet,
  normalText,
  phrasesOf,
  sketchOf,
  wordsOf,
} from './text-sketch.ts';

export interface DuplicateFigures {
  /** Posts and comments with words. */
  readonly texts: number;
  readonly duplicates: number;
  readonly duplicate_share: number | null;
  /** Texts long enough to be compared by phrases; near-duplicates among them, the duplicates included. */
  readonly compared: number;
  readonly near_duplicates: number;
  readonly near_duplicate_share: number | null;
}

export interface ConvergenceWindow {
  /** First day of the window, UTC. */
  readonly from: string;
  /** Distinct texts in it. */
  readonly texts: number;
  /** Mean cosine over all pairs of them; null below two. */
  readonly topics: number | null;
  readonly phrasing: number | null;
}

export interface ConvergenceFigures {
  readonly window_days: number;
  readonly windows: readonly ConvergenceWindow[];
  /** Least-squares slope per window; above 0 where texts grow alike. */
  readonly topics_trend: number | null;
  readonly phrasing_trend: number | null;
}

/** Shorter texts are alike by chance: only as a whole are they compared. */
const MIN_WORDS = 8;
const TOPIC_WORD = 5;
const DAY_MS = 86_400_000;

export class Texts {
  readonly #crypto: Crypto;
  readonly #windowDays: number;
  readonly #seen = new NameTable();
  readonly #bands = Array.from({ length: BANDS }, () => new NumberSet());
  readonly #windows: ConvergenceWindow[] = [];
  #window: Window | null = null;
  #texts = 0;
  #duplicates = 0;
  #compared = 0;
  #near = 0;

  constructor(crypto: Crypto, windowDays: number) {
    this.#crypto = crypto;
    this.#windowDays = windowDays;
  }

  /** Texts come in the order of the log; `t` is in milliseconds. */
  take(text: string, t: number): void {
    const normal = normalText(text);
    if (normal === '') return;
    this.#texts += 1;
    const name = nameFromHash(this.#crypto.sha256(utf8(normal)));
    const isDuplicate = this.#seen.has(name);
    if (isDuplicate) this.#duplicates += 1;
    else this.#seen.add(name, 0);
    const words = wordsOf(normal);
    const phrases = phrasesOf(words);
    if (words.length >= MIN_WORDS) this.#compare(phrases, isDuplicate);
    // What is repeated word for word is counted above; here it would drown everything else.
    if (!isDuplicate) this.#windowAt(t).add(words, phrases);
  }

  duplicates(): DuplicateFigures {
    return {
      texts: this.#texts,
      duplicates: this.#duplicates,
      duplicate_share: ratio(this.#duplicates, this.#texts),
      compared: this.#compared,
      near_duplicates: this.#near,
      near_duplicate_share: ratio(this.#near, this.#compared),
    };
  }

  convergence(): ConvergenceFigures {
    const windows = [...this.#windows, ...(this.#window === null ? [] : [this.#window.figures()])];
    // A window of silence is a window all the same.
    const slope = (measure: 'topics' | 'phrasing') =>
      slopeOf(windows.map((one) => ({ x: this.#numberOf(one), y: one[measure] })));
    return {
      window_days: this.#windowDays,
      windows,
      topics_trend: slope('topics'),
      phrasing_trend: slope('phrasing'),
    };
  }

  /** Counted from 1970. */
  #numberOf({ from }: ConvergenceWindow): number {
    return (parseDateTime(`${from}T00:00:00Z`) as number) / ((this.#windowDays * DAY_MS) / 1000);
  }

  #compare(phrases: ReadonlySet<number>, isDuplicate: boolean): void {
    this.#compared += 1;
    const known = sketchOf(phrases).map((hash, band) => this.#bands[band]?.add(hash) === false);
    if (isDuplicate || known.includes(true)) this.#near += 1;
  }

  #windowAt(t: number): Window {
    const width = this.#windowDays * DAY_MS;
    const start = Math.floor(t / width) * width;
    if (this.#window !== null && this.#window.start === start) return this.#window;
    if (this.#window !== null) this.#windows.push(this.#window.figures());
    this.#window = new Window(start);
    return this.#window;
  }
}

/** The sum of unit vectors gives the mean cosine of all pairs without comparing any: (|Σx|² − n) / (n (n − 1)). */
class Resemblance {
  readonly #sum = new Map<number, number>();
  #count = 0;

  /** `counts` by number of the word or phrase; nothing of a text without any. */
  add(counts: ReadonlyMap<number, number>): void {
    let square = 0;
    for (const count of counts.values()) square += count * count;
    if (square === 0) return;
    const length = Math.sqrt(square);
    for (const [key, count] of counts) {
      this.#sum.set(key, (this.#sum.get(key) ?? 0) + count / length);
    }
    this.#count += 1;
  }

  mean(): number | null {
    const n = this.#count;
    if (n < 2) return null;
    let square = 0;
    for (const part of this.#sum.values()) square += part * part;
    return rounded((square - n) / (n * (n - 1)));
  }
}

class Window {
  /** Milliseconds. */
  readonly start: number;
  readonly #topics = new Resemblance();
  readonly #phrasing = new Resemblance();
  #texts = 0;

  constructor(start: number) {
    this.start = start;
  }

  add(words: readonly string[], phrases: ReadonlySet<number>): void {
    this.#texts += 1;
    const topics = new Map<number, number>();
    for (const word of words) {
      if ([...word].length < TOPIC_WORD) continue;
      const hash = fnv1a(word);
      topics.set(hash, (topics.get(hash) ?? 0) + 1);
    }
    this.#topics.add(topics);
    this.#phrasing.add(new Map([...phrases].map((phrase) => [phrase, 1])));
  }

  figures(): ConvergenceWindow {
    return {
      from: formatDateTime(this.start / 1000).slice(0, 10),
      texts: this.#texts,
      topics: this.#topics.mean(),
      phrasing: this.#phrasing.mean(),
    };
  }
}
