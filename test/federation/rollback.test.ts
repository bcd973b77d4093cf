// A node restored from an old copy of its data folder: it must notice before it signs a second history.
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { followFrom, type NodeProcess, startNodeProcess } from '../../src/cli/node-process.ts';
import { ExuviaClient } from '../../src/client/exuvia-client.ts';
import { createKey } from '../../src/client/keys.ts';
import { loadCrypto } from '../../src/crypto/platform.ts';
import { idOf, type ObjectName } from '../../src/protocol/object-name.ts';
import { FileDatabase } from '../../src/store/file-database.ts';
import { listFollowers } from '../../src/store/queries/peers.ts';

const random = (length: number) => globalThis.crypto.getRandomValues(new Uint8Array(length));

async function checkpointOf({ origin }: NodeProcess, submolt: ObjectName): Promise<string> {
  const response = await fetch(`${origin}/log/${idOf(submolt)}/checkpoint`);
  return response.ok ? (await response.text()).split('\n').slice(0, 3).join(' ') : '';
}

async function follows(home: NodeProcess, follower: NodeProcess, submolt: ObjectName) {
  const end = Date.now() + 30_000;
  for (;;) {
    const [a, b] = [await checkpointOf(home, submolt), await checkpointOf(follower, submolt)];
    if (a === b && a !== '') return a;
    if (Date.now() > end) throw new Error(`${follower.origin} does not catch up`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Until the node has a follower, which it can ask later. */
async function isKnown({ dataDir }: NodeProcess): Promise<void> {
  const db = new FileDatabase(join(dataDir, 'exuvia.db'));
  const end = Date.now() + 30_000;
  try {
    while ((await listFollowers(db)).length === 0) {
      if (Date.now() > end) throw new Error('nobody follows');
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  } finally {
    await db.close();
  }
}

test('a node with an old database does not start while a peer knows better', async () => {
  const crypto = await loadCrypto();
  const folder = await mkdtemp(join(tmpdir(), 'exuvia-rollback-'));
  const [data, old, newest] = ['home', 'old', 'newest'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  const nodes: NodeProcess[] = [];
  try {
    let home = await startNodeProcess(data);
    const follower = await startNodeProcess(join(folder, 'follower'));
    nodes.push(home, follower);
    const ada = new ExuviaClient({ origin: home.origin, key: createKey(random, crypto), crypto });
    const { id: submolt } = await ada.foundSubmolt({ slug: 'tides', name: 'Tides' });
    await ada.post(submolt, { title: 'kept' });
    await followFrom(follower, `${home.origin}/m/tides`, crypto);
    await follows(home, follower, submolt);
    await isKnown(home);
    await home.stop();
    await cp(data, old, { recursive: true });

    home = await startNodeProcess(data, home.origin);
    nodes[0] = home;
    await ada.post(submolt, { title: 'lost by the restore' });
    const signed = await follows(home, follower, submolt);
    await home.stop();
    await cp(data, newest, { recursive: true });

    await rm(data, { recursive: true });
    await cp(old, data, { recursive: true });
    await expect(startNodeProcess(data, home.origin)).rejects.toThrow(/signed by this node/);
    expect(await checkpointOf(follower, submolt)).toBe(signed);

    // With the newest copy it starts, and goes on where it was.
    await rm(data, { recursive: true });
    await cp(newest, data, { recursive: true });
    home = await startNodeProcess(data, home.origin);
    nodes[0] = home;
    await ada.post(submolt, { title: 'further' });
    expect(await follows(home, follower, submolt)).not.toBe(signed);
  } finally {
    await Promise.all(nodes.map((node) => node.stop()));
    await rm(folder, { recursive: true });
  }
}, 90_000);
