// What a search costs as posts become many, and the index in disk: node bench/search.ts [posts …]
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fillSearch } from '../src/store/fill-search.ts';
import { searchTexts } from '../src/store/queries/search.ts';
import { GROUP, openHeart, postOf } from './heart.ts';
import { quantile } from './measure.ts';

const QUERIES = 500;
/** Words of a post, and how many there are: the n-th most common is 1/n as common as the first. */
const LENGTH = 120;
const VOCABULARY = 50_000;

const print = (line: string) => process.stdout.write(`${line}\n`);
const cells = (...values: (string | number)[]) => print(`| ${values.join(' | ')} |`);

let sum = 0;
const cumulative = Array.from({ length: VOCABULARY }, (_, i) => {
  sum += 1 / (i + 1);
  return sum;
});
/** By its rank; a word has letters alone. */
const wordOf = (rank: number) =>
  `w${[...rank.toString(26)].map((digit) => String.fromCharCode(97 + Number.parseInt(digit, 26))).join('')}q`;

function randomWord(): string {
  const at = Math.random() * sum;
  let [low, high] = [0, VOCABULARY - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((cumulative[middle] as number) < at) low = middle + 1;
    else high = middle;
  }
  return wordOf(low);
}
const text = (words: number) => Array.from({ length: words }, randomWord).join(' ');

/** What is looked for: everyday questions, the most common words together, words of every kind at once, and what nobody has said. */
const KINDS: Readonly<Record<string, () => string>> = {
  'three words': () => text(3),
  'the commonest': () => [0, 1, 2, 3, 4, 5].map(wordOf).join(' '),
  'thirty words': () => text(30),
  'no such word': () => `${text(1)} zzz${Math.random().toString(36).slice(2)}`,
};

const sizes = process.argv.slice(2).map(Number);
const folder = await mkdtemp(join(tmpdir(), 'exuvia-search-'));
try {
  print(
    '| posts | what | ms, median | p99 | longest without a turn for others | µs to index a post | bytes of index |',
  );
  print('|---|---|---|---|---|---|---|');
  const heart = await openHeart(folder);
  const { db } = heart;
  const submolt = (await heart.found('bench')).name;
  let count = 0;
  for (const goal of sizes.length > 0 ? sizes : [10_000, 100_000]) {
    const before = count;
    while (count < goal) {
      const length = Math.min(GROUP, goal - count);
      const first = count;
      await heart.append(
        Array.from({ length }, (_, n) => postOf(submolt, first + n, text(LENGTH))),
      );
      count += length;
    }
    const start = performance.now();
    while (!(await fillSearch(db)).done);
    const each = ((performance.now() - start) * 1000) / Math.max(count - before, 1);
    const [rows = []] = await db.batch('read', [
      { sql: "SELECT sum(pgsize) FROM dbstat WHERE name LIKE 'search_%'", args: [] },
    ]);
    const bytes = Number(rows[0]?.[0]) / count;
    for (const [what, query] of Object.entries(KINDS)) {
      const times: number[] = [];
      let [longest, last] = [0, performance.now()];
      let watching = true;
      const watch = () => {
        longest = Math.max(longest, performance.now() - last);
        last = performance.now();
        if (watching) setImmediate(watch);
      };
      watch();
      for (let i = 0; i < QUERIES; i++) {
        const begun = performance.now();
        await searchTexts(db, { q: query(), type: 'all', limit: 25, now: 0 });
        times.push(performance.now() - begun);
      }
      watching = false;
      const two = [0.5, 0.99].map((q) => quantile(times, q).toFixed(1));
      cells(count, what, ...two, longest.toFixed(1), each.toFixed(0), bytes.toFixed(0));
    }
  }
  await heart.close();
} finally {
  await rm(folder, { recursive: true, force: true });
}
