// Changed keys between nodes: every peer that knows the agent hears of it, and nobody has to act for that.
import { afterEach, describe, expect, it, vi } from 'vitest';
import { group, post } from '../../test/drafts.ts';
import { FederatedNode, Network, type Sent } from '../../test/network.ts';
import { openFollowed, openPair } from '../../test/replica-scene.ts';
import { RotatingAgent } from '../../test/rotating-agent.ts';
import { Agent } from '../../test/sandbox.ts';
import { NetError } from '../net/error.ts';
import { decodeUtf8 } from '../protocol/bytes.ts';
import type { JsonObject } from '../protocol/json.ts';
import type { SignedObject } from '../protocol/object.ts';
import { findIdentity } from '../store/queries/identities.ts';
import { findPeer } from '../store/queries/peers.ts';

let network = new Network();
afterEach(async () => {
  await network.close();
  network = new Network();
});

const SUBMISSIONS = '/federation/submissions';
const DAY_MS = 24 * 3_600_000;

const json = ({ bytes }: Pick<SignedObject, 'bytes'>): JsonObject => JSON.parse(decodeUtf8(bytes));
const rotating = (name = 'bede') => new RotatingAgent(name, 'agents.example', network.clock.now);

async function state(node: FederatedNode, agent: RotatingAgent): Promise<void> {
  const { '@context': _, actor, proof, ...draft } = agent.statement(network.clock.now).object;
  await node.sandbox.accept(agent, draft);
}

async function versionAt(node: FederatedNode, agent: RotatingAgent): Promise<number | undefined> {
  const identity = await findIdentity(node.db, agent.log.subject, node.identity.did);
  return identity?.version;
}

/** The numbers of objects in the requests that `from` has sent to `to`, as they were sent. */
function watch(from: FederatedNode, to: FederatedNode): number[] {
  const sizes: number[] = [];
  const { fault } = network;
  network.fault = (sent, next) => {
    if (sent.from === from.identity.authority && isAnnouncement(sent, to)) {
      sizes.push(JSON.parse(decodeUtf8(sent.request.body as Uint8Array)).objects.length);
    }
    return fault(sent, next);
  };
  return sizes;
}

function isAnnouncement({ url }: Sent, to: FederatedNode): boolean {
  return url.host === to.identity.authority && url.pathname === SUBMISSIONS;
}

/** Both nodes know the agent by its first key. */
async function openKnown() {
  const { a, b, ...scene } = await openFollowed(network);
  const bede = rotating();
  await state(a, bede);
  await a.sandbox.accept(bede, post(scene.submolt, 'By the first key'));
  await network.settle();
  expect(await versionAt(b, bede)).toBe(1);
  return { ...scene, a, b, bede };
}

describe('a key that is given up at one node', () => {
  it('stops at another that knows the agent, before anybody acts', async () => {
    const { a, b, bede, submolt } = await openKnown();
    const { thief } = bede;
    await state(a, bede.rotate(network.clock.now));
    await network.settle();
    expect(await versionAt(b, bede)).toBe(2);
    const late = await b.sandbox.submit(thief, post(submolt, 'By the old key'));
    expect(late).toMatchObject({ kind: 'refused', code: 'key_retired' });
    await b.sandbox.submit(bede, post(submolt, 'By the new key'));
    await network.settle();
    await Promise.all([a.check(), b.check()]);
  });

  it('is told once, and comes back once from those to whom it was news', async () => {
    const { a, b, bede } = await openKnown();
    const [there, back] = [watch(a, b), watch(b, a)];
    await state(a, bede.rotate(network.clock.now));
    await network.settle();
    for (let i = 0; i < 3; i++) await network.pass(DAY_MS);
    await a.restart();
    await network.pass(DAY_MS);
    expect([there, back]).toEqual([[1], [1]]);
  });

  it('stops at nodes that know only a node in between', async () => {
    const { a, b, bede, submolt } = await openKnown();
    const c = await FederatedNode.open(network, 'c');
    const eve = new Agent('eve');
    const coffee = await b.sandbox.accept(eve, group('coffee', b.identity.did));
    await c.follow(b, 'coffee');
    await b.sandbox.accept(bede, post(coffee, 'Elsewhere'));
    await network.settle();
    expect(await versionAt(c, bede)).toBe(1);
    expect(await findPeer(c.db, a.identity.did)).toBeNull();
    await state(a, bede.rotate(network.clock.now));
    await network.settle();
    expect(await versionAt(c, bede)).toBe(2);
    await a.sandbox.accept(bede, post(submolt, 'All is well'));
  });

  it('stops once a node is there again, whoever was restarted meanwhile', async () => {
    const { a, b, bede } = await openKnown();
    network.fault = () => Promise.reject(new NetError('connection_failed', 'down'));
    await state(a, bede.rotate(network.clock.now));
    await network.settle();
    for (let i = 0; i < 8; i++) await network.pass(600_000);
    await a.restart();
    await network.settle();
    expect(await findPeer(a.db, b.identity.did)).toMatchObject({ failures: expect.any(Number) });
    expect(await versionAt(b, bede)).toBe(1);
    network.fault = (_, next) => next();
    await network.pass(3_600_000);
    expect(await versionAt(b, bede)).toBe(2);
  });

  it('is told by its newest statement alone', async () => {
    const { a, b, bede } = await openKnown();
    const sizes = watch(a, b);
    await a.federation.stop();
    for (let i = 0; i < 3; i++) await state(a, bede.rotate(network.clock.now));
    await a.restart();
    await network.settle();
    expect(sizes).toEqual([1]);
    expect(await versionAt(b, bede)).toBe(4);
  });

  it('is told with at most 64 others at a time', async () => {
    const { a, b } = await openPair(network);
    await a.sandbox.accept(new Agent('ada'), group('tea', a.identity.did));
    await b.follow(a, 'tea');
    await a.federation.stop();
    for (let i = 0; i < 70; i++) {
      await state(a, rotating(`agent ${i}`).rotate(network.clock.now));
    }
    const sizes = watch(a, b);
    await a.restart();
    await network.settle();
    expect(sizes).toEqual([64, 6]);
  });
});

describe('how far a peer was told', () => {
  it('follows the changes, past everything else in the log', async () => {
    const { a, b, bede } = await openKnown();
    const told = async () =>
      (await a.db.batch('read', [{ sql: 'SELECT told FROM peers', args: [] }]))[0]?.[0]?.[0];
    const size = () => a.sizeOf(`${a.identity.authority}/log/system`);
    await state(a, bede.rotate(network.clock.now));
    await network.settle();
    expect(await told()).toBe(await size());
    for (let i = 0; i < 3; i++) await state(a, rotating(`agent ${i}`));
    await network.settle();
    const before = await size();
    network.fault = () => Promise.reject(new NetError('connection_failed', 'down'));
    await state(a, bede.rotate(network.clock.now));
    await network.settle();
    expect([await told(), await size()]).toEqual([before, before + 1]);
    network.fault = (_, next) => next();
    await network.pass(60_000);
    expect(await told()).toBe(before + 1);
    expect(await versionAt(b, bede)).toBe(3);
  });
});

describe('what is not told', () => {
  it('is a first key: whoever knows the agent knows it', async () => {
    const { a, b } = await openFollowed(network);
    const sizes = watch(a, b);
    await state(a, rotating());
    await network.settle();
    expect(sizes).toEqual([]);
  });

  it('is what happened before a node became a peer', async () => {
    const { a, b } = await openPair(network);
    const sizes = watch(a, b);
    await a.sandbox.accept(new Agent('ada'), group('tea', a.identity.did));
    await state(a, rotating('old').rotate(network.clock.now));
    await b.follow(a, 'tea');
    expect(sizes).toEqual([]);
    await state(a, rotating('new').rotate(network.clock.now));
    await network.settle();
    expect(sizes).toEqual([1]);
  });

  it('goes to nobody who has not been there for a week, until it comes by itself', async () => {
    const { a, b, bede } = await openKnown();
    const down = () => Promise.reject(new NetError('connection_failed', 'down'));
    network.fault = down;
    await state(a, bede.rotate(network.clock.now));
    await network.settle();
    for (let i = 0; i < 8; i++) await network.pass(3_600_000);
    await network.pass(8 * DAY_MS);
    const sizes = watch(a, b);
    await network.pass(DAY_MS);
    expect(sizes).toEqual([]);
    network.fault = (_, next) => next();
    await b.post(a, SUBMISSIONS, { objects: [{}] });
    await network.pass(1_000);
    expect(await versionAt(b, bede)).toBe(2);
  });
});

describe('a peer', () => {
  it('takes no statement of an agent it does not know, and looks at none', async () => {
    const { a, b, submolt } = await openFollowed(network);
    const bede = rotating();
    const statement = bede.rotate(network.clock.now).statement(network.clock.now);
    const forged = { ...json(statement), content: 'no DID log' };
    const answer = await a.post(b, SUBMISSIONS, { objects: [json(statement), forged] });
    const ignored = { status: 'refused', code: 'identity_unknown_here' };
    expect(answer.results).toMatchObject([{ ...ignored, id: statement.name }, ignored]);
    expect(await versionAt(b, bede)).toBeUndefined();
    // The first act brings it along.
    await state(a, bede);
    await a.sandbox.accept(bede, post(submolt, 'Here I am'));
    await network.settle();
    expect(await versionAt(b, bede)).toBe(2);
  });

  it.each([
    ['for good', false, 1],
    ['for now', true, 3],
  ])('that refuses %s is asked accordingly', async (_, retryable, times) => {
    const { a, b, bede } = await openKnown();
    const fault = { status: 403, body: JSON.stringify({ code: 'discovery_failed', retryable }) };
    network.fault = async (sent, next) => (isAnnouncement(sent, b) ? fault : next());
    const sizes = watch(a, b);
    await state(a, bede.rotate(network.clock.now));
    await network.settle();
    await network.pass(1_000);
    for (let i = 0; i < 2; i++) await network.pass(601_000);
    expect(sizes).toHaveLength(times);
    const told = a.events.filter(({ event }) => event === 'refused');
    expect(told).toHaveLength(retryable ? 0 : 1);
  });

  it('that lets announcements hang holds up nothing else', async () => {
    const { a, ada, b, bede, log, submolt } = await openKnown();
    const gate = Promise.withResolvers<void>();
    const asked = Promise.withResolvers<void>();
    network.fault = async (sent, next) => {
      if (isAnnouncement(sent, b)) {
        asked.resolve();
        await gate.promise;
      }
      return next();
    };
    await state(a, bede.rotate(network.clock.now));
    await asked.promise;
    await a.sandbox.accept(ada, post(submolt, 'News'));
    const size = await a.sizeOf(log);
    await vi.waitFor(async () => expect(await b.sizeOf(log)).toBe(size), { timeout: 3_000 });
    gate.resolve();
    await network.settle();
    expect(await versionAt(b, bede)).toBe(2);
  });
});
