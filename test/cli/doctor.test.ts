// The doctor at the command line: on a running node, on a stopped one, and on one whose disk has changed a bit.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Libsql from 'libsql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type NodeProcess, startNodeProcess } from '../../src/cli/node-process.ts';
import { ExuviaClient } from '../../src/client/exuvia-client.ts';
import { createKey } from '../../src/client/keys.ts';
import { loadCrypto } from '../../src/crypto/platform.ts';
import { runHere } from './exuvia.ts';

let folder: string;
let node: NodeProcess;

const random = (length: number) => globalThis.crypto.getRandomValues(new Uint8Array(length));
const doctor = (...args: string[]) =>
  runHere(folder, 'admin', 'doctor', '--data', node.dataDir, ...args);

beforeAll(async () => {
  const crypto = await loadCrypto();
  folder = await mkdtemp(join(tmpdir(), 'exuvia-doctor-'));
  node = await startNodeProcess(join(folder, 'a'));
  const ada = new ExuviaClient({
    origin: node.origin,
    key: createKey(random, crypto),
    crypto,
    random,
  });
  await ada.foundSubmolt({ slug: 'tidepool', name: 'Tide pool' });
  await ada.post('tidepool', { title: 'Hello' });
}, 60_000);
afterAll(async () => {
  await node.stop();
  await rm(folder, { recursive: true });
});

describe('exuvia admin doctor', { timeout: 60_000 }, () => {
  test('finds a running node healthy', async () => {
    const { code, err, out } = await doctor();
    expect(err).toBe('');
    expect(out).toContain('HEALTHY');
    expect(code).toBe(0);
  });

  test('exits with 1 and names the row when a bit has changed', async () => {
    await node.stop();
    const db = new Libsql(join(node.dataDir, 'exuvia.db'));
    db.exec('UPDATE items SET up = 1');
    db.close();
    const { code, out } = await doctor('--json');
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({
      ok: false,
      faults: [
        { table: 'items', row: expect.stringMatching(/^object \d+$/), problem: 'up is 1, not 0' },
      ],
    });
    expect((await doctor()).out).toContain('up is 1, not 0');
  });

  test('says where there is no node', async () => {
    const { code, err } = await runHere(folder, 'admin', 'doctor', '--data', join(folder, 'none'));
    expect(err).toContain('There is no node');
    expect(code).toBe(1);
  });
});
