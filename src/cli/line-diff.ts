// What has changed between two texts, line by line, for a person who is to agree to it.

/** Above this many pairs of lines the two texts are shown one after the other. */
const MOST_PAIRS = 4_000_000;
/** Lines around a change that stay the same and are shown. */
const AROUND = 2;

interface Line {
  readonly sign: ' ' | '-' | '+';
  readonly text: string;
}

/** Lines that begin with `-`, `+` or a space, as in a unified diff without its headings; `…` where lines are left out. */
export function lineDiff(before: string, after: string): string[] {
  const [old, young] = [before.split('\n'), after.split('\n')];
  let start = 0;
  while (start < Math.min(old.length, young.length) && old[start] === young[start]) start++;
  let end = 0;
  const room = Math.min(old.length, young.length) - start;
  while (end < room && old.at(-1 - end) === young.at(-1 - end)) end++;
  const same = (texts: string[]) => texts.map((text): Line => ({ sign: ' ', text }));
  const [was, is] = [old.slice(start, old.length - end), young.slice(start, young.length - end)];
  return shorten([
    ...same(old.slice(0, start)),
    ...middle(was, is),
    ...same(old.slice(old.length - end)),
  ]);
}

/** By the longest common subsequence of lines. */
function middle(was: readonly string[], is: readonly string[]): Line[] {
  const gone = was.map((text): Line => ({ sign: '-', text }));
  const come = is.map((text): Line => ({ sign: '+', text }));
  if (was.length * is.length > MOST_PAIRS) return [...gone, ...come];
  const width = is.length + 1;
  const lengths = new Uint32Array((was.length + 1) * width);
  const at = (i: number, j: number) => lengths[i * width + j] ?? 0;
  for (let i = was.length - 1; i >= 0; i--) {
    for (let j = is.length - 1; j >= 0; j--) {
      lengths[i * width + j] =
        was[i] === is[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const lines: Line[] = [];
  let [i, j] = [0, 0];
  while (i < was.length && j < is.length) {
    if (was[i] === is[j]) {
      lines.push({ sign: ' ', text: was[i] ?? '' });
      i++;
      j++;
    } else if (at(i + 1, j) >= at(i, j + 1)) lines.push({ sign: '-', text: was[i++] ?? '' });
    else lines.push({ sign: '+', text: is[j++] ?? '' });
  }
  return [...lines, ...gone.slice(i), ...come.slice(j)];
}

function shorten(lines: readonly Line[]): string[] {
  const shown: string[] = [];
  let left = false;
  for (const [index, { sign, text }] of lines.entries()) {
    const near = lines.slice(Math.max(0, index - AROUND), index + AROUND + 1);
    if (near.every((line) => line.sign === ' ')) {
      left = true;
      continue;
    }
    if (left) shown.push('…');
    left = false;
    shown.push(sign + text);
  }
  return shown;
}
