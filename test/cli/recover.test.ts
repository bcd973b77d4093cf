// admin recover at the command line: what it says to an operator, and what it exits with.
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { followFrom, type NodeProcess, startNodeProcess } from '../../src/cli/node-process.ts';
import { ExuviaClient } from '../../src/client/exuvia-client.ts';
import { createKey } from '../../src/client/keys.ts';
import { loadCrypto } from '../../src/crypto/platform.ts';
import { FileDatabase } from '../../src/store/file-database.ts';
import { listFollowers } from '../../src/store/queries/peers.ts';
import { runWith } from './exuvia.ts';

let folder: string;
let node: NodeProcess;
let follower: NodeProcess;
let ada: ExuviaClient;

const random = (length: number) => globalThis.crypto.getRandomValues(new Uint8Array(length));
const recover = (...args: string[]) =>
  runWith({ EXUVIA_ORIGIN: node.origin, EXUVIA_DATA: node.dataDir }, 'admin', 'recover', ...args);

/** Until both logs are followed, and there with everything. */
async function inStep(): Promise<void> {
  const db = new FileDatabase(join(node.dataDir, 'exuvia.db'));
  const end = Date.now() + 30_000;
  try {
    for (;;) {
      const followers = await listFollowers(db);
      if (followers.length === 2 && followers.every((one) => one.size === one.signedSize)) return;
      if (Date.now() > end) throw new Error('the follower does not catch up');
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  } finally {
    await db.close();
  }
}

beforeAll(async () => {
  const crypto = await loadCrypto();
  folder = await mkdtemp(join(tmpdir(), 'exuvia-recover-'));
  node = await startNodeProcess(join(folder, 'a'));
  follower = await startNodeProcess(join(folder, 'b'));
  ada = new ExuviaClient({ origin: node.origin, key: createKey(random, crypto), crypto });
  await ada.foundSubmolt({ slug: 'tides', name: 'Tides' });
  await followFrom(follower, `${node.origin}/m/tides`, crypto);
  await inStep();
}, 60_000);
afterAll(async () => {
  await Promise.all([node.stop(), follower.stop()]);
  await rm(folder, { recursive: true });
});

describe('exuvia admin recover', { timeout: 120_000 }, () => {
  test('is for a stopped node, and for URLs of nodes', async () => {
    const { code, err } = await recover();
    expect(code).toBe(1);
    expect(err).toContain('another node process is running');
    expect((await recover('--from', 'tides')).code).toBe(2);
    expect((await recover('--help')).out).toContain('bring back from other nodes');
  });

  test('says that nothing is missing', async () => {
    await node.stop();
    const { code, out } = await recover();
    expect([code, out]).toEqual([0, expect.stringContaining('NOTHING IS MISSING')]);
  });

  test('says what came back, and who could not be asked', async () => {
    const database = join(node.dataDir, 'exuvia.db');
    await cp(database, join(folder, 'old.db'));
    node = await startNodeProcess(node.dataDir, node.origin);
    await ada.post('tides', { title: 'lost by the restore' });
    await inStep();
    await node.stop();
    for (const suffix of ['-wal', '-shm']) await rm(database + suffix, { force: true });
    await cp(join(folder, 'old.db'), database);
    await follower.stop();
    const alone = await recover();
    expect(alone.code).toBe(1);
    expect(alone.out).toContain('NOBODY COULD BE ASKED');
    expect(alone.out).toContain(`no answer    ${follower.origin}`);
    follower = await startNodeProcess(follower.dataDir, follower.origin);
    const { code, out } = await recover();
    expect([code, out]).toEqual([0, expect.stringContaining('RECOVERED')]);
    expect(out).toContain('1 of 2 entries came back');
    expect(JSON.parse((await recover('--json')).out)).toMatchObject({ ok: true, untouched: true });
  });
});
