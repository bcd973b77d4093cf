// What refusing costs a node: CPU time of requests that are unsigned, malformed or forged, beside one that is let in.
import { mkdtemp, rm } from 'node:fs/promises';
import { Agent } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startNodeProcess } from '../src/cli/node-process.ts';
import { ExuviaClient } from '../src/client/exuvia-client.ts';
import { keyFromSeed } from '../src/client/keys.ts';
import { loadCrypto } from '../src/crypto/platform.ts';
import { CONNECTIONS, random, type SignedPost, send, signPosts } from './posts.ts';

export interface Flood {
  readonly what: string;
  /** Microseconds of the node's CPU time per request: the median run. */
  readonly micros: number;
  /** Of the CPU time of a signed post that is accepted. */
  readonly ratio: number;
}

const REQUESTS = 2_000;
const RUNS = 6;

type Change = (post: SignedPost) => SignedPost;

const headersWith = (change: Record<string, string>): Change => {
  return ({ headers, body }) => ({ body, headers: { ...headers, ...change } });
};

const unsigned: Change = ({ body }) => ({ body, headers: { 'content-type': 'application/json' } });

/** Each is refused before anything of the body is read. */
const FLOODS: readonly (readonly [string, number, Change])[] = [
  ['unsigned post', 403, unsigned],
  ['unsigned read', 403, () => ({ body: null, headers: {} })],
  ['Signature-Input that is no dictionary', 400, headersWith({ 'signature-input': 'sig1=(' })],
  ['signature over nothing', 403, headersWith({ 'signature-input': 'sig1=();tag="web-bot-auth"' })],
  ['signature of long ago', 403, olderBy(1_000)],
  ['forged signature', 403, headersWith({ signature: `sig1=:${'A'.repeat(86)}==:` })],
];

function olderBy(seconds: number): Change {
  return ({ headers, body }) => {
    const input = headers['signature-input'] ?? '';
    const older = input.replace(/(created|expires)=(\d+)/g, (_, name, at) => {
      return `${name}=${Number(at) - seconds}`;
    });
    return { body, headers: { ...headers, 'signature-input': older } };
  };
}

/** The CPU time of one request of each kind, over kept-alive connections where the node keeps them. */
export async function floodCosts(): Promise<Flood[]> {
  const crypto = await loadCrypto();
  const folder = await mkdtemp(join(tmpdir(), 'exuvia-flood-'));
  const node = await startNodeProcess(folder, undefined, undefined, { EXUVIA_LIMIT: 'off' });
  try {
    const key = keyFromSeed(random(32), crypto);
    const founder = new ExuviaClient({ origin: node.origin, key, crypto });
    const { id: submolt } = await founder.foundSubmolt({ slug: 'bench', name: 'Bench' });
    const fresh = () => signPosts(REQUESTS, node.origin, submolt, crypto);
    const cost = async (status: number, change: Change) => {
      const runs: number[] = [];
      for (let run = 0; run < RUNS; run++) {
        const posts = fresh().map(change);
        const before = await cpuSeconds(node.origin);
        await sendAll(node.origin, posts, status);
        runs.push((((await cpuSeconds(node.origin)) - before) / REQUESTS) * 1e6);
      }
      // The first run warms up, and still pays for what the kind before it has left behind.
      const [, ...rest] = runs;
      return rest.sort((a, b) => a - b)[Math.floor(rest.length / 2)] ?? 0;
    };
    const signed = await cost(201, (post) => post);
    const floods: Flood[] = [{ what: 'signed post, accepted', micros: signed, ratio: 1 }];
    for (const [what, status, change] of FLOODS) {
      const micros = await cost(status, change);
      floods.push({ what, micros, ratio: micros / signed });
    }
    return floods;
  } finally {
    await node.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function sendAll(origin: string, posts: readonly SignedPost[], status: number) {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const queue = posts.values();
  const worker = async () => {
    for (const post of queue) {
      const path = post.body === null ? '/api/v1/feed' : '/api/v1/activities';
      const got = await send(origin + path, post, agent);
      if (got !== status) throw new Error(`the node answered ${got} instead of ${status}`);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, worker));
  agent.destroy();
}

async function cpuSeconds(origin: string): Promise<number> {
  const text = await (await fetch(`${origin}/metrics`)).text();
  return Number(/^\w*process_cpu_seconds_total (\S+)/m.exec(text)?.[1]);
}
