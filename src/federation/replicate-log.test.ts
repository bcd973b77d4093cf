// Replicas: first follow, catch-up, interruption, deletions, keys that cannot be had.
import { afterEach, describe, expect, it } from 'vitest';
import { comment, post } from '../../test/drafts.ts';
import { Network } from '../../test/network.ts';
import { expectReplica, openFollowed, openPair, WebAgent } from '../../test/replica-scene.ts';
import { live } from '../../test/world.ts';
import { NetError } from '../net/error.ts';
import { findSource } from '../store/queries/peers.ts';

let network = new Network();
afterEach(async () => {
  await network.close();
  network = new Network();
});

describe('a replica', () => {
  it('equals its home in every derived row, whatever was deleted before it was made', async () => {
    const { a, b } = await openPair(network);
    await live(a.sandbox, 7, 600);
    for (const slug of ['one', 'two']) await expectReplica(a, b, await b.follow(a, slug));
  });

  it('catches up with a home that is thousands ahead, a page at a time', async () => {
    const { a, b, ada, log, submolt } = await openFollowed(network);
    network.fault = async () => Promise.reject(new NetError('connection_failed', 'cut'));
    const clock = network.clock;
    for (let i = 0; i < 12; i++) {
      const objects = await Promise.all(
        Array.from({ length: 200 }, (_, n) => ada.sign(post(submolt, `Post ${i}/${n}`), clock.now)),
      );
      await a.sandbox.sequencer.submitAll(objects, null);
    }
    expect(await b.sizeOf(log)).toBe(4);
    network.fault = (_, next) => next();
    await network.pass(3_600_000);
    expect(await b.sizeOf(log)).toBe(2404);
    await expectReplica(a, b, log);
  });

  it('goes on from where it was interrupted, at any request', async () => {
    const { a, b } = await openPair(network);
    await live(a.sandbox, 3, 700);
    let left = 0;
    network.fault = (_, next) =>
      left-- > 0 ? next() : Promise.reject(new NetError('connection_failed', 'cut'));
    left = 4;
    const log = await b.follow(a, 'one');
    for (const budget of [0, 1, 2, 3, 4, 1, 5, 2, 9, 3]) {
      left = budget;
      await b.restart();
      await network.pass(7_200_000);
      await b.check();
    }
    network.fault = (_, next) => next();
    await network.pass(7_200_000);
    await expectReplica(a, b, log);
  });

  it('asks for fewer bodies at a time when they are too large together', async () => {
    const { a, b } = await openPair(network);
    await live(a.sandbox, 5, 300);
    const widths: number[] = [];
    network.fault = ({ request, url }, next) => {
      if (!url.pathname.endsWith('/bodies')) return next();
      const { start, end } = JSON.parse(new TextDecoder().decode(request.body));
      widths.push(end - start);
      return end - start > 20 ? Promise.reject(new NetError('too_large', 'bodies')) : next();
    };
    const log = await b.follow(a, 'one');
    await expectReplica(a, b, log);
    expect(Math.max(...widths)).toBeGreaterThan(20);
  });

  it('follows deletions that come later: body and salt go, the entry stays', async () => {
    const { a, b, ada, log, submolt } = await openFollowed(network);
    const name = await a.sandbox.accept(ada, post(submolt, 'Regret'));
    const reply = await a.sandbox.accept(ada, comment(submolt, name, 'Me too'));
    await network.settle();
    await a.sandbox.accept(ada, { type: 'Delete', audience: submolt, object: name });
    await a.sandbox.accept(ada, comment(submolt, reply, 'Gone'));
    await network.settle();
    await expectReplica(a, b, log);
  });

  it('waits for the key of an author whose host is down, and halts nothing', async () => {
    const { a, b, log, submolt } = await openFollowed(network);
    const zoe = new WebAgent(network, 'zoe');
    await a.sandbox.send(await zoe.sign(post(submolt, 'From elsewhere')), zoe.did);
    await network.settle();
    expect(await b.sizeOf(log)).toBe(4);
    await network.pass(60_000);
    expect((await findSource(b.db, log))?.halted).toBeNull();
    zoe.publish();
    await network.pass(600_000);
    expect(await b.sizeOf(log)).toBe(5);
    await expectReplica(a, b, log);
  });
});
