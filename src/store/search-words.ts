// Turns text of any language into what the search index holds: numbers that stand for words, and where in the text they are.

/** Scripts that are written without spaces between words, or, as Korean, with endings that stick to them. */
const DENSE =
  '\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Hangul}\\p{Script=Thai}\\p{Script=Lao}\\p{Script=Khmer}\\p{Script=Myanmar}ー';
/** A run of such signs, each with its marks; or a word. */
const RUN = new RegExp(`((?:[${DENSE}]\\p{M}*)+)|[[\\p{L}\\p{M}\\p{N}]--[${DENSE}]]+`, 'gv');
/** A word that is no name made of several. */
const PLAIN = /^[\p{Lu}\d]?[^\p{Lu}]*$/u;
const ASCII = /^[\0-\x7f]*$/;
const SIGN = /\P{M}\p{M}*/gu;
/** Where a word within a name of code begins: `secureDelete`, `HTTPServer`. */
const HUMP = /\p{Ll}(?=\p{Lu})|\p{Lu}(?=\p{Lu}\p{Ll})/gu;
/** Accents of Latin, Greek and Cyrillic letters. Marks of other scripts are letters to their readers. */
const ACCENTS = /[\u0300-\u036f]/g;
const LETTERS: Readonly<Record<string, string>> = {
  ß: 'ss',
  ø: 'o',
  đ: 'd',
  ł: 'l',
  æ: 'ae',
  œ: 'oe',
  ı: 'i',
};
const LONE_LETTERS = new RegExp(`[${Object.keys(LETTERS).join('')}]`, 'g');

/** A place in a text, in UTF-16 units, and the words that stand for it in the index. */
export interface Run {
  readonly start: number;
  readonly end: number;
  readonly codes: readonly number[];
}

/** All there is to find in a text, in its order. */
export function* runsIn(text: string): Generator<Run> {
  for (const match of text.matchAll(RUN)) {
    const [run, dense] = match;
    const start = match.index;
    if (dense === undefined) yield { start, end: start + run.length, codes: wordCodes(run) };
    else yield* denseRuns(dense, start);
  }
}

/** Each sign with the one behind it, and alone: whoever looks for one sign finds it inside of words. */
function* denseRuns(text: string, at: number): Generator<Run> {
  const signs = [...text.matchAll(SIGN)];
  for (const [i, sign] of signs.entries()) {
    const start = at + sign.index;
    const next = signs[i + 1];
    const end = start + sign[0].length;
    yield { start, end, codes: [codeOf(fold(sign[0]))] };
    if (next !== undefined) {
      const both = fold(sign[0] + next[0]);
      yield { start, end: end + next[0].length, codes: [codeOf(both)] };
    }
  }
}

/** A word; of a name made of several, these too. */
function wordCodes(word: string): number[] {
  const whole = codeOf(stem(fold(word)));
  if (PLAIN.test(word)) return [whole];
  const parts = word.length > 100 ? [] : word.replace(HUMP, '$& ').split(' ');
  return parts.length < 2 ? [whole] : [whole, ...parts.map((part) => codeOf(stem(fold(part))))];
}

/**
 * The different codes of what somebody asks for, in its order. Of a dense run only its pairs of signs: each alone is in
 * nearly every text.
 */
export function wantedCodes(query: string): number[] {
  const wanted = new Set<number>();
  for (const [run, dense] of query.matchAll(RUN)) {
    if (dense === undefined) {
      wanted.add(codeOf(stem(fold(run))));
      continue;
    }
    const found = [...denseRuns(dense, 0)];
    const pairs = found.filter((_, i) => i % 2 === 1);
    for (const { codes } of pairs.length > 0 ? pairs : found) wanted.add(codes[0] as number);
  }
  return [...wanted];
}

/** Case, accents, widths and ligatures are one to whoever searches. */
function fold(word: string): string {
  if (ASCII.test(word)) return word.toLowerCase();
  return word
    .normalize('NFKD')
    .replace(ACCENTS, '')
    .toLowerCase()
    .replace(ACCENTS, '')
    .replace(LONE_LETTERS, (letter) => LETTERS[letter] as string)
    .normalize('NFC');
}

/** What words of one family have in common, for those in Latin letters: plurals, -ing, -ed and -ion go. */
function stem(word: string): string {
  if (word.length < 4 || !/^[a-z]+$/.test(word)) return word;
  let root = word;
  if (root.endsWith('ies') && root.length > 4) root = `${root.slice(0, -3)}y`;
  else if (/(?:ss|x|z|ch|sh)es$/.test(root)) root = root.slice(0, -2);
  else if (/[^siu]s$/.test(root)) root = root.slice(0, -1);
  const bare = /^(.*[aeiouy].*)(?:ing|ed|ion)$/.exec(root)?.[1] ?? '';
  if (bare.length >= 3) root = bare.replace(/([bdfgmnprt])\1$/, '$1');
  return root.length > 3 && root.endsWith('e') ? root.slice(0, -1) : root;
}

/** 31 bits that stand for a word. Nobody can read the word out of them; two words in two thousand million have the same. */
function codeOf(word: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < word.length; i++) {
    hash = Math.imul(hash ^ word.charCodeAt(i), 0x01000193);
  }
  // FNV-1a leaves the last letters in the low bits; this mixes all of them (the finalizer of MurmurHash3).
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 1;
}

/** Changes whenever the same text gives other codes. What the index has from before is of no use then. */
export const WORDS_VERSION = '1';
