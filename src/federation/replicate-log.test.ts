// Replicas: first follow, catch-up, interruption, and homes that show something else than they signed.
import { afterEach, describe, expect, it } from 'vitest';
import { comment, group, post } from '../../test/drafts.ts';
import { FederatedNode, Network } from '../../test/network.ts';
import { Agent } from '../../test/sandbox.ts';
import { live } from '../../test/world.ts';
import { listDeadLetters, listSources } from '../store/queries/peers.ts';

let network = new Network();
afterEach(async () => {
  await network.close();
  network = new Network();
});

async function pair() {
  const a = await FederatedNode.open(network, 'a');
  const b = await FederatedNode.open(network, 'b');
  return { a, b };
}

describe('replicateLog', () => {
  it('makes a replica that equals its home', async () => {
    const { a, b } = await pair();
    await live(a.sandbox, 1, 400);
    const log = await b.follow(a, 'one');
    expect(await b.sizeOf(log)).toBe(await a.sizeOf(log));
    await b.check();
    await a.check();
  });
});
