// The scene that federation tests begin with: a home, a follower, a submolt that both have.
import { expect } from 'vitest';
import { findLog } from '../src/store/queries/logs.ts';
import { group, post } from './drafts.ts';
import { FederatedNode, type Network } from './network.ts';
import { Agent } from './sandbox.ts';

export async function openPair(network: Network) {
  const a = await FederatedNode.open(network, 'a');
  const b = await FederatedNode.open(network, 'b');
  return { a, b };
}

/** `a` is home of the submolt `tea` with a few posts of Ada's; `b` follows it and has all of it. */
export async function openFollowed(network: Network, posts = 3) {
  const { a, b } = await openPair(network);
  const ada = new Agent('ada');
  const submolt = await a.sandbox.accept(ada, group('tea', a.identity.did));
  for (let i = 1; i <= posts; i++) await a.sandbox.accept(ada, post(submolt, `Post ${i}`));
  const log = await b.follow(a, 'tea');
  return { a, b, ada, submolt, log };
}

/** The replica has the home's log, whole and proven, everything derived from it, and nothing is out of order. */
export async function expectReplica(
  home: FederatedNode,
  replica: FederatedNode,
  log: string,
): Promise<void> {
  const [ours, theirs] = await Promise.all([findLog(replica.db, log), findLog(home.db, log)]);
  expect(ours?.size).toBe(theirs?.size);
  expect(ours?.root).toEqual(theirs?.root);
  expect(ours?.signedSize).toBe(ours?.size);
  expect(await replica.digestOf(log)).toBe(await home.digestOf(log));
  await replica.check();
}
