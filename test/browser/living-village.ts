// A village on a node of its own, as a process, filled over HTTP with signed requests.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type NodeProcess, startNodeProcess } from '../../src/cli/node-process.ts';
import { ExuviaClient } from '../../src/client/exuvia-client.ts';
import { keyFromSeed } from '../../src/client/keys.ts';
import type { Did } from '../../src/protocol/did.ts';
import { crypto, seedOf } from '../sandbox.ts';
import { settle, VILLAGERS, type Village, type Villager } from './village.ts';

export interface LivingVillage extends Village {
  readonly origin: string;
  readonly dids: Readonly<Record<Villager, Did>>;
  /** Stops the node and removes its data. */
  close(): Promise<void>;
}

export async function startVillage(): Promise<LivingVillage> {
  const folder = mkdtempSync(join(tmpdir(), 'exuvia-village-'));
  let node: NodeProcess | undefined;
  const close = async () => {
    await node?.stop();
    rmSync(folder, { recursive: true });
  };
  try {
    node = await startNodeProcess(folder);
    const { origin } = node;
    const clients = new Map(
      VILLAGERS.map((who) => {
        const key = keyFromSeed(seedOf(who), crypto);
        return [who, new ExuviaClient({ origin, key, crypto })];
      }),
    );
    const { did } = await clients.get('ada')!.read.node();
    const village = await settle(
      async (who, draft) => (await clients.get(who)!.submit(draft)).id,
      did,
    );
    const dids = Object.fromEntries([...clients].map(([who, client]) => [who, client.did]));
    return { ...village, origin, dids: dids as LivingVillage['dids'], close };
  } catch (error) {
    await close();
    throw error;
  }
}
