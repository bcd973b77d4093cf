// Texts as analysis compares them: normal form, words, phrases of three words, and a sketch that near-duplicates share.
import { utf8 } from '../protocol/bytes.ts';

/** NFKC, lower case, white space as single spaces: what differs in nothing else is the same text. */
export function normalText(text: string): string {
  return text.normalize('NFKC').toLowerCase().replace(/\s+/gu, ' ').trim();
}

/** Runs of letters, marks, digits and inner apostrophes of a normal text. */
export function wordsOf(normal: string): string[] {
  return normal.match(/[\p{L}\p{M}\p{N}]+(?:['’][\p{L}\p{M}\p{N}]+)*/gu) ?? [];
}

const PHRASE_WORDS = 3;

/** FNV-1a, 32 bits, of the distinct phrases of three words that follow each other. */
export function phrasesOf(words: readonly string[]): Set<number> {
  const phrases = new Set<number>();
  for (let i = 0; i + PHRASE_WORDS <= words.length; i++) {
    phrases.add(fnv1a(words.slice(i, i + PHRASE_WORDS).join(' ')));
  }
  return phrases;
}

export function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of utf8(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash;
}

export const BANDS = 8;
const ROWS_PER_BAND = 6;

/**
 * MinHash in bands: for each band a hash of the least values that six fixed mixing functions give any of the phrases.
 * Two texts whose sets of phrases have a Jaccard similarity of s share a band with the probability 1 − (1 − s⁶)⁸.
 */
export function sketchOf(phrases: ReadonlySet<number>): number[] {
  const bands: number[] = [];
  for (let band = 0; band < BANDS; band++) {
    let joined = fnv1a(`band ${band}`);
    for (let row = 0; row < ROWS_PER_BAND; row++) {
      const seed = band * ROWS_PER_BAND + row + 1;
      let least = 0xffffffff;
      for (const phrase of phrases) {
        const value = mix(phrase, seed);
        if (value < least) least = value;
      }
      joined = mix(joined ^ least, 0x9e3779b9);
    }
    bands.push(joined);
  }
  return bands;
}

/** The finaliser of MurmurHash3 over the value and a seed. */
function mix(value: number, seed: number): number {
  let hash = (value ^ Math.imul(seed, 0x9e3779b1)) >>> 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** Numbers of 32 bits that were met, in little memory. */
export class NumberSet {
  /** Open addressing; 0 is free, so 0 itself is kept apart. */
  #slots = new Uint32Array(1024);
  #size = 0;
  #hasZero = false;

  /** False if it was there before. */
  add(value: number): boolean {
    if (value === 0) {
      const isNew = !this.#hasZero;
      this.#hasZero = true;
      return isNew;
    }
    const slot = slotOf(this.#slots, value);
    if (this.#slots[slot] === value) return false;
    this.#slots[slot] = value;
    this.#size += 1;
    if (this.#size * 2 > this.#slots.length) this.#widen();
    return true;
  }

  #widen(): void {
    const wider = new Uint32Array(this.#slots.length * 2);
    for (const value of this.#slots) if (value !== 0) wider[slotOf(wider, value)] = value;
    this.#slots = wider;
  }
}

function slotOf(slots: Uint32Array, value: number): number {
  const mask = slots.length - 1;
  let slot = mix(value, 0) & mask;
  while (slots[slot] !== 0 && slots[slot] !== value) slot = (slot + 1) & mask;
  return slot;
}
