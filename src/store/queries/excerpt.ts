// Cuts the piece out of a text that shows why it was found, and says where in it the words are.
import { runsIn } from '../search-words.ts';

const LENGTH = 240;
/** Shown before the first word that was looked for. */
const BEFORE = 60;
/** Of a text, looked at for these words, in UTF-16 units. */
const LOOKED_AT = 40_000;
const MAX_MARKS = 20;

export interface Excerpt {
  /** A piece of the text as it was signed, no markup added. */
  readonly text: string;
  /** Pairs of beginning and end, in UTF-16 units of `text`, without overlaps. */
  readonly marks: readonly (readonly [number, number])[];
}

/** The beginning of the text where none of the codes is in it. */
export function cutExcerpt(text: string, wanted: ReadonlySet<number>): Excerpt {
  const places: [number, number][] = [];
  let start: number | null = null;
  for (const run of runsIn(text.slice(0, LOOKED_AT))) {
    if (start !== null && run.end > start + LENGTH) break;
    if (!run.codes.some((code) => wanted.has(code))) continue;
    start ??= wordStart(text, Math.max(0, run.start - BEFORE), run.start);
    const last = places.at(-1);
    if (last !== undefined && run.start <= last[1]) last[1] = Math.max(last[1], run.end);
    else if (places.length < MAX_MARKS) places.push([run.start, run.end]);
  }
  const from = start ?? 0;
  const piece = whole(text.slice(from, from + LENGTH));
  const marks = places
    .map(([begin, end]) => [begin - from, Math.min(end - from, piece.length)] as const)
    .filter(([begin, end]) => begin < end);
  return { text: piece, marks };
}

/** The beginning of the next word from `at` on, if there is one before `latest`. */
function wordStart(text: string, at: number, latest: number): number {
  if (at === 0) return 0;
  const space = text.slice(at, latest).search(/\s/);
  return space < 0 ? latest : at + space + 1;
}

/** Without the half of a sign at its end. */
function whole(text: string): string {
  return text.isWellFormed() ? text : text.slice(0, -1);
}
