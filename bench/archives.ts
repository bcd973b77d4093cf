// How fast an archive of a size is verified, on one thread and on all cores, and in how much memory: node bench/archives.ts [objects …]
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Worker } from 'node:worker_threads';
import { keyFromSeed } from '../src/client/keys.ts';
import { readContextFiles } from '../src/context-files.ts';
import { loadCrypto } from '../src/crypto/platform.ts';
import { type ArchivedEntry, writeArchive } from '../src/log/archive.ts';
import { signCheckpoint } from '../src/log/checkpoint.ts';
import { commitment, encodeEntry, makeEntry } from '../src/log/entry.ts';
import { Frontier, leafHash } from '../src/log/merkle.ts';
import { NOTE_ED25519, noteSigner } from '../src/log/note-key.ts';
import { utf8 } from '../src/protocol/bytes.ts';
import { didKeyOf } from '../src/protocol/did.ts';
import type { JsonObject } from '../src/protocol/json.ts';
import { LOG_KEYS } from '../src/protocol/labels.ts';
import { signObject } from '../src/protocol/object.ts';
import { idOf } from '../src/protocol/object-name.ts';

const AUTHORS = 50;
const CREATED = '2026-11-20T10:00:00Z';
const STEP = 256;

const crypto = await loadCrypto();
const seed = (label: string) => crypto.sha256(utf8(label));
const keys = Array.from({ length: AUTHORS }, (_, n) => keyFromSeed(seed(`author ${n}`), crypto));
const node = keyFromSeed(seed('node'), crypto);
const sign = (key: typeof node, draft: JsonObject) =>
  signObject(draft, { ...key, created: CREATED }, crypto);
const group = { type: 'Group', preferredUsername: 'bench', name: 'Bench' };
const founding = sign(node, { type: 'Create', target: node.did, object: group });
const origin = `node.example/log/${idOf(founding.name)}`;

/** The same in every pass: nothing has to be held. */
function entryAt(index: number): ArchivedEntry {
  const content = `${index} ${'x'.repeat(600)}`;
  const object = { type: 'Article', name: `Post ${index}`, content, mediaType: 'text/markdown' };
  const draft = { type: 'Create', audience: founding.name, object };
  const author = keys[index % AUTHORS] as typeof node;
  const { bytes } = index === 0 ? founding : sign(author, draft);
  const salt = seed(`salt ${index}`).subarray(0, 16);
  const entry = makeEntry(commitment(salt, bytes, crypto), 'Create', 1_795_168_800_000 + index);
  const none = { name: null, erasedBy: null, withdrawal: null, author: null, parent: null };
  return { index, line: encodeEntry(entry), salt, bytes, ...none };
}

async function writeSample(file: string, size: number): Promise<void> {
  const frontier = new Frontier(crypto);
  for (let i = 0; i < size; i++) frontier.append(leafHash(entryAt(i).line, crypto));
  const signer = noteSigner(origin, NOTE_ED25519, seed('log'), crypto);
  const object = didKeyOf(crypto.publicKeyOf(seed('log')));
  const source = {
    origin,
    size,
    checkpoint: signCheckpoint({ origin, size, root: frontier.root() }, signer, crypto),
    submolt: founding.name,
    entries: async (start: number, end: number) =>
      Array.from({ length: Math.min(STEP, end - start) }, (_, i) => entryAt(start + i)),
    didDocuments: [],
    contexts: await readContextFiles(),
    keyStatement: sign(node, { type: 'Add', object, target: LOG_KEYS }).bytes,
    createdAt: CREATED,
  };
  await pipeline(Readable.from(writeArchive(source, crypto)), createWriteStream(file));
}

interface Run {
  readonly seconds: number;
  /** Seconds of all cores together. */
  readonly cpu: number;
  /** Most memory, in MB. */
  readonly peak: number;
}

/** What is installed: the built file, if `npm run build` has made one. */
const root = join(import.meta.dirname, '..');
const built = join(root, 'dist/main.js');
const main = existsSync(built) ? built : join(root, 'src/main.ts');
/** Clock ticks of /proc/<pid>/stat in a second. */
const TICKS = 100;

/** Verifies in a process of its own, from its start to its end. Time of the cores and memory are Linux's word. */
async function verify(file: string, threads: number): Promise<Run> {
  const start = performance.now();
  const child = spawn(process.execPath, [main, 'verify', file, '--threads', `${threads}`], {
    stdio: 'ignore',
  });
  let [peak, cpu] = [0, 0];
  const read = (name: string) => readFile(`/proc/${child.pid}/${name}`, 'utf8').catch(() => '');
  const look = async () => {
    const [status, stat] = [await read('status'), await read('stat')];
    peak = Math.max(peak, Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1000);
    const [user = 0, system = 0] = stat.split(') ')[1]?.split(' ').slice(11, 13).map(Number) ?? [];
    cpu = Math.max(cpu, (user + system) / TICKS);
  };
  const watch = setInterval(() => void look(), 50);
  const [code] = await once(child, 'exit');
  clearInterval(watch);
  if (code !== 0) throw new Error(`exit code ${code}`);
  return { seconds: (performance.now() - start) / 1000, cpu, peak };
}

/** Signatures per second that so many threads check at once, doing nothing else. */
async function verifierRate(threads: number): Promise<number> {
  const file = new URL('./verifier-thread.ts', import.meta.url);
  const workers = Array.from({ length: threads }, () => new Worker(file));
  const rates = workers.map(async (worker) => {
    worker.postMessage(1000);
    const [rate] = await once(worker, 'message');
    await worker.terminate();
    return rate as number;
  });
  return (await Promise.all(rates)).reduce((sum, rate) => sum + rate, 0);
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

const sizes = process.argv.slice(2).map(Number);
const folder = await mkdtemp(join(tmpdir(), 'exuvia-archives-'));
const print = (...cells: (string | number)[]) => process.stdout.write(`| ${cells.join(' | ')} |\n`);
process.stdout.write(`exuvia verify, ${relative(root, main)}; ${crypto.name}\n\n`);
print('objects', 'threads', 'per second', 'of the verifier', 'CPU µs each', 'peak memory, MB');
process.stdout.write('|---|---|---|---|---|---|\n');
try {
  for (const size of sizes.length > 0 ? sizes : [10_000, 100_000]) {
    const file = join(folder, `${size}.tar`);
    await writeSample(file, size);
    for (const threads of new Set([1, availableParallelism()])) {
      const runs: Run[] = [];
      const rates = [await verifierRate(threads)];
      // In turn: what disturbs the one disturbs the other.
      for (let i = 0; i < (size > 200_000 ? 1 : 3); i++) {
        runs.push(await verify(file, threads));
        rates.push(await verifierRate(threads));
      }
      const rate = size / median(runs.map(({ seconds }) => seconds));
      const ratio = (rate / median(rates)).toFixed(2);
      const cpu = (median(runs.map((run) => run.cpu)) / size) * 1_000_000;
      const peak = Math.max(...runs.map((run) => run.peak));
      print(size, threads, Math.round(rate), ratio, cpu.toFixed(1), Math.round(peak));
    }
    await rm(file);
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
