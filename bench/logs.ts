// What a log costs as it grows: to append an entry, and to prove that one is there: node bench/logs.ts [entries …]
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inclusionProof } from '../src/log/inclusion.ts';
import { startNode } from '../src/node.ts';
import type { Crypto } from '../src/protocol/crypto.ts';
import type { VerifiedObject } from '../src/protocol/object.ts';
import { idOf, type ObjectName } from '../src/protocol/object-name.ts';
import type { Database } from '../src/store/database.ts';
import { findLog, proofReader } from '../src/store/queries/logs.ts';
import { type Cost, GROUP, objectOf, openHeart, postOf, take } from './heart.ts';
import { mean, quantile } from './measure.ts';
import { random } from './posts.ts';

/** Groups over which a cost is taken: the last ones before a size is reached. Every few groups one pays to fold the database's log. */
const WINDOW = 40;
/** Entries of another log, before anything is measured. */
const WARM_UP = 10_000;
/** Every tenth entry is a post, and the nine after it are votes on it. */
const VOTES = 9;
const PROOFS = 2000;
const REQUESTS = 500;

function* acts(submolt: ObjectName): Generator<VerifiedObject, never> {
  for (let n = 0; ; n++) {
    const post = postOf(submolt, n, `${n} ${'x'.repeat(100)}`);
    yield post;
    for (let vote = 1; vote <= VOTES; vote++) {
      yield objectOf({ type: 'Like', audience: submolt, object: post.name }, n + vote);
    }
  }
}

interface Proofs {
  /** Milliseconds of each, at random places. */
  readonly times: readonly number[];
  /** Milliseconds of the processor, of one. */
  readonly cpu: number;
}

async function timeProofs(db: Database, origin: string, crypto: Crypto): Promise<Proofs> {
  const times: number[] = [];
  const before = process.cpuUsage();
  for (let i = 0; i < PROOFS; i++) {
    const start = performance.now();
    const log = await findLog(db, origin);
    if (log === null) throw new Error(`no log ${origin}`);
    const index = Math.floor(Math.random() * log.size);
    const read = proofReader(db, log, log.size, crypto);
    await inclusionProof(index, log.size, read, crypto);
    times.push(performance.now() - start);
  }
  const { user, system } = process.cpuUsage(before);
  return { times, cpu: (user + system) / 1000 / PROOFS };
}

async function timeRequests(url: string, size: number): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < REQUESTS; i++) {
    const start = performance.now();
    const response = await fetch(`${url}?index=${Math.floor(Math.random() * size)}`);
    await response.text();
    if (!response.ok) throw new Error(`the node answered ${response.status}`);
    times.push(performance.now() - start);
  }
  return times;
}

const print = (line: string) => process.stdout.write(`${line}\n`);
const cells = (...values: (string | number)[]) => print(`| ${values.join(' | ')} |`);
const at = (times: readonly number[]) =>
  `${quantile(times, 0.5).toFixed(2)} | ${quantile(times, 0.99).toFixed(2)}`;

const sizes = process.argv.slice(2).map(Number);
const folder = await mkdtemp(join(tmpdir(), 'exuvia-logs-'));
try {
  const heart = await openHeart(folder);
  const { config, context, db } = heart;
  const warming = acts((await heart.found('warm-up')).name);
  for (let n = 0; n < WARM_UP; n += GROUP) {
    await heart.append(take(warming, GROUP));
  }
  const { name: submolt } = await heart.found('bench');
  const origin = `${context.node.authority}/log/${idOf(submolt)}`;

  print('| entries | append: CPU µs | append: µs | proof: CPU ms | proof: ms, median | p99 |');
  print('|---|---|---|---|---|---|');
  const objects = acts(submolt);
  let size = 1;
  for (const goal of sizes.length > 0 ? sizes : [10_000, 100_000, 1_000_000]) {
    const costs: Cost[] = [];
    while (size < goal) {
      const group = take(objects, Math.min(GROUP, goal - size));
      costs.push(await heart.append(group));
      size += group.length;
    }
    const last = costs.slice(-WINDOW);
    const cpu = mean(last.map((cost) => cost.cpu));
    const wall = mean(last.map((cost) => cost.wall));
    const proofs = await timeProofs(db, origin, context.crypto);
    cells(goal, cpu.toFixed(0), wall.toFixed(0), proofs.cpu.toFixed(2), at(proofs.times));
  }
  await heart.close();
  const begun = performance.now();
  const served = await startNode(config, { now: Date.now, random });
  const seconds = (performance.now() - begun) / 1000;
  const requests = await timeRequests(`${config.origin}/log/${idOf(submolt)}/proof`, size);
  await served.close();
  print(
    '\n| entries | start of the node, every entry checked: s | GET /log/:id/proof: ms, median | p99 |',
  );
  print('|---|---|---|---|');
  cells(size, seconds.toFixed(1), at(requests));
} finally {
  await rm(folder, { recursive: true, force: true });
}
