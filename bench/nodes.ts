// What whole nodes do: accept signed posts over HTTP, replicate a log; and how fast its archive is verified.
import { mkdtemp, rm } from 'node:fs/promises';
import { Agent } from 'node:http';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createExaminerPool } from '../src/cli/examiner-pool.ts';
import { followFrom, type NodeProcess, startNodeProcess } from '../src/cli/node-process.ts';
import { ExuviaClient } from '../src/client/exuvia-client.ts';
import { keyFromSeed } from '../src/client/keys.ts';
import { loadCrypto } from '../src/crypto/platform.ts';
import { verifyArchive } from '../src/log/archive-verify.ts';
import type { Crypto } from '../src/protocol/crypto.ts';
import { idOf, type ObjectName } from '../src/protocol/object-name.ts';
import { measure, type Rate, rateOf } from './measure.ts';
import { CONNECTIONS, random, type SignedPost, send, signPosts } from './posts.ts';

/** What is measured is how fast a node is, not how much it lets through. */
const UNLIMITED = { EXUVIA_LIMIT: 'off' };
const POSTS = 4_000;
const RUNS = 3;

/** All these figures, over one submolt that grows by `POSTS` in each run. */
export async function nodeRates(): Promise<Rate[]> {
  const crypto = await loadCrypto();
  const folder = await mkdtemp(join(tmpdir(), 'exuvia-bench-'));
  const nodes: NodeProcess[] = [];
  try {
    const home = await startNodeProcess(join(folder, 'home'), undefined, undefined, UNLIMITED);
    nodes.push(home);
    const founder = new ExuviaClient({
      origin: home.origin,
      key: keyFromSeed(random(32), crypto),
      crypto,
    });
    const { id: submolt } = await founder.foundSubmolt({ slug: 'bench', name: 'Bench' });
    const submit = await submitRate(home, submolt, crypto);
    const replicate = await replicateRate(folder, nodes, home, founder, submolt, crypto);
    return [submit, replicate, ...(await archiveRates(home, submolt, crypto))];
  } finally {
    await Promise.all(nodes.map((node) => node.stop()));
    await rm(folder, { recursive: true, force: true });
  }
}

async function submitRate(home: NodeProcess, submolt: ObjectName, crypto: Crypto): Promise<Rate> {
  const rates: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    const posts = signPosts(POSTS, home.origin, submolt, crypto);
    const start = performance.now();
    await sendAll(home.origin, posts);
    rates.push(POSTS / ((performance.now() - start) / 1000));
  }
  return rateOf(`submit over HTTP, durable, ${CONNECTIONS} connections`, rates);
}

async function sendAll(origin: string, posts: readonly SignedPost[]): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  let next = 0;
  const worker = async () => {
    for (let post = posts[next++]; post !== undefined; post = posts[next++]) {
      const status = await send(`${origin}/api/v1/activities`, post, agent);
      if (status !== 201) throw new Error(`the node answered ${status}`);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, worker));
  agent.destroy();
}

/** A node that has nothing follows the submolt: catch-up of the whole log, every proof checked. */
async function replicateRate(
  folder: string,
  nodes: NodeProcess[],
  home: NodeProcess,
  reader: ExuviaClient,
  submolt: ObjectName,
  crypto: Crypto,
): Promise<Rate> {
  const { log } = await reader.read.submolt(submolt);
  const rates: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    const replica = await startNodeProcess(
      join(folder, `replica-${run}`),
      undefined,
      undefined,
      UNLIMITED,
    );
    nodes.push(replica);
    const start = performance.now();
    await followFrom(replica, `${home.origin}/m/bench`, crypto);
    while ((await heldBy(replica, submolt)) < log.size) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    rates.push(log.size / ((performance.now() - start) / 1000));
    await replica.stop();
    nodes.pop();
  }
  return rateOf('replicate: entries of a log, proofs checked', rates);
}

async function heldBy({ origin }: NodeProcess, submolt: ObjectName): Promise<number> {
  const response = await fetch(`${origin}/log/${idOf(submolt)}/checkpoint`);
  if (!response.ok) return 0;
  return Number((await response.text()).split('\n')[1]);
}

async function archiveRates(
  home: NodeProcess,
  submolt: ObjectName,
  crypto: Crypto,
): Promise<Rate[]> {
  const response = await fetch(`${home.origin}/log/${idOf(submolt)}/archive`);
  const bytes = new Uint8Array(await response.arrayBuffer());
  async function* chunks() {
    for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536);
  }
  const rates: Rate[] = [];
  for (const threads of [1, availableParallelism()]) {
    const rate = async () => {
      const examiner = createExaminerPool(crypto, threads);
      try {
        const report = await verifyArchive(chunks(), { crypto, examiner, now: Date.now() });
        if (!report.ok) throw new Error(`exit code ${report.code}`);
        return report.objects;
      } finally {
        await examiner.close();
      }
    };
    rates.push(await measure(`archive verify, threads: ${threads}: objects`, rate, RUNS));
  }
  return rates;
}
