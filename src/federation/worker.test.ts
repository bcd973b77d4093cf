// The worker as a whole: whatever is lost, repeated, delayed or restarted, replicas end up as their home.
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { comment, group, post } from '../../test/drafts.ts';
import { FederatedNode, Network } from '../../test/network.ts';
import { expectReplica, openFollowed } from '../../test/replica-scene.ts';
import { Agent } from '../../test/sandbox.ts';
import { seeded } from '../../test/world.ts';
import { NetError } from '../net/error.ts';
import type { JsonObject } from '../protocol/json.ts';
import type { ObjectName } from '../protocol/object-name.ts';
import { getActivityStatus } from '../store/queries/activity-status.ts';
import { listDeadLetters } from '../store/queries/peers.ts';
import { describePeers } from './describe-peers.ts';
import { Federation } from './worker.ts';

let network = new Network();
afterEach(async () => {
  await network.close();
  network = new Network();
});

const bob = new Agent('bob');

type Step =
  | { readonly kind: 'post' | 'far' | 'delete' | 'pull' | 'replay' | 'restart' | 'settle' }
  | { readonly kind: 'fault'; readonly odds: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constantFrom(
      ...(['post', 'post', 'post', 'far', 'far', 'delete', 'pull', 'replay', 'restart'] as const),
      'settle' as const,
    ),
  }),
  fc.record({ kind: fc.constant('fault' as const), odds: fc.constantFrom(0, 0, 2, 4) }),
);

/** Loses requests and answers, and lets some arrive twice, one in `odds` of them each; 0 is a good network. */
function badNetwork(odds: number, random: (n: number) => number): void {
  network.fault = async (_, next) => {
    if (odds === 0) return next();
    if (random(odds) === 0) throw new NetError('connection_failed', 'the request was lost');
    const answer = await next();
    if (random(odds) === 0) await next();
    if (random(odds) === 0) throw new NetError('timed_out', 'the answer was lost');
    return answer;
  };
}

/** Gives the names of what Bob sent to the follower. */
async function play(
  a: FederatedNode,
  b: FederatedNode,
  submolt: ObjectName,
  log: string,
  steps: readonly Step[],
) {
  const ada = new Agent('ada');
  const random = seeded(steps.length);
  let count = 0;
  const mine: ObjectName[] = [];
  const far: ObjectName[] = [];
  for (const each of steps) {
    count++;
    switch (each.kind) {
      case 'post':
        mine.push(await a.sandbox.accept(ada, post(submolt, `Post ${count} of Ada`)));
        break;
      case 'far': {
        const outcome = await b.sandbox.submit(bob, post(submolt, `Post ${count} of Bob`));
        if (outcome.kind === 'pending') far.push(outcome.id);
        break;
      }
      case 'delete': {
        const object = mine.pop();
        if (object === undefined) break;
        await a.sandbox.accept(ada, comment(submolt, object, `Reply ${count}`));
        await a.sandbox.accept(ada, { type: 'Delete', audience: submolt, object });
        break;
      }
      case 'pull':
        b.federation.context.wantPull(log);
        break;
      case 'replay': {
        const forged = await a.forge(log);
        const start = Math.max(0, forged.entries.length - (count % 5));
        await a.post(b, '/federation/entries', forged.push(start));
        break;
      }
      case 'restart':
        await (count % 2 === 0 ? a : b).restart();
        break;
      case 'settle':
        await network.pass(1_000 * count);
        break;
      case 'fault':
        badNetwork(each.odds, random);
        break;
    }
  }
  return far;
}

describe('Federation', () => {
  it('gives the same replica however pushes, pulls, losses and restarts are interleaved', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async (steps) => {
        network = new Network();
        const { a, b, log, submolt } = await openFollowed(network);
        const far = await play(a, b, submolt, log, steps);
        network.fault = (_, next) => next();
        for (let i = 0; i < 4; i++) await network.pass(3_600_000);
        await expectReplica(a, b, log);
        await a.check();
        for (const name of far) {
          expect(await getActivityStatus(b.db, name)).toMatchObject({ status: 'accepted' });
        }
        expect(await listDeadLetters(b.db, 5)).toEqual([]);
        expect(await describePeers(b.federation.context)).toMatchObject({
          peers: [{ waiting: 0, followed: [{ halted: null }, { halted: null }] }],
        });
        await network.close();
      }),
      { numRuns: 15 },
    );
  }, 120_000);

  it('works at nothing before it is started and after it is stopped', async () => {
    const { a, ada, b, log, submolt } = await openFollowed(network);
    await b.federation.stop();
    const before = network.journal.length;
    b.federation.context.wantPull(log);
    b.federation.poke();
    await b.federation.idle();
    const { context, keys, sequencer } = { ...b.federation.context, context: b.sandbox.context };
    const fetch = { request: network.request.bind(network, b.identity.authority) };
    const unstarted = new Federation({ context, sequencer, keys, fetch });
    unstarted.poke();
    await unstarted.idle();
    expect(network.journal.length).toBe(before);
    await a.sandbox.accept(ada, post(submolt, 'News'));
    await network.settle();
    // A follower that has stopped still answers pushes, as long as its server does.
    expect(await b.sizeOf(log)).toBe(5);
  });

  it('does not wait for a silent peer when it is stopped', async () => {
    const { a, ada, submolt } = await openFollowed(network);
    const sent = Promise.withResolvers<void>();
    network.fault = async ({ request, url }, next) => {
      if (url.pathname !== '/federation/entries') return next();
      sent.resolve();
      const { promise, reject } = Promise.withResolvers<never>();
      request.signal?.addEventListener('abort', () => reject(new NetError('closed', 'stopped')));
      return promise;
    };
    await a.sandbox.accept(ada, post(submolt, 'News'));
    await sent.promise;
    await a.federation.stop();
    const described = await describePeers(a.federation.context);
    // A request that was broken off says nothing about the peer.
    expect(described).toMatchObject({ peers: [{ failures: 0, error: null }] });
  });

  it('pulls and forwards while followers let its pushes hang', async () => {
    const { a, ada, b, log, submolt } = await openFollowed(network);
    const own = await b.sandbox.accept(bob, group('coffee', b.identity.did));
    for (const name of ['c', 'd', 'e', 'f']) {
      await (await FederatedNode.open(network, name)).follow(b, 'coffee');
    }
    const gate = Promise.withResolvers<void>();
    network.fault = async ({ from, url }, next) => {
      if (from === b.identity.authority && url.pathname === '/federation/entries') {
        await gate.promise;
      }
      return next();
    };
    await b.sandbox.accept(bob, post(own, 'Beans'));
    await b.sandbox.submit(bob, post(submolt, 'From afar'));
    await a.sandbox.accept(ada, post(submolt, 'News'));
    await vi.waitFor(async () => expect(await b.sizeOf(log)).toBe(6), { timeout: 3_000 });
    gate.resolve();
    await network.settle();
  });

  it('goes on after a fault of its own, and reports it', async () => {
    const { a, ada, b, log, submolt } = await openFollowed(network);
    let faults = 1;
    network.fault = (_, next) => {
      if (faults-- > 0) throw new TypeError('a bug');
      return next();
    };
    await a.sandbox.accept(ada, post(submolt, 'News'));
    await network.settle();
    expect(a.events).toContainEqual(
      expect.objectContaining({ event: 'failed', detail: 'TypeError: a bug' }),
    );
    await network.pass(60_000);
    await expectReplica(a, b, log);
  });

  it('describes its peers to the operator', async () => {
    const { a, b, log } = await openFollowed(network);
    const peers = (await b.post(a, '/federation/peers', {})).peers;
    expect(peers).toBeUndefined();
    expect(await describePeers(a.federation.context)).toMatchObject({
      peers: [
        {
          did: b.identity.did,
          url: b.identity.origin,
          state: 'up',
          waiting: 0,
          follows: [
            { log: `${a.identity.authority}/log/system`, acknowledged: 3, size: 3 },
            { log, acknowledged: 4, size: 4 },
          ],
          followed: [],
        },
      ],
      dead_letters: [],
    });
    const described = (await describePeers(b.federation.context)) as { peers: JsonObject[] };
    expect(described.peers).toMatchObject([
      {
        did: a.identity.did,
        followed: [
          { log, size: 4, known_size: 4, halted: null },
          { log: `${a.identity.authority}/log/system`, size: 3, known_size: 3, halted: null },
        ],
      },
    ]);
  });
});
