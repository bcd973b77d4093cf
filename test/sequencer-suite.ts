// What the one writer promises, as tests that run on every kind of database.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { SubmitOutcome } from '../src/commands/sequencer.ts';
import type { ActivityDraft } from '../src/protocol/activity.ts';
import type { VerifiedObject } from '../src/protocol/object.ts';
import type { ObjectName } from '../src/protocol/object-name.ts';
import { hashOf } from '../src/protocol/object-name.ts';
import type { Database } from '../src/store/database.ts';
import { readObject } from '../src/store/queries/activity-status.ts';
import { listPosts } from '../src/store/queries/posts.ts';
import { comment, group, post } from './drafts.ts';
import { checkInvariants, dumpTables } from './invariants.ts';
import { Agent, crypto, Sandbox } from './sandbox.ts';

function codes(outcomes: readonly SubmitOutcome[]): string[] {
  return outcomes.map((one) =>
    one.kind === 'refused'
      ? one.code
      : `${one.kind}${one.kind === 'accepted' && !one.first ? ' again' : ''}`,
  );
}

/** `openDatabase` gives an empty database each time. */
export function sequencerSuite(openDatabase: () => Promise<Database | undefined>): void {
  const ada = new Agent('ada');
  const bob = new Agent('bob');
  let node: Sandbox;
  let submolt: ObjectName;

  const sign = (agent: Agent, draft: ActivityDraft) => agent.sign(draft, node.clock.now);
  /** All at once, so that they form one group. */
  const together = (objects: readonly VerifiedObject[]) =>
    Promise.all(objects.map((object) => node.send(object, object.activity.actor)));

  beforeEach(async () => {
    const db = await openDatabase();
    node = await Sandbox.open('a', db === undefined ? {} : { db });
    submolt = await node.accept(ada, group('general'));
  });
  afterEach(async () => {
    await checkInvariants(node.db, crypto);
    await node.close();
  });

  describe('a submission', () => {
    test('is accepted with a receipt that names its entry', async () => {
      const outcome = await node.submit(ada, post(submolt, 'One'));
      expect(outcome).toMatchObject({ kind: 'accepted', first: true });
      if (outcome.kind !== 'accepted') return;
      const { receipt } = outcome;
      expect(receipt).toMatchObject({ index: 1, t: node.clock.now });
      expect(receipt.checkpoint.split('\n').slice(0, 2)).toEqual([receipt.log, '2']);
    });

    test('sent again gets the first receipt, and writes nothing', async () => {
      const object = await sign(ada, post(submolt, 'One'));
      const first = await node.send(object, ada.did);
      const before = await dumpTables(node.db);
      node.clock.now += 60_000;
      const again = await node.send(object, ada.did);
      // The proof is not at hand: it is made from what is stored, where it is given to somebody.
      const receipt = { ...(first as { receipt: object }).receipt, proof: null };
      expect(again).toEqual({ kind: 'accepted', receipt, first: false });
      expect(await dumpTables(node.db)).toEqual(before);
    });

    test('twice in one group is accepted once', async () => {
      const object = await sign(ada, post(submolt, 'One'));
      const outcomes = await together([object, object]);
      expect(codes(outcomes)).toEqual(['accepted', 'accepted again']);
      expect(outcomes[1]).toMatchObject({ receipt: { index: 1 } });
    });

    test('under a nonce that was admitted is refused, whatever it carries', async () => {
      const [one, two] = [
        await sign(ada, post(submolt, 'One')),
        await sign(ada, post(submolt, 'Two')),
      ];
      await node.send(one, ada.did, 'same');
      expect(await node.send(two, ada.did, 'same')).toMatchObject({ code: 'replayed' });
      expect(await node.send(one, ada.did, 'same')).toMatchObject({ code: 'replayed' });
      // Nonces belong to their DID.
      expect(await node.send(two, bob.did, 'same')).toMatchObject({ kind: 'accepted' });
    });

    test('under one nonce twice in one group is admitted once', async () => {
      const [one, two] = [
        await sign(ada, post(submolt, 'One')),
        await sign(ada, post(submolt, 'Two')),
      ];
      const outcomes = await Promise.all([
        node.send(one, ada.did, 'same'),
        node.send(two, ada.did, 'same'),
      ]);
      expect(codes(outcomes)).toEqual(['accepted', 'replayed']);
    });

    test('that is refused leaves nothing behind, its nonce included', async () => {
      const before = await dumpTables(node.db);
      const unknown = (await sign(bob, post(submolt, 'elsewhere'))).name;
      const refused = await sign(bob, comment(submolt, unknown, 'to nothing'));
      expect(await node.send(refused, bob.did, 'free')).toMatchObject({ code: 'item_unknown' });
      expect(await dumpTables(node.db)).toEqual(before);
      expect(await node.send(refused, bob.did, 'free')).toMatchObject({ code: 'item_unknown' });
    });

    test('never gets a time before that of the entry ahead of it', async () => {
      await node.accept(ada, post(submolt, 'One'));
      const { now } = node.clock;
      node.clock.now -= 30_000;
      expect(await node.submit(ada, post(submolt, 'Two'))).toMatchObject({ receipt: { t: now } });
    });

    test('is held to the clock, not to a log that is ahead of it', async () => {
      node.clock.now += 100_000_000;
      await node.accept(ada, post(submolt, 'One'));
      const { now } = node.clock;
      const ahead = await sign(ada, post(submolt, 'Two'));
      node.clock.now -= 100_000_000;
      expect(await node.send(ahead, ada.did)).toMatchObject({ code: 'clock_skew' });
      const outcome = await node.submit(ada, post(submolt, 'Three'));
      expect(outcome).toMatchObject({ kind: 'accepted', receipt: { t: now } });
    });
  });

  describe('a group', () => {
    test('sees what its earlier members did', async () => {
      const thread = await sign(ada, post(submolt, 'One'));
      const reply = await sign(bob, comment(submolt, thread.name, 'first'));
      const vote = await sign(bob, { type: 'Like', audience: submolt, object: thread.name });
      const second = await sign(bob, { type: 'Dislike', audience: submolt, object: thread.name });
      const undo = await sign(bob, { type: 'Undo', audience: submolt, object: vote.name });
      const outcomes = await together([thread, reply, vote, second, undo]);
      expect(codes(outcomes)).toEqual([
        'accepted',
        'accepted',
        'accepted',
        'vote_exists',
        'accepted',
      ]);
      const { posts } = await listPosts(node.db, { sort: 'new', limit: 5 });
      expect(posts[0]).toMatchObject({ comment_count: 1, upvotes: 0, downvotes: 0 });
    });

    test('is not harmed by the members that are refused', async () => {
      const good = await Promise.all(
        Array.from({ length: 40 }, (_, i) => sign(ada, post(submolt, `Post ${i}`))),
      );
      const bad = await sign(bob, { type: 'Undo', audience: submolt, object: good[0]!.name });
      const mixed = good.flatMap((object) => [object, bad]);
      const outcomes = await Promise.all(
        mixed.map((object, i) => node.send(object, ada.did, `m${i}`)),
      );
      expect(new Set(codes(outcomes.filter((_, i) => i % 2 === 0)))).toEqual(new Set(['accepted']));
      expect(new Set(codes(outcomes.filter((_, i) => i % 2 === 1)))).toEqual(
        new Set(['act_unknown']),
      );
      const indexes = outcomes.flatMap((one) =>
        one.kind === 'accepted' ? [one.receipt.index] : [],
      );
      expect(indexes).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
    });

    test('of one request shares its nonce', async () => {
      const objects = [
        await sign(ada, post(submolt, 'One')),
        await sign(ada, post(submolt, 'Two')),
      ];
      const caller = {
        did: bob.did,
        nonce: 'n',
        nonceExpires: Math.floor(node.clock.now / 1000) + 60,
      };
      expect(codes(await node.sequencer.submitAll(objects, caller))).toEqual([
        'accepted',
        'accepted',
      ]);
      expect(codes(await node.sequencer.submitAll(objects, caller))).toEqual([
        'replayed',
        'replayed',
      ]);
    });

    test('may found a submolt and write in it', async () => {
      const founding = await sign(bob, group('fresh'));
      const rival = await sign(ada, group('fresh'));
      const first = await sign(bob, post(founding.name, 'First'));
      const outcomes = await together([founding, rival, first]);
      expect(codes(outcomes)).toEqual(['accepted', 'slug_taken', 'accepted']);
    });
  });

  describe('erasure', () => {
    test('takes bytes, salt and edits, and leaves the entries', async () => {
      const thread = await node.accept(ada, post(submolt, 'One'));
      const reply = await node.accept(bob, comment(submolt, thread, 'a reply'));
      const edit = await node.accept(ada, {
        type: 'Update',
        audience: submolt,
        target: thread,
        object: { type: 'Article', name: 'Two' },
      });
      const original = await sign(ada, { type: 'Delete', audience: submolt, object: thread });
      await node.send(original, ada.did);
      expect(await readObject(node.db, hashOf(thread))).toEqual({ erased: true });
      expect(await readObject(node.db, hashOf(edit))).toEqual({ erased: true });
      expect(await readObject(node.db, hashOf(reply))).toHaveProperty('bytes');
      expect((await listPosts(node.db, { sort: 'new', limit: 5 })).posts).toEqual([]);
    });

    test('lasts: the same object is refused afterwards', async () => {
      const object = await sign(ada, post(submolt, 'One'));
      const deletion = await sign(ada, { type: 'Delete', audience: submolt, object: object.name });
      expect(codes(await together([object, deletion, object]))).toEqual([
        'accepted',
        'accepted',
        'already_deleted',
      ]);
      expect(await node.send(object, ada.did)).toMatchObject({ code: 'already_deleted' });
    });
  });

  test('tiles fill up while the log grows past them', async () => {
    const objects = await Promise.all(
      Array.from({ length: 600 }, (_, i) => sign(ada, post(submolt, `Post ${i}`))),
    );
    for (let at = 0; at < objects.length; at += 90) await together(objects.slice(at, at + 90));
    const { posts } = await listPosts(node.db, { sort: 'new', limit: 1 });
    expect(posts[0]?.log.index).toBe(600);
  });
}
