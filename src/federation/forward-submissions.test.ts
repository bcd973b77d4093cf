// Submissions for submolts of another node: forwarded, answered by their home, back through its log.
import { afterEach, describe, expect, it } from 'vitest';
import { comment, group, post } from '../../test/drafts.ts';
import { FederatedNode, Network } from '../../test/network.ts';
import { expectReplica, openFollowed, WebAgent } from '../../test/replica-scene.ts';
import { Agent } from '../../test/sandbox.ts';
import { NetError } from '../net/error.ts';
import type { ActivityDraft } from '../protocol/activity.ts';
import type { JsonObject } from '../protocol/json.ts';
import type { VerifiedObject } from '../protocol/object.ts';
import { getActivityStatus } from '../store/queries/activity-status.ts';
import { findPeer } from '../store/queries/peers.ts';

let network = new Network();
afterEach(async () => {
  await network.close();
  network = new Network();
});

const SUBMISSIONS = '/federation/submissions';
const bob = new Agent('bob');

function json({ bytes }: VerifiedObject): JsonObject {
  return JSON.parse(new TextDecoder().decode(bytes));
}

/** Submits to a node what another node has to decide. */
async function wait(node: FederatedNode, draft: ActivityDraft, by = bob) {
  const outcome = await node.sandbox.submit(by, draft);
  if (outcome.kind !== 'pending') throw new Error(JSON.stringify(outcome));
  return outcome.id;
}

describe('forwarding', () => {
  it('gives the author a receipt of the home, once the entry has come back', async () => {
    const { a, b, log, submolt } = await openFollowed(network);
    const id = await wait(b, post(submolt, 'From far away'));
    await network.settle();
    const status = await getActivityStatus(b.db, id);
    expect(status).toMatchObject({ status: 'accepted', receipt: { log, index: 4 } });
    expect(status).toEqual(await getActivityStatus(a.db, id));
    await expectReplica(a, b, log);
    await a.check();
  });

  it('keeps the order of what belongs together, more than one request of it', async () => {
    const { a, b, log, submolt } = await openFollowed(network);
    await b.federation.stop();
    let parent = await wait(b, post(submolt, 'Root'));
    for (let i = 0; i < 60; i++) parent = await wait(b, comment(submolt, parent, `Reply ${i}`));
    for (let i = 0; i < 30; i++) await wait(b, post(submolt, `Post of Bob ${i}`));
    await b.restart();
    await network.settle();
    await expectReplica(a, b, log);
    expect(await b.sizeOf(log)).toBe(4 + 91);
    expect(await getActivityStatus(b.db, parent)).toMatchObject({ status: 'accepted' });
    expect(network.journal.filter((line) => line === `POST ${SUBMISSIONS} 200`).length).toBe(2);
  });

  it('sends what comes while what was accepted has not come back', async () => {
    const { a, b, submolt } = await openFollowed(network);
    network.fault = ({ from, url }, next) => {
      if (from !== a.identity.authority || url.pathname !== '/federation/entries') return next();
      throw new NetError('connection_failed', 'the push was lost');
    };
    for (const title of ['First', 'Second', 'Third']) {
      const id = await wait(b, post(submolt, title));
      await network.settle();
      expect(await getActivityStatus(b.db, id)).toMatchObject({ status: 'pending' });
      expect(await getActivityStatus(a.db, id), title).toMatchObject({ status: 'accepted' });
    }
  });

  it('records the refusal of the home with its code, and forwards it no more', async () => {
    const { a, ada, b, submolt } = await openFollowed(network);
    const block = { type: 'Block', audience: submolt, object: bob.did, target: submolt } as const;
    await a.federation.stop();
    await a.sandbox.accept(ada, block);
    const id = await wait(b, post(submolt, 'Let me in'));
    await network.pass(1_000);
    expect(await getActivityStatus(b.db, id)).toMatchObject({ status: 'refused', code: 'banned' });
    const before = network.journal.length;
    await network.pass(600_000);
    expect(network.journal.slice(before).filter((line) => line.includes(SUBMISSIONS))).toEqual([]);
    await b.check();
  });

  it('tries again while the home is down, through a restart, and loses nothing', async () => {
    const { a, b, log, submolt } = await openFollowed(network);
    network.fault = () => Promise.reject(new NetError('connection_failed', 'down'));
    const id = await wait(b, post(submolt, 'Patience'));
    await network.settle();
    for (let i = 0; i < 3; i++) await network.pass(60_000);
    await b.restart();
    await network.settle();
    expect((await findPeer(b.db, a.identity.did))?.failures).toBeGreaterThan(1);
    expect(await getActivityStatus(b.db, id)).toMatchObject({ status: 'pending' });
    network.fault = (_, next) => next();
    await network.pass(3_600_000);
    expect(await getActivityStatus(b.db, id)).toMatchObject({ status: 'accepted' });
    await expectReplica(a, b, log);
  });

  it('is harmless when the answer is lost: the home has the object once', async () => {
    const { a, b, log, submolt } = await openFollowed(network);
    let lost = 0;
    network.fault = async ({ url }, next) => {
      const down = lost < 2 && /^\/(federation\/entries|log\/)/.test(url.pathname);
      const answer = down ? null : await next();
      if (answer !== null && (url.pathname !== SUBMISSIONS || lost++ > 1)) return answer;
      throw new NetError('timed_out', 'the answer was lost');
    };
    await wait(b, post(submolt, 'Once'));
    for (let i = 0; i < 4; i++) await network.pass(60_000);
    expect(lost).toBeGreaterThan(2);
    expect(await a.sizeOf(log)).toBe(5);
    await expectReplica(a, b, log);
  });

  it('asks once more for what was accepted and has not come back', async () => {
    const { a, b, log, submolt } = await openFollowed(network);
    network.fault = ({ url }, next) =>
      url.pathname === '/federation/entries' || url.pathname.startsWith('/log/')
        ? Promise.resolve({ status: 503, body: '{}', headers: { 'retry-after': '1' } })
        : next();
    const id = await wait(b, post(submolt, 'Hello?'));
    await network.pass(2_000);
    const sent = () => network.journal.filter((line) => line === `POST ${SUBMISSIONS} 200`).length;
    expect(sent()).toBe(1);
    await network.pass(20_000);
    expect(sent()).toBe(1);
    await network.pass(61_000);
    expect(sent()).toBe(2);
    expect(await getActivityStatus(b.db, id)).toMatchObject({ status: 'pending' });
    network.fault = (_, next) => next();
    await network.pass(3_600_000);
    await network.pass(60_000);
    await expectReplica(a, b, log);
  });

  it.each([
    ['no results', '{"results":7}'],
    [
      'results of other objects',
      `{"results":[{"id":"ni:///sha-256;${'A'.repeat(43)}","status":"deferred"}]}`,
    ],
    ['a refusal without a code', '{"results":[{"id":"ID","status":"refused"}]}'],
    ['a refusal with a strange code', '{"results":[{"id":"ID","status":"refused","code":"<b>"}]}'],
    ['an acceptance without a receipt', '{"results":[{"id":"ID","status":"accepted"}]}'],
    ['a deferral', '{"results":[{"id":"ID","status":"deferred","detail":"later"}]}'],
    ['nothing about it', '{"results":[]}'],
  ])('keeps an object waiting when the home answers with %s', async (_, body) => {
    const { a, b, log, submolt } = await openFollowed(network);
    let id = '';
    network.fault = async ({ url }, next) =>
      url.pathname === SUBMISSIONS ? { status: 200, body: body.replace('ID', id) } : next();
    await b.federation.stop();
    const name = await wait(b, post(submolt, 'Patience'));
    id = name;
    await b.restart();
    await network.settle();
    expect(await getActivityStatus(b.db, name)).toMatchObject({ status: 'pending' });
    network.fault = (_, next) => next();
    await network.pass(3_600_000);
    expect(await getActivityStatus(b.db, name)).toMatchObject({ status: 'accepted' });
    await expectReplica(a, b, log);
  });
});

describe('an object whose author the home cannot verify now', () => {
  async function submitted() {
    const world = await openFollowed(network);
    const { b, submolt } = world;
    const zoe = new WebAgent(network, 'zoe');
    const object = await zoe.sign(post(submolt, 'From elsewhere'));
    expect(await b.sandbox.send(object, zoe.did)).toMatchObject({ kind: 'pending' });
    const other = await wait(b, post(submolt, 'From next door'));
    await network.settle();
    expect(await getActivityStatus(b.db, other)).toMatchObject({ status: 'accepted' });
    expect(await getActivityStatus(b.db, object.name)).toMatchObject({ status: 'pending' });
    return { ...world, zoe, name: object.name };
  }

  it('holds up nobody else, and is accepted when it can be verified', async () => {
    const { a, b, log, name, zoe } = await submitted();
    zoe.publish();
    for (let i = 0; i < 3; i++) await network.pass(600_000);
    expect(await getActivityStatus(b.db, name)).toMatchObject({ status: 'accepted' });
    await expectReplica(a, b, log);
  });

  it('is refused after a day', async () => {
    const { b, name } = await submitted();
    await network.pass(23 * 3_600_000);
    expect(await getActivityStatus(b.db, name)).toMatchObject({ status: 'pending' });
    await network.pass(2 * 3_600_000);
    expect(await getActivityStatus(b.db, name)).toMatchObject({
      status: 'refused',
      code: 'key_unresolvable',
    });
  });
});

describe('receiveSubmissions', () => {
  it('judges each object by its own proof and answers in order', async () => {
    const { a, b, submolt } = await openFollowed(network);
    const { now } = network.clock;
    const good = json(await bob.sign(post(submolt, 'Good'), now));
    const other = json(await bob.sign(post(submolt, 'Other'), now));
    const forged = { ...other, object: { ...(other.object as JsonObject), name: 'Forged' } };
    const locked = json(
      await bob.sign({ type: 'Delete', audience: submolt, object: submolt }, now),
    );
    const objects = [good, forged, locked, good];
    const answer = await b.post(a, SUBMISSIONS, { objects });
    expect(answer.results).toMatchObject([
      { status: 'accepted', receipt: { index: 4 } },
      { status: 'refused', code: 'proof_invalid' },
      { status: 'refused', code: 'object_unsuitable' },
      { status: 'accepted', receipt: { index: 4 } },
    ]);
    await a.check();
  });

  it('never forwards what was forwarded to it, so that nothing goes round in circles', async () => {
    const { a, b, submolt } = await openFollowed(network);
    const { now } = network.clock;
    const c = await FederatedNode.open(network, 'c');
    const profile = { type: 'Update', object: { type: 'Service', name: 'Bob' } } as const;
    const objects = [
      json(await bob.sign(post(submolt, 'Not yours'), now)),
      json(await bob.sign(group('mine', b.identity.did), now)),
      json(await bob.sign(profile, now)),
    ];
    const answer = await c.post(b, SUBMISSIONS, { objects });
    expect(answer.results).toMatchObject(Array(3).fill({ status: 'refused', code: 'wrong_home' }));
    await network.settle();
    expect(network.journal.filter((line) => line.includes(SUBMISSIONS)).length).toBe(1);
    expect(a.events).toEqual([]);
  });

  it('defers what it cannot verify now', async () => {
    const { a, b, submolt } = await openFollowed(network);
    const signed = json(await bob.sign(post(submolt, 'Hello'), network.clock.now));
    const actor = 'did:web:agents.example.com';
    const proof = { ...(signed.proof as JsonObject), verificationMethod: `${actor}#key-1` };
    const objects = [{ ...signed, actor, proof }];
    const answer = await b.post(a, SUBMISSIONS, { objects });
    expect(answer.results).toMatchObject([{ status: 'deferred' }]);
  });

  it.each([
    ['nothing', {}],
    ['no objects', { objects: [] }],
    ['too many', { objects: Array(65).fill({}) }],
    ['what is no object', { objects: ['ni:///'] }],
    ['a member too many', { objects: [{}], more: true }],
  ])('refuses %s', async (_, value) => {
    const { a, b } = await openFollowed(network);
    expect(await b.post(a, SUBMISSIONS, value)).toMatchObject({ code: 'malformed_request' });
  });
});
