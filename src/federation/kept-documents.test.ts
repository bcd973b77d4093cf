// did:web documents that a node has seen: archives carry them, and followers use them when their host is gone.
import { afterEach, expect, test } from 'vitest';
import { post } from '../../test/drafts.ts';
import { Network } from '../../test/network.ts';
import { expectReplica, openFollowed, WebAgent } from '../../test/replica-scene.ts';
import { seedOf } from '../../test/sandbox.ts';
import { listDocuments } from '../store/did-documents.ts';

const network = new Network();
afterEach(() => network.close());

test('a document that has vanished stalls no follower that had seen it', async () => {
  const { a, b, log, submolt } = await openFollowed(network);
  const sage = new WebAgent(network, 'sage');
  sage.publish();
  const say = async (words: string) => {
    const object = await sage.sign(post(submolt, words));
    expect(await a.sandbox.send(object, sage.did)).toMatchObject({ kind: 'accepted' });
  };
  await say('While it was there');
  await network.pass(60_000);
  await expectReplica(a, b, log);
  expect(await listDocuments(b.db, [sage.did])).toMatchObject([{ did: sage.did, until: null }]);
  // The home has it in memory still; the follower has been started anew.
  await say('Shortly before the end');
  network.pages.clear();
  await b.restart();
  await network.pass(60_000);
  await expectReplica(a, b, log);
});

test('a key that was dropped counts for what was logged before, and a day longer', async () => {
  const { a, b, log, submolt } = await openFollowed(network);
  const sage = new WebAgent(network, 'sage');
  sage.publish();
  const first = await sage.sign(post(submolt, 'Under the first key'));
  expect(await a.sandbox.send(first, sage.did)).toMatchObject({ kind: 'accepted' });
  await network.pass(60_000);
  const second = await sage.sign(post(submolt, 'Under the first key, and late'));
  expect(await a.sandbox.send(second, sage.did)).toMatchObject({ kind: 'accepted' });
  sage.rotate(seedOf('sage’s second'), 'key-2');
  sage.publish();
  await b.restart();
  await network.pass(60_000);
  await expectReplica(a, b, log);
  const kept = await listDocuments(b.db, [sage.did]);
  expect(kept.map(({ until }) => until === null)).toEqual([false, true]);
  // Two days later the home lets in what the old key has signed: no honest node would.
  await network.pass(2 * 86_400_000);
  sage.rotate(seedOf('sage'), 'key-1');
  const late = await sage.sign(post(submolt, 'Under a key that is gone'));
  expect(await a.sandbox.send(late, sage.did)).toMatchObject({ kind: 'accepted' });
  const before = await b.sizeOf(log);
  await network.pass(60_000);
  expect(await b.sizeOf(log)).toBe(before);
});
