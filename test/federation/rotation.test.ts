// A node of three replaces its log key and its witness key: the others follow by themselves, and everything goes on.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  followFrom,
  type NodeProcess,
  runCommand,
  startNodeProcess,
} from '../../src/cli/node-process.ts';
import { ExuviaClient } from '../../src/client/exuvia-client.ts';
import { createKey } from '../../src/client/keys.ts';
import { examineFile } from '../../src/commands/examine.ts';
import { loadCrypto } from '../../src/crypto/platform.ts';
import { readKeyFile } from '../../src/key-file.ts';
import { parseNote } from '../../src/log/note.ts';
import {
  COSIGNATURE_V1,
  formatVerifierKey,
  NOTE_ED25519,
  noteSigner,
} from '../../src/log/note-key.ts';
import type { Crypto } from '../../src/protocol/crypto.ts';
import type { JsonObject, JsonValue } from '../../src/protocol/json.ts';
import { idOf, type ObjectName } from '../../src/protocol/object-name.ts';

const SETTINGS = { EXUVIA_PUBLISH_SECONDS: '0.2' };
const random = (length: number) => globalThis.crypto.getRandomValues(new Uint8Array(length));
const main = join(import.meta.dirname, '../../src/main.ts');
const hostOf = ({ origin }: NodeProcess) => new URL(origin).host;

let crypto: Crypto;
let folder: string;
let nodes: NodeProcess[] = [];
/** Founded on the first node, and on the second. */
let tide: ObjectName;
let reef: ObjectName;

const open = (name: string, origin?: string) =>
  startNodeProcess(join(folder, name), origin, undefined, SETTINGS);
const [a, b, c] = [0, 1, 2].map((i) => () => nodes[i] as NodeProcess) as [
  () => NodeProcess,
  () => NodeProcess,
  () => NodeProcess,
];

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 40_000;
  while (!(await holds().catch(() => false))) {
    if (Date.now() > end) throw new Error(`waited in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function noteAt({ origin }: NodeProcess, log: string): Promise<string> {
  return (await fetch(`${origin}/log/${log}/checkpoint`)).text();
}

/** Ids of the keys under the newest checkpoint that the node shows, by name. */
async function signaturesAt(node: NodeProcess, log: string): Promise<string[]> {
  const parsed = parseNote(await noteAt(node, log));
  return parsed.ok ? parsed.note.signatures.map(({ keyId, name }) => `${name}+${keyId}`) : [];
}

async function describeNode({ origin }: NodeProcess): Promise<JsonObject> {
  return (await (await fetch(`${origin}/.well-known/exuvia`)).json()) as JsonObject;
}

/** What stands before the key in the vkey of that log, or witness, under the key that is in the folder now. */
async function idIn({ dataDir }: NodeProcess, name: string, file = 'log-key'): Promise<string> {
  const seed = await readKeyFile(join(dataDir, `${file}.jwk`), crypto);
  const type = file === 'log-key' ? NOTE_ED25519 : COSIGNATURE_V1;
  return formatVerifierKey(noteSigner(name, type, seed, crypto))
    .split('+')
    .slice(0, 2)
    .join('+');
}

const logOf = (node: NodeProcess, id: string) => `${hostOf(node)}/log/${id}`;
const posted = async (node: NodeProcess, submolt: ObjectName, title: string) => {
  const client = new ExuviaClient({ origin: node.origin, key: createKey(random, crypto), crypto });
  await client.post(submolt, { title });
};

/** The others have what the home has, signed with the key that it has now, and both have cosigned it. */
async function inStep(home: NodeProcess, id: string, followers: readonly NodeProcess[]) {
  const key = await idIn(home, logOf(home, id));
  const text = async (node: NodeProcess) => (await noteAt(node, id)).split('\n\n')[0];
  await until(`${id} is everywhere under ${key}`, async () => {
    const here = await text(home);
    for (const node of [home, ...followers]) {
      if ((await text(node)) !== here) return false;
      const last = (await signaturesAt(node, id)).findLast((line) =>
        line.startsWith(logOf(home, id)),
      );
      if (last !== key) return false;
    }
    const cosigned = await signaturesAt(home, id);
    const panel = nodes
      .filter((node) => node !== home)
      .map(async (node) => {
        const name = `${hostOf(node)}/witness`;
        return idIn(node, name, 'witness-key');
      });
    return (await Promise.all(panel)).every((witness) => cosigned.includes(witness));
  });
}

async function isSound(): Promise<void> {
  for (const { dataDir } of nodes) {
    const { faults } = await examineFile(join(dataDir, 'exuvia.db'), crypto);
    expect(faults).toEqual([]);
  }
}

const admin = (node: NodeProcess, ...args: string[]) =>
  runCommand(['admin', ...args, '--data', node.dataDir]);

/** Stops a node, makes another key for it, and starts it. */
async function rotate(place: number, key: string): Promise<void> {
  const node = nodes[place] as NodeProcess;
  await node.stop();
  await admin(node, 'rotate', key);
  nodes[place] = await open('abc'[place] as string, node.origin);
}

const exported = async (node: NodeProcess, name: string) => {
  const file = join(folder, `${name}.tar`);
  await rm(file, { force: true });
  await runCommand(['export', idOf(tide), '--out', file, '--node', node.origin]);
  return file;
};

beforeAll(async () => {
  crypto = await loadCrypto();
  folder = await mkdtemp(join(tmpdir(), 'exuvia-rotation-'));
  nodes = await Promise.all(['a', 'b', 'c'].map((name) => open(name)));
  const found = async (node: NodeProcess, slug: string) => {
    const client = new ExuviaClient({
      origin: node.origin,
      key: createKey(random, crypto),
      crypto,
    });
    const { id } = await client.foundSubmolt({ slug, name: slug });
    await client.post(id, { title: `The first of ${slug}` });
    return id;
  };
  tide = await found(a(), 'tide');
  reef = await found(b(), 'reef');
  await followFrom(b(), `${a().origin}/m/tide`, crypto);
  await followFrom(c(), `${a().origin}/m/tide`, crypto);
  await followFrom(a(), `${b().origin}/m/reef`, crypto);
  await followFrom(c(), `${b().origin}/m/reef`, crypto);
  await inStep(a(), idOf(tide), [b(), c()]);
  await inStep(b(), idOf(reef), [a(), c()]);
}, 60_000);

afterAll(async () => {
  await Promise.all(nodes.map((node) => node.stop()));
  await rm(folder, { recursive: true });
});

describe('another log key', { timeout: 120_000 }, () => {
  test('is taken by the nodes that follow, which take nothing under the old one', async () => {
    const older = await exported(a(), 'older');
    const before = await idIn(a(), logOf(a(), idOf(tide)));
    await rotate(0, 'log-key');
    const now = await idIn(a(), logOf(a(), idOf(tide)));
    expect(now).not.toBe(before);
    // Both keys have signed the head there was.
    expect((await signaturesAt(a(), idOf(tide))).slice(0, 2)).toEqual([before, now]);
    expect((await describeNode(a())).keyStatement).toHaveLength(2);
    await posted(a(), tide, 'Under the second key');
    await inStep(a(), idOf(tide), [b(), c()]);
    expect(await signaturesAt(a(), idOf(tide))).not.toContain(before);
    // Pushed, and forwarded.
    await posted(a(), tide, 'Again');
    await posted(b(), tide, 'From elsewhere');
    await until('it has come back', async () => (await noteAt(c(), idOf(tide))).includes('\n5\n'));
    await inStep(a(), idOf(tide), [b(), c()]);
    await inStep(b(), idOf(reef), [a(), c()]);
    for (const [i, node] of [a(), b()].entries()) {
      const archive = await exported(node, `newer${i}`);
      const report = await runCommand(['verify', archive, '--since', older]);
      expect(report).toContain('VERIFIED');
      expect(report).toContain(now);
      // The other way round the newer one knows keys that the older has not.
      await expect(runCommand(['verify', older, '--since', archive])).rejects.toThrow('(11)');
    }
    expect(await runCommand(['verify', older])).toContain('VERIFIED');
    await isSound();
  });

  test('is stated once, however often the start is cut off', async () => {
    await a().stop();
    await admin(a(), 'rotate', 'log-key');
    const next = join(a().dataDir, 'log-key.next.jwk');
    const made = await readFile(next, 'utf8');
    const { host, port } = new URL(a().origin);
    const env = {
      ...{ ...process.env, ...SETTINGS },
      ...{ EXUVIA_ORIGIN: `http://${host}`, EXUVIA_PORT: port, EXUVIA_HOST: '127.0.0.1' },
      ...{ EXUVIA_DATA: a().dataDir, EXUVIA_DB: '', EXUVIA_PEERS: '', EXUVIA_LOG: 'silent' },
    };
    for (let wait = 250; existsSync(next) && wait < 3_000; wait += 50) {
      const child = spawn(process.execPath, [main, 'serve'], { env, stdio: 'ignore' });
      await new Promise((resolve) => setTimeout(resolve, wait));
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await ended;
    }
    nodes[0] = await open('a', a().origin);
    expect(await readFile(join(a().dataDir, 'log-key.jwk'), 'utf8')).toBe(made);
    expect((await describeNode(a())).keyStatement).toHaveLength(3);
    await posted(a(), tide, 'Under the third key');
    await inStep(a(), idOf(tide), [b(), c()]);
    await isSound();
  });

  test('needs a stopped node, and is made once for each start', async () => {
    await expect(admin(a(), 'rotate', 'log-key')).rejects.toThrow('another node process');
    await b().stop();
    await admin(b(), 'rotate', 'log-key');
    await expect(admin(b(), 'rotate', 'log-key')).rejects.toThrow('waits for the next start');
    nodes[1] = await open('b', b().origin);
    await posted(b(), reef, 'Under its second key');
    await inStep(b(), idOf(reef), [a(), c()]);
  });
});

describe('another witness key', { timeout: 120_000 }, () => {
  test('is the one that the others count from then on', async () => {
    const name = `${hostOf(a())}/witness`;
    const before = await idIn(a(), name, 'witness-key');
    expect(await signaturesAt(b(), idOf(reef))).toContain(before);
    await rotate(0, 'witness-key');
    const now = await idIn(a(), name, 'witness-key');
    expect(now).not.toBe(before);
    await posted(b(), reef, 'To be cosigned');
    await inStep(b(), idOf(reef), [a(), c()]);
    expect(await signaturesAt(b(), idOf(reef))).not.toContain(before);
    const { witnesses } = (await describeNode(b())) as { witnesses: JsonValue[] };
    expect(JSON.stringify(witnesses)).toContain(now);
    await isSound();
  });
});
