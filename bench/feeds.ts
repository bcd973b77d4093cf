// What a page of a feed costs as posts become many, and what a node with so many takes of memory and disk: node bench/feeds.ts [posts …]
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toBase64url } from '../src/protocol/bytes.ts';
import type { ObjectName } from '../src/protocol/object-name.ts';
import type { Database } from '../src/store/database.ts';
import { listPosts, type PostSort } from '../src/store/queries/posts.ts';
import { GROUP, openHeart, postOf } from './heart.ts';
import { quantile } from './measure.ts';
import { random } from './posts.ts';

const SORTS: readonly PostSort[] = ['hot', 'new', 'top'];
const PAGE = 25;
/** Pages of each kind, and how many follow one another before the first one is read again. */
const PAGES = 2000;
const DEEP = 20;
/** Of random text, so that a post has about 1 KB. */
const BYTES = 450;
const REQUESTS = 2000;

/** What is installed: the built file, if `npm run build` has made one. The source takes more memory for itself. */
const built = join(import.meta.dirname, '../dist/cli/node-process.js');
const source = join(import.meta.dirname, '../src/cli/node-process.ts');
const { startNodeProcess } = (await import(
  existsSync(built) ? built : source
)) as typeof import('../src/cli/node-process.ts');

const print = (line: string) => process.stdout.write(`${line}\n`);
const cells = (...values: (string | number)[]) => print(`| ${values.join(' | ')} |`);

/** Milliseconds of each of many pages of 25. */
async function timePages(
  db: Database,
  sort: PostSort,
  submolt: ObjectName | undefined,
): Promise<number[]> {
  const times: number[] = [];
  let cursor: string | undefined;
  for (let i = 0; i < PAGES; i++) {
    if (i % DEEP === 0) cursor = undefined;
    const start = performance.now();
    const page = await listPosts(db, { sort, submolt, cursor, limit: PAGE });
    times.push(performance.now() - start);
    if (page.posts.length !== PAGE) throw new Error(`a page of ${page.posts.length}`);
    cursor = page.next_cursor ?? undefined;
  }
  return times;
}

/** Most memory that a node has had that starts on this and shows pages, in MB. */
async function peakOf(folder: string, origin: string): Promise<number> {
  const node = await startNodeProcess(folder, origin, undefined, { EXUVIA_LIMIT: 'off' });
  for (let i = 0; i < REQUESTS; i++) {
    const response = await fetch(`${origin}/?sort=${SORTS[i % SORTS.length]}`);
    await response.text();
    if (!response.ok) throw new Error(`the node answered ${response.status}`);
  }
  const status = await readFile(`/proc/${node.pid}/status`, 'utf8').catch(() => '');
  await node.stop();
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1000;
}

const sizes = process.argv.slice(2).map(Number);
const folder = await mkdtemp(join(tmpdir(), 'exuvia-feeds-'));
try {
  print(
    '| posts | page of a submolt: ms, median | p99 | page of all: ms, median | p99 | memory of a node, MB | bytes of a post |',
  );
  print('|---|---|---|---|---|---|---|');
  let count = 0;
  let place: { readonly origin: string; readonly submolt: ObjectName } | null = null;
  for (const goal of sizes.length > 0 ? sizes : [10_000, 1_000_000]) {
    const heart = await openHeart(folder, place?.origin);
    const { origin } = heart.config;
    place ??= { origin, submolt: (await heart.found('bench')).name };
    const { submolt } = place;
    while (count < goal) {
      const posts = Array.from({ length: Math.min(GROUP, goal - count) }, (_, n) =>
        postOf(submolt, count + n, toBase64url(random(BYTES))),
      );
      await heart.append(posts);
      count += posts.length;
    }
    const times = async (one?: ObjectName) => {
      const all: number[] = [];
      for (const sort of SORTS) all.push(...(await timePages(heart.db, sort, one)));
      return all;
    };
    const [own, all] = [await times(submolt), await times()];
    await heart.close();
    const { size } = await stat(join(folder, 'exuvia.db'));
    const peak = await peakOf(folder, origin);
    const two = (times: readonly number[]) =>
      [0.5, 0.99].map((q) => quantile(times, q).toFixed(2)).join(' | ');
    cells(count, two(own), two(all), peak.toFixed(0), (size / count).toFixed(0));
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
