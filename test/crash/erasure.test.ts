// Kills a node around its erasures: what is erased by its log is in no file after the next start, and on the list.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openNode } from '../../src/commands/open-node.ts';
import { ErasureList } from '../../src/store/erasure-list.ts';
import { FileDatabase } from '../../src/store/file-database.ts';
import { lockDataFolder } from '../../src/store/node-lock.ts';
import { getActivityStatus } from '../../src/store/queries/activity-status.ts';
import { fill } from '../fill-search.ts';
import { checkInvariants } from '../invariants.ts';
import { crypto, identityOf } from '../sandbox.ts';
import { checkSearch, codesKept } from '../search-invariants.ts';

interface Said {
  readonly said: `ni:///sha-256;${string}`;
  readonly words: string;
}

let folder: string;
let round = 0;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'exuvia-crash-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Runs the node until it kills itself at this stage, or is killed so many milliseconds after it has said something. */
async function runUntil(
  stage: string,
  patience = 20_000,
): Promise<{ readonly said: Said[]; readonly code: number | null }> {
  round += 1;
  const script = join(import.meta.dirname, 'eraser.ts');
  const child = spawn(process.execPath, [script, folder, `${round}`, stage], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  const closed = once(child, 'close');
  await Promise.race([closed, once(child.stdout, 'data')]);
  await Promise.race([closed, setTimeout(patience, undefined, { ref: false })]);
  child.kill('SIGKILL');
  await closed;
  const lines = Buffer.concat(chunks).toString('utf8').split('\n');
  return { said: lines.slice(0, -1).map((line) => JSON.parse(line)), code: child.exitCode };
}

const filesWith = (words: string) =>
  readdirSync(folder).filter((file) => readFileSync(join(folder, file)).includes(words));

/** Starts the node as the next start would, and looks for what its logs have erased. Gives how much that was. */
async function checkAfter(said: readonly Said[]): Promise<number> {
  const lock = lockDataFolder(folder);
  const db = new FileDatabase(join(folder, 'node.db'));
  const erasures = new ErasureList(join(folder, 'erasures.ndjson'));
  const random = (bytes: number) => globalThis.crypto.getRandomValues(new Uint8Array(bytes));
  const context = { db, crypto, now: Date.now, random, node: identityOf('crash'), erasures };
  const sequencer = await openNode(context);
  let erased = 0;
  const gone: string[] = [];
  const listed = new Set<string>();
  for await (const { names } of erasures.read()) for (const name of names) listed.add(name);
  for (const { said: name, words } of said) {
    const { status } = await getActivityStatus(db, name as never);
    expect(status).toMatch(/accepted|erased/);
    if (status !== 'erased') continue;
    erased += 1;
    expect(listed).toContain(name);
    await expect.poll(() => filesWith(words), { timeout: 5000 }).toEqual([]);
    gone.push(words);
  }
  // The index has been behind when the node died; what it had of them goes as soon as it is looked at.
  await fill(db);
  for (const words of gone) expect(await codesKept(db, words)).toEqual([]);
  await checkSearch(db);
  await checkInvariants(db, crypto);
  await sequencer.close();
  await db.close();
  lock.release();
  return erased;
}

test.each(['before the scrub', 'in the list', 'listed', 'to be struck', 'struck'])(
  'a node that dies %s',
  { timeout: 60_000 },
  async (stage) => {
    const { said } = await runUntil(stage);
    expect(await checkAfter(said)).toBeGreaterThan(0);
    expect(readdirSync(folder)).not.toContain('erasures.ndjson.new');
  },
);

test('a node that is killed at any moment', { timeout: 120_000 }, async () => {
  const said: Said[] = [];
  let erased = 0;
  for (let i = 0; i < 8; i++) {
    said.push(...(await runUntil('none', 40 + Math.random() * 800)).said);
    erased = await checkAfter(said);
  }
  expect(erased).toBeGreaterThan(10);
});

test('a node that is killed while it erases what a backup has brought back', {
  timeout: 120_000,
}, async () => {
  const { said } = await runUntil('backup');
  const [list, backup] = ['erasures.ndjson', 'backup'].map((file) => join(folder, file)) as [
    string,
    string,
  ];
  const whole = readFileSync(list, 'utf8');
  const lines = whole.split('\n');
  // A line that makes no sense, and one that a crash has cut short.
  const damaged = `${[...lines.slice(0, 3), '{"by":', ...lines.slice(3)].join('\n')}{"by":7,"log":"cra`;
  for (let writes = 1; ; writes++) {
    for (const suffix of ['', '-wal', '-shm'])
      rmSync(join(folder, `node.db${suffix}`), { force: true });
    copyFileSync(backup, join(folder, 'node.db'));
    writeFileSync(list, damaged);
    const { code } = await runUntil(`write ${writes}`);
    // Looked at without the backup, which has everything.
    renameSync(backup, `${folder}.backup`);
    expect(await checkAfter(said.filter(({ words }) => !words.includes('note')))).toBe(9);
    for (const line of lines) expect(readFileSync(list, 'utf8')).toContain(line);
    renameSync(`${folder}.backup`, backup);
    if (code === 3) break;
    expect(code).toBeNull();
    expect(writes).toBeLessThan(60);
    writes += Math.floor(writes / 3);
  }
});
