// Delegations that are taken back at one node: peers that know them hear of it, and nobody has to tell each home.
import { afterEach, describe, expect, it } from 'vitest';
import { delegation, under } from '../../test/delegations.ts';
import { group, post } from '../../test/drafts.ts';
import { FederatedNode, Network } from '../../test/network.ts';
import { openFollowed } from '../../test/replica-scene.ts';
import { Agent } from '../../test/sandbox.ts';
import { NetError } from '../net/error.ts';
import type { ActivityDraft } from '../protocol/activity.ts';
import { decodeUtf8 } from '../protocol/bytes.ts';
import type { JsonObject } from '../protocol/json.ts';
import type { ObjectName } from '../protocol/object-name.ts';
import { getDelegation } from '../store/queries/delegations.ts';

let network = new Network();
afterEach(async () => {
  await network.close();
  network = new Network();
});

const SUBMISSIONS = '/federation/submissions';
const kim = new Agent('kim');
const lea = new Agent('lea');

/** What an agent signs, as it goes from node to node. */
async function signed(author: Agent, draft: ActivityDraft | object) {
  const { bytes, name } = await author.sign(draft as ActivityDraft, network.clock.now);
  return { name, json: JSON.parse(decodeUtf8(bytes)) };
}

const revokedAt = async ({ db, identity }: FederatedNode, one: ObjectName) =>
  (await getDelegation(db, one, identity.did))?.revoked ?? null;

/** Kim may post in ada's name at `a` and, having done so, at its follower `b`, where `coffee` is at home. */
async function openDelegated() {
  const { ada, ...scene } = await openFollowed(network);
  const { a, b } = scene;
  const coffee = await b.sandbox.accept(new Agent('eve'), group('coffee', b.identity.did));
  const { json, name } = await signed(ada, delegation(kim.did));
  for (const node of [a, b]) await node.sandbox.accept(ada, delegation(kim.did));
  await network.settle();
  expect(await revokedAt(b, name)).toBeNull();
  return { ...scene, ada, coffee, one: name, statement: json };
}

const revoke = (one: ObjectName) => ({ type: 'Undo', object: one }) as const;

describe('a delegation that is taken back at one node', () => {
  it('ends at its peers that know it', async () => {
    const { a, ada, b, coffee, one } = await openDelegated();
    await b.sandbox.accept(kim, under(one, post(coffee, 'In time')));
    const undo = await a.sandbox.accept(ada, revoke(one));
    await network.settle();
    expect(await revokedAt(b, one)).toBe(undo);
    const late = await b.sandbox.submit(kim, under(one, post(coffee, 'Too late')));
    expect(late).toMatchObject({ kind: 'refused', code: 'delegation_revoked' });
    await Promise.all([a.check(), b.check()]);
  });

  it('ends at nodes that know only a node in between, and is told to each once', async () => {
    const { a, ada, b, one } = await openDelegated();
    const c = await FederatedNode.open(network, 'c');
    await c.follow(b, 'coffee');
    await c.sandbox.accept(ada, delegation(kim.did));
    const told: string[] = [];
    network.fault = (sent, next) => {
      if (sent.url.pathname === SUBMISSIONS) told.push(`${sent.from} ${sent.url.host}`);
      return next();
    };
    await a.sandbox.accept(ada, revoke(one));
    await network.settle();
    for (let i = 0; i < 3; i++) await network.pass(24 * 3_600_000);
    expect(await revokedAt(c, one)).not.toBeNull();
    expect(told).toHaveLength(new Set(told).size);
    await c.check();
  });

  it('ends once a peer is there again, whoever was restarted meanwhile', async () => {
    const { a, ada, b, one } = await openDelegated();
    network.fault = () => Promise.reject(new NetError('connection_failed', 'down'));
    const undo = await a.sandbox.accept(ada, revoke(one));
    await network.settle();
    await a.restart();
    await network.settle();
    expect(await revokedAt(b, one)).toBeNull();
    network.fault = (_, next) => next();
    await network.pass(3_600_000);
    expect(await revokedAt(b, one)).toBe(undo);
  });

  it('ends with what was passed on of it', async () => {
    const { a, ada, b, one } = await openDelegated();
    const passed = delegation(lea.did, { allowedAction: ['post'], parentCapability: one });
    for (const node of [a, b]) await node.sandbox.accept(kim, passed);
    const { name: two } = await signed(kim, passed);
    await a.sandbox.accept(ada, revoke(one));
    await network.settle();
    expect(await revokedAt(b, two)).not.toBeNull();
  });
});

describe('a peer', () => {
  const answerOf = async (b: FederatedNode, a: FederatedNode, ...objects: JsonObject[]) =>
    (await a.post(b, SUBMISSIONS, { objects })).results;

  it('takes no revocation of a delegation that it does not know', async () => {
    const { a, ada, b } = await openFollowed(network);
    const { json } = await signed(ada, revoke((await signed(ada, delegation(kim.did))).name));
    expect(await answerOf(b, a, json)).toMatchObject([{ status: 'refused', code: 'wrong_home' }]);
  });

  it('takes it together with the delegation', async () => {
    const { a, ada, b } = await openFollowed(network);
    const { json: statement, name } = await signed(ada, delegation(kim.did));
    const { json: undo } = await signed(ada, revoke(name));
    const results = await answerOf(b, a, undo, statement);
    expect(results).toMatchObject([{ status: 'accepted' }, { status: 'accepted' }]);
    expect(await revokedAt(b, name)).not.toBeNull();
  });

  it('takes it of nobody but those who gave it, with their proof', async () => {
    const { a, ada, b, one } = await openDelegated();
    const { json: foreign } = await signed(kim, revoke(one));
    const { json: own } = await signed(ada, revoke(one));
    const forged = { ...own, actor: kim.did };
    expect(await answerOf(b, a, foreign, forged)).toMatchObject([
      { status: 'refused', code: 'not_author' },
      { status: 'refused', code: 'proof_actor_mismatch' },
    ]);
    expect(await revokedAt(b, one)).toBeNull();
  });

  it('takes none that has a place in a chain at another node', async () => {
    const { a, ada, b, one } = await openDelegated();
    const { json } = await signed(ada, { ...revoke(one), seq: 3 });
    expect(await answerOf(b, a, json)).toMatchObject([{ status: 'refused', code: 'wrong_home' }]);
    expect(await revokedAt(b, one)).toBeNull();
  });

  it('takes no other act by this way', async () => {
    const { a, ada, b } = await openDelegated();
    await b.sandbox.accept(ada, { type: 'Follow', object: kim.did });
    const { name } = await signed(ada, { type: 'Follow', object: kim.did });
    const { json } = await signed(ada, revoke(name));
    expect(await answerOf(b, a, json)).toMatchObject([{ status: 'refused', code: 'wrong_home' }]);
  });
});
