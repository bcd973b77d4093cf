// A node restored from an old copy: it notices before it signs a second history, goes on reading, and becomes whole again.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { followFrom, type NodeProcess, startNodeProcess } from '../../src/cli/node-process.ts';
import { ExuviaClient } from '../../src/client/exuvia-client.ts';
import { createKey } from '../../src/client/keys.ts';
import { loadCrypto } from '../../src/crypto/platform.ts';
import type { Crypto } from '../../src/protocol/crypto.ts';
import { idOf, type ObjectName } from '../../src/protocol/object-name.ts';
import { derivedRows } from '../../src/store/derived-digest.ts';
import { FileDatabase } from '../../src/store/file-database.ts';
import { readLeaves } from '../../src/store/queries/bodies.ts';
import { findLog, listLogs } from '../../src/store/queries/logs.ts';
import { listDeadLetters, listFollowers } from '../../src/store/queries/peers.ts';
import { readCopy } from '../copied-database.ts';
import { checkInvariants } from '../invariants.ts';

const MAIN = join(import.meta.dirname, '../../src/main.ts');
const SETTINGS = { EXUVIA_PUBLISH_SECONDS: '0.3' };
const random = (length: number) => globalThis.crypto.getRandomValues(new Uint8Array(length));

let crypto: Crypto;
let folder: string;
let home: NodeProcess;
let others: NodeProcess[];
let ada: ExuviaClient;
let tides: ObjectName;

const data = () => join(folder, 'home');
const copy = (name: string) => join(folder, name);

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 30_000;
  while (!(await holds().catch(() => false))) {
    if (Date.now() > end) throw new Error(`waited in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function reading<T>(dataDir: string, read: (db: FileDatabase) => Promise<T>): Promise<T> {
  const db = new FileDatabase(join(dataDir, 'exuvia.db'));
  try {
    return await read(db);
  } finally {
    await db.close();
  }
}

const check = (dataDir: string) => readCopy(dataDir, (db) => checkInvariants(db, crypto));
const authority = () => new URL(home.origin).host;
const logOf = (submolt: ObjectName) => `${authority()}/log/${idOf(submolt)}`;

async function headOf({ dataDir }: NodeProcess, origin: string): Promise<string> {
  const log = await reading(dataDir, (db) => findLog(db, origin));
  return `${log?.signedSize} ${Buffer.from(log?.root ?? []).toString('hex')}`;
}

/** The followers have all of these logs of the home. */
async function inStep(...origins: string[]): Promise<void> {
  for (const origin of origins) {
    await until(`${origin} is everywhere`, async () => {
      const [first, ...rest] = await Promise.all(
        [home, ...others].map((node) => headOf(node, origin)),
      );
      return rest.every((head) => head === first);
    });
  }
}

/** All that the home has said: entries, bodies and signed heads of its logs, and what follows from them. */
function contents(dataDir: string) {
  return reading(dataDir, async (db) => {
    const logs = (await listLogs(db)).filter(({ isHome }) => isHome);
    const sorted = logs.toSorted((a, b) => (a.origin < b.origin ? -1 : 1));
    return {
      logs: await Promise.all(
        sorted.map(async ({ id, origin, root, size }) => ({
          ...{ origin, root, size },
          leaves: await readLeaves(db, { id, origin }, 0, size),
        })),
      ),
      derived: await derivedRows(db),
    };
  });
}

const FILES = ['exuvia.db', 'exuvia.db-wal'];

/** What a database is; of a node that was stopped the second may be missing. */
async function copyDatabase(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  for (const file of [...FILES, 'exuvia.db-shm']) await rm(join(to, file), { force: true });
  for (const file of FILES) {
    if (existsSync(join(from, file))) await cp(join(from, file), join(to, file));
  }
}

/** The database of the copy in the place of that of the home; nothing else of the data folder changes. */
const restore = (name: string) => copyDatabase(copy(name), data());
const backUp = (name: string) => copyDatabase(data(), copy(name));
const forget = () => rm(join(data(), 'signed-heads.ndjson'));

const start = async () => {
  home = await startNodeProcess(data(), home.origin, undefined, SETTINGS);
};
const readiness = async () => (await fetch(`${home.origin}/readyz`)).json();

function admin(...args: string[]) {
  const env = { ...process.env, EXUVIA_ORIGIN: home.origin, EXUVIA_DATA: data(), EXUVIA_DB: '' };
  return spawn(process.execPath, [MAIN, 'admin', ...args], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

async function recover(...args: string[]) {
  const child = admin('recover', '--json', ...args);
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  const [code] = await once(child, 'close');
  return { code, ...JSON.parse(Buffer.concat(chunks).toString('utf8')) };
}

/** Fulfils as soon as the file has so many bytes: all comes back in a fraction of a second. */
async function writtenTo(file: string, bytes: number): Promise<void> {
  const end = Date.now() + 30_000;
  while ((await stat(file).catch(() => ({ size: 0 }))).size < bytes) {
    if (Date.now() > end) throw new Error(`waited in vain for ${bytes} bytes in ${file}`);
  }
}

beforeEach(async () => {
  crypto = await loadCrypto();
  folder = await mkdtemp(join(tmpdir(), 'exuvia-rollback-'));
  home = await startNodeProcess(data(), undefined, undefined, SETTINGS);
  others = await Promise.all(
    ['b', 'c'].map((name) => startNodeProcess(join(folder, name), undefined, undefined, SETTINGS)),
  );
  ada = new ExuviaClient({ origin: home.origin, key: createKey(random, crypto), crypto });
  ({ id: tides } = await ada.foundSubmolt({ slug: 'tides', name: 'Tides' }));
  await ada.post(tides, { title: 'kept' });
  for (const node of others) await followFrom(node, `${home.origin}/m/tides`, crypto);
  await inStep(logOf(tides), `${authority()}/log/system`);
  await until('both are known', async () => {
    const followers = await reading(data(), (db) => listFollowers(db));
    return followers.length === 4;
  });
}, 60_000);

afterEach(async () => {
  await Promise.all([home, ...others].map((node) => node.stop()));
  await rm(folder, { recursive: true });
});

test('all acts after a backup come back byte for byte, though the recovery is killed', async () => {
  await home.stop();
  await backUp('old');
  await start();
  const { id: bays } = await ada.foundSubmolt({ slug: 'bays', name: 'Bays' });
  for (const node of others) await followFrom(node, `${home.origin}/m/bays`, crypto);
  const { id: first } = await ada.post(bays, { title: 'in a new submolt' });
  await ada.comment(first, { content: 'answered' });
  const bob = new ExuviaClient({ origin: home.origin, key: createKey(random, crypto), crypto });
  await bob.vote(first, 'up');
  await bob.join({ name: 'Bob' });
  await bob.follow(ada.did);
  const { id: gone } = await ada.post(tides, { title: 'erased' });
  await Promise.all(
    Array.from({ length: 1500 }, (_, i) => ada.post(tides, { title: `lost by the restore ${i}` })),
  );
  await ada.delete(gone);
  await inStep(logOf(tides), logOf(bays));
  await until('the heads are stated and everywhere', async () => {
    const [before] = await Promise.all([headOf(home, `${authority()}/log/system`)]);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    return before === (await headOf(home, `${authority()}/log/system`));
  });
  await inStep(`${authority()}/log/system`);
  await home.stop();
  await backUp('newest');
  const truth = await contents(data());

  await restore('old');
  await forget();
  await start();
  expect(await readiness()).toMatchObject({ status: 'held' });
  await expect(ada.post(tides, { title: 'beside' })).rejects.toMatchObject({
    code: 'log_held',
  });
  await expect(bob.join({ name: 'Bob again' })).rejects.toMatchObject({ code: 'log_held' });
  expect((await fetch(`${home.origin}/m/tides`)).status).toBe(200);
  await check(data());
  await home.stop();

  const child = admin('recover');
  const closed = once(child, 'close');
  await writtenTo(join(data(), 'exuvia.db-wal'), 200_000);
  child.kill('SIGKILL');
  await closed;
  await check(data());
  await start();
  expect(await readiness()).toMatchObject({ status: 'held' });
  await home.stop();
  expect(await recover()).toMatchObject({ code: 0, ok: true, silent: [] });
  await check(data());
  expect(await contents(data())).toEqual(truth);
  expect(await recover()).toMatchObject({ code: 0, untouched: true });

  await start();
  expect(await readiness()).toEqual({ status: 'ready' });
  await ada.post(tides, { title: 'further' });
  await ada.post(bays, { title: 'further' });
  await inStep(logOf(tides), logOf(bays), `${authority()}/log/system`);
  for (const { dataDir } of [home, ...others]) {
    await check(dataDir);
    expect(await reading(dataDir, (db) => listDeadLetters(db, 5))).toEqual([]);
  }
}, 180_000);

/** The home is restored from before its last post, and is down; so are those that have it, which are given. */
async function loseOne(): Promise<NodeProcess[]> {
  await home.stop();
  await backUp('old');
  await start();
  await ada.post(tides, { title: 'lost by the restore' });
  await inStep(logOf(tides));
  await home.stop();
  const stopped = others.splice(0);
  await Promise.all(stopped.map((node) => node.stop()));
  await restore('old');
  return stopped;
}

test('where no peer is up the file beside the database tells', async () => {
  const stopped = await loseOne();
  await start();
  expect(await readiness()).toMatchObject({ status: 'held' });
  await expect(ada.post(tides, { title: 'beside' })).rejects.toMatchObject({ code: 'log_held' });
  await home.stop();
  expect(await recover()).toMatchObject({ code: 1, ok: false, answered: [] });
  await check(data());

  // One of two is enough; whom the database does not know can be named.
  const [one] = stopped as [NodeProcess];
  others.push(await startNodeProcess(one.dataDir, one.origin, undefined, SETTINGS));
  expect(await recover('--from', one.origin)).toMatchObject({ code: 0, ok: true });
  await start();
  await ada.post(tides, { title: 'further' });
  await inStep(logOf(tides));
  await check(data());
}, 120_000);

test('a node that is running stops signing once a peer comes back that knows more', async () => {
  const stopped = await loseOne();
  await forget();
  await start();
  expect(await readiness()).toEqual({ status: 'ready' });
  const before = await headOf(home, logOf(tides));
  const [one] = stopped as [NodeProcess];
  others.push(await startNodeProcess(one.dataDir, one.origin, undefined, SETTINGS));
  await until('it is held', async () => JSON.stringify(await readiness()).includes('held'));
  await expect(ada.post(tides, { title: 'beside' })).rejects.toMatchObject({ code: 'log_held' });
  expect(await headOf(home, logOf(tides))).toBe(before);
  await home.stop();
  expect(await recover()).toMatchObject({ code: 0, ok: true });
  await start();
  await ada.post(tides, { title: 'further' });
  await inStep(logOf(tides), `${authority()}/log/system`);
  await check(data());
  await check(one.dataDir);
}, 120_000);
