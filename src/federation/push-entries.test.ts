// What a home sends its followers, and how it takes their answers: cursors, patience, breaker, farewell.
import { afterEach, describe, expect, it } from 'vitest';
import { group, post } from '../../test/drafts.ts';
import { Network } from '../../test/network.ts';
import type { Answer } from '../../test/peer-answer.ts';
import { expectReplica, openFollowed } from '../../test/replica-scene.ts';
import { NetError } from '../net/error.ts';
import { findFollower, findPeer, listDeadLetters } from '../store/queries/peers.ts';

let network = new Network();
afterEach(async () => {
  await network.close();
  network = new Network();
});

const PUSH = '/federation/entries';

/** Gives these answers to pushes, then lets them arrive; counts them. */
function answerPushes(...answers: (Answer | NetError)[]) {
  const pushes: { entries: number; start: number }[] = [];
  network.fault = async ({ request, url }, next) => {
    if (url.pathname !== PUSH) return next();
    const { entries, start } = JSON.parse(new TextDecoder().decode(request.body));
    pushes.push({ entries: entries.length, start });
    const answer = answers.shift();
    if (answer === undefined) return next();
    if (answer instanceof NetError) throw answer;
    return answer;
  };
  return pushes;
}

describe('pushes', () => {
  it('bring new entries at once, and the cursor moves by what the follower acknowledges', async () => {
    const { a, ada, b, log, submolt } = await openFollowed(network);
    const pushes = answerPushes();
    await a.sandbox.accept(ada, post(submolt, 'News'));
    await network.settle();
    expect(pushes).toEqual([{ start: 4, entries: 1 }]);
    await expectReplica(a, b, log);
    const follower = await findFollower(a.db, log, b.identity.did);
    expect(follower).toMatchObject({ size: 5, signedSize: 5 });
  });

  it('tell a follower that is far behind to pull', async () => {
    const { a, ada, b, log, submolt } = await openFollowed(network);
    await a.federation.stop();
    const { now } = network.clock;
    const objects = await Promise.all(
      Array.from({ length: 300 }, (_, i) => ada.sign(post(submolt, `Many ${i}`), now)),
    );
    await a.sandbox.sequencer.submitAll(objects.slice(0, 256), null);
    await a.sandbox.sequencer.submitAll(objects.slice(256), null);
    const pushes = answerPushes();
    await a.restart();
    await network.settle();
    expect(pushes[0]).toEqual({ start: 4, entries: 0 });
    expect(await b.sizeOf(log)).toBe(304);
    await network.pass(6_000);
    await expectReplica(a, b, log);
    expect(await findFollower(a.db, log, b.identity.did)).toMatchObject({ size: 304 });
  });

  it('do not carry more than half a megabyte', async () => {
    const { a, ada, b, log, submolt } = await openFollowed(network);
    await a.federation.stop();
    const content = 'x'.repeat(40_000);
    for (let i = 0; i < 14; i++) {
      const large = post(submolt, `Large ${i}`) as { object: object };
      const draft = { ...large, object: { ...large.object, content } };
      await a.sandbox.accept(ada, draft as never);
    }
    const pushes = answerPushes();
    await a.restart();
    await network.settle();
    expect(pushes[0]).toEqual({ start: 4, entries: 0 });
    await expectReplica(a, b, log);
  });

  it('correct the cursor when the follower has less than was thought', async () => {
    const { a, ada, b, log, submolt } = await openFollowed(network);
    const gap = { status: 409, body: '{"code":"log_gap","size":2}' };
    const pushes = answerPushes(gap);
    await a.sandbox.accept(ada, post(submolt, 'News'));
    await network.settle();
    // Not at once: a follower that says now this, now that, must not keep the home busy.
    await network.pass(5_000);
    expect(pushes).toEqual([
      { start: 4, entries: 1 },
      { start: 2, entries: 3 },
    ]);
    await expectReplica(a, b, log);
  });

  it('do not follow a follower that says it is here and there', async () => {
    const { a, ada, b, log, submolt } = await openFollowed(network);
    const places = Array.from({ length: 40 }, (_, i) => ({
      status: 202,
      body: `{"size":${i % 4}}`,
    }));
    const pushes = answerPushes(...places);
    await a.sandbox.accept(ada, post(submolt, 'News'));
    await network.settle();
    expect(pushes.length).toBe(1);
    await network.pass(5_000);
    expect(pushes.length).toBe(2);
    for (let i = 0; i < 10; i++) await network.pass(100);
    expect(pushes.length).toBe(3);
    for (let i = 0; i < 40; i++) await network.pass(5_000);
    await expectReplica(a, b, log);
  });

  it('wait as long as the follower asks, with a cap', async () => {
    const { a, ada, b, log, submolt } = await openFollowed(network);
    const busy = (wait: string) => ({ status: 429, body: '{}', headers: { 'retry-after': wait } });
    const pushes = answerPushes(busy('100'), busy('999999999'));
    await a.sandbox.accept(ada, post(submolt, 'News'));
    await network.settle();
    const at = network.clock.now;
    expect((await findPeer(a.db, b.identity.did))?.retryAt).toBe(at + 100_000);
    await network.pass(99_000);
    expect(pushes.length).toBe(1);
    await network.pass(1_000);
    expect(pushes.length).toBe(2);
    expect((await findPeer(a.db, b.identity.did))?.retryAt).toBe(at + 100_000 + 3_600_000);
    await network.pass(3_600_000);
    await expectReplica(a, b, log);
  });

  it('back off from a follower that is down, and probe it with one request', async () => {
    const { a, ada, b, submolt } = await openFollowed(network);
    const other = await a.sandbox.accept(ada, group('coffee', a.identity.did));
    await b.follow(a, 'coffee');
    await b.federation.stop();
    const down = () => new NetError('connection_failed', 'down');
    const pushes = answerPushes(...Array.from({ length: 30 }, down));
    const gaps: number[] = [];
    await a.sandbox.accept(ada, post(submolt, 'News'));
    await a.sandbox.accept(ada, post(other, 'News'));
    await network.settle();
    for (let i = 0; i < 8; i++) {
      const peer = await findPeer(a.db, b.identity.did);
      gaps.push((peer?.retryAt ?? 0) - network.clock.now);
      const before = pushes.length;
      await network.pass(gaps.at(-1) as number);
      // Once the breaker is open, one request finds out whether it may close.
      if ((peer?.failures ?? 0) >= 5) expect(pushes.length - before).toBe(1);
    }
    expect(gaps.at(-1)).toBeGreaterThan(10_000);
    expect((await findPeer(a.db, b.identity.did))?.failures).toBeGreaterThan(5);
  });

  it('resume as soon as the follower is heard of', async () => {
    const { a, ada, b, log, submolt } = await openFollowed(network);
    await b.federation.stop();
    const down = () => new NetError('connection_failed', 'down');
    answerPushes(...Array.from({ length: 8 }, down));
    await a.sandbox.accept(ada, post(submolt, 'News'));
    for (let i = 0; i < 8; i++) await network.pass(3_600_000);
    expect((await findPeer(a.db, b.identity.did))?.failures).toBe(8);
    // Back again, the follower pulls and asks to be pushed to.
    await b.restart();
    await network.settle();
    expect(await findPeer(a.db, b.identity.did)).toMatchObject({ failures: 0, error: null });
    await expectReplica(a, b, log);
  });

  it('survive a restart of the home', async () => {
    const { a, ada, b, log, submolt } = await openFollowed(network);
    answerPushes(new NetError('timed_out', 'lost'));
    await a.sandbox.accept(ada, post(submolt, 'News'));
    await network.settle();
    await a.restart();
    await network.pass(2_000);
    await expectReplica(a, b, log);
  });

  it('end for good when the follower says never, and the reason is kept', async () => {
    const { a, ada, b, log, submolt } = await openFollowed(network);
    const never = { status: 422, body: '{"code":"entry_refused","detail":"no"}' };
    const pushes = answerPushes(never, never);
    await a.sandbox.accept(ada, post(submolt, 'News'));
    await network.pass(60_000);
    expect(pushes.length).toBe(1);
    expect(await findFollower(a.db, log, b.identity.did)).toBeNull();
    const letters = await listDeadLetters(a.db, 5);
    expect(letters).toMatchObject([{ origin: log, index: 4, code: 'entry_refused' }]);
  });

  it('begin again when a follower that was dropped finds that it misses entries', async () => {
    const { a, ada, b, log, submolt } = await openFollowed(network);
    answerPushes({ status: 404, body: '{"code":"log_unknown"}' });
    await a.sandbox.accept(ada, post(submolt, 'News'));
    await network.pass(600_000);
    expect(await findFollower(a.db, log, b.identity.did)).not.toBeNull();
    await a.sandbox.accept(ada, post(submolt, 'More'));
    await network.settle();
    await expectReplica(a, b, log);
  });

  it('stop when a follower has more than the home: the home has lost entries it signed', async () => {
    const { a, ada, log, submolt } = await openFollowed(network);
    answerPushes({ status: 202, body: '{"size":99}' });
    await a.sandbox.accept(ada, post(submolt, 'News'));
    await network.settle();
    expect(await listDeadLetters(a.db, 5)).toMatchObject([{ origin: log, code: 'follower_ahead' }]);
  });
});
