// How fast an archive of a size is verified, on one thread and on all cores, and in how much memory: node bench/archives.ts [objects …]
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
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

/** Verifies in a process of its own: seconds, and the most memory it had (Linux), in MB. */
async function verify(file: string, threads: number): Promise<{ seconds: number; peak: number }> {
  const main = join(import.meta.dirname, '..', 'src', 'main.ts');
  const start = performance.now();
  const child = spawn(process.execPath, [main, 'verify', file, '--threads', `${threads}`], {
    stdio: 'ignore',
  });
  let peak = 0;
  const look = async () => {
    const status = await readFile(`/proc/${child.pid}/status`, 'utf8').catch(() => '');
    peak = Math.max(peak, Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1000);
  };
  const watch = setInterval(() => void look(), 100);
  const [code] = await once(child, 'exit');
  clearInterval(watch);
  if (code !== 0) throw new Error(`exit code ${code}`);
  return { seconds: (performance.now() - start) / 1000, peak };
}

const sizes = process.argv.slice(2).map(Number);
const folder = await mkdtemp(join(tmpdir(), 'exuvia-archives-'));
process.stdout.write('| objects | threads | per second | peak memory, MB |\n|---|---|---|---|\n');
try {
  for (const size of sizes.length > 0 ? sizes : [10_000, 100_000]) {
    const file = join(folder, `${size}.tar`);
    await writeSample(file, size);
    for (const threads of new Set([1, availableParallelism()])) {
      const { peak, seconds } = await verify(file, threads);
      const rate = Math.round(size / seconds);
      process.stdout.write(`| ${size} | ${threads} | ${rate} | ${Math.round(peak)} |\n`);
    }
    await rm(file);
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
