// Who follows a submolt has the system log of its home too, and draws from it what the home does, and nothing for itself.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { delegation } from '../../test/delegations.ts';
import { group, post } from '../../test/drafts.ts';
import { FederatedNode, Network } from '../../test/network.ts';
import { acceptance, claim, withdrawal } from '../../test/owner-drafts.ts';
import { openFollowed } from '../../test/replica-scene.ts';
import { ShiftingAgent } from '../../test/rotating-agent.ts';
import { Agent } from '../../test/sandbox.ts';
import { live, steadyPeople } from '../../test/world.ts';
import { followLog } from '../commands/follow-log.ts';
import { stateOwn } from '../commands/sign-own.ts';
import type { ActivityDraft } from '../protocol/activity.ts';
import { idOf } from '../protocol/object-name.ts';
import { derivedRows } from '../store/derived-digest.ts';
import { getAgent } from '../store/queries/agents.ts';
import { getFeed } from '../store/queries/feed.ts';
import { listFollows } from '../store/queries/follows.ts';
import { findLog } from '../store/queries/logs.ts';
import { listNotifications } from '../store/queries/notifications.ts';
import { getPost } from '../store/queries/posts.ts';

let network: Network;
beforeEach(() => {
  network = new Network();
});
afterEach(() => network.close());

const profile = (name: string): ActivityDraft => ({
  type: 'Update',
  object: { type: 'Service', name, summary: `I am ${name}` },
});
const systemOf = ({ identity }: FederatedNode) => `${identity.authority}/log/system`;

/** What follows from the system log of `home`, as `node` has it: rows that name the home. */
async function rowsOf(node: FederatedNode, home: FederatedNode) {
  const { delegation_states, follows, identities, node_bans, owners, profiles } = await derivedRows(
    node.db,
  );
  const tables = { delegation_states, follows, identities, node_bans, owners, profiles };
  return Object.fromEntries(
    Object.entries(tables).map(([table, rows]) => [
      table,
      rows?.filter((row) => JSON.parse(row).includes(home.identity.did)),
    ]),
  );
}

async function expectSystemLog(home: FederatedNode, replica: FederatedNode): Promise<void> {
  const [theirs, ours] = await Promise.all(
    [home, replica].map(({ db }) => findLog(db, systemOf(home))),
  );
  expect(ours).toMatchObject({ size: theirs?.size, root: theirs?.root, isHome: false });
  expect(ours?.signedSize).toBe(ours?.size);
  expect(await rowsOf(replica, home)).toEqual(await rowsOf(home, home));
  await replica.check();
}

test('every kind of act of a system log does on a replica what it does at home', async () => {
  const { a, b, ada } = await openFollowed(network);
  const [bob, cyd] = [new Agent('bob'), new ShiftingAgent('cyd')];
  const own = (await findLog(b.db, systemOf(b)))?.size;
  const { sandbox } = a;
  await sandbox.accept(ada, profile('Ada'));
  await sandbox.accept(ada, profile('Ada L.'));
  await sandbox.accept(bob, profile('Bob'));
  const followed = await sandbox.accept(ada, { type: 'Follow', object: bob.did });
  await sandbox.accept(bob, { type: 'Follow', object: ada.did });
  await sandbox.accept(ada, { type: 'Undo', object: followed });
  await sandbox.accept(cyd, cyd.statement);
  cyd.rotate();
  await sandbox.accept(cyd, cyd.statement);
  const given = await sandbox.accept(ada, delegation(bob.did));
  await sandbox.accept(cyd, delegation(bob.did));
  await sandbox.accept(ada, { type: 'Undo', object: given });
  const text = claim({ owner: bob.did, agent: ada.did, until: network.clock.now + 1e10 });
  await sandbox.accept(ada, acceptance(text));
  await network.settle();
  await expectSystemLog(a, b);
  await sandbox.accept(bob, withdrawal(text));
  await sandbox.accept(ada, { type: 'Delete', object: ada.did });
  await network.settle();
  await expectSystemLog(a, b);
  const { follows, identities, owners, profiles } = await rowsOf(b, a);
  expect([follows, identities, owners, profiles].map((rows) => rows?.length)).toEqual([2, 1, 1, 1]);
  // Whom the home knows does not concern this node before they act here.
  expect((await findLog(b.db, systemOf(b)))?.size).toBe(own);
});

test('what is founded, moved and banned at home is known on a replica, and refuses nothing there', async () => {
  const { a, b, ada } = await openFollowed(network);
  const { sandbox, identity } = a;
  const bay = await sandbox.accept(ada, group('bay', identity.did));
  const away = { origin: identity.did, target: b.identity.did };
  await sandbox.accept(ada, { type: 'Move', audience: bay, object: bay, ...away });
  const { context, sequencer } = sandbox;
  const ban = await stateOwn(context, sequencer, { type: 'Block', object: ada.did });
  await network.settle();
  await expectSystemLog(a, b);
  expect((await rowsOf(b, a)).node_bans).toHaveLength(1);
  // Of the submolt, which nobody follows here, only the system log tells.
  expect(await findLog(b.db, `${identity.authority}/log/${idOf(bay)}`)).toBeNull();
  await b.sandbox.accept(ada, group('own', b.identity.did));
  await stateOwn(context, sequencer, { type: 'Undo', object: ban.name });
  await network.settle();
  await expectSystemLog(a, b);
});

test('a town of agents leaves the same on a replica, with its own acts beside it', async () => {
  const { a, b } = await openFollowed(network);
  const people = [...steadyPeople(3), new ShiftingAgent('cyd')];
  await live(a.sandbox, 7, 150, people);
  await live(b.sandbox, 8, 60, people);
  await network.settle();
  // What came while a push was under way goes out with the next one, a second later.
  await network.pass(6_000);
  await expectSystemLog(a, b);
  await a.check();
});

test('a profile sent to two nodes stays where it was not deleted', async () => {
  const { a, b, ada } = await openFollowed(network);
  const signed = await ada.sign(profile('Ada'), network.clock.now);
  await a.sandbox.send(signed, ada.did);
  await b.sandbox.send(signed, ada.did);
  await network.settle();
  await a.sandbox.accept(ada, { type: 'Delete', object: ada.did });
  await network.settle();
  await expectSystemLog(a, b);
  expect(await getAgent(b.db, ada.did, 0)).toMatchObject({ name: 'Ada' });
  expect(await getAgent(a.db, ada.did, 0)).toMatchObject({ name: null });
  await b.sandbox.accept(ada, { type: 'Delete', object: ada.did });
  await expectSystemLog(a, b);
  expect(await getAgent(b.db, ada.did, 0)).toMatchObject({ name: null });
});

test('shows the names that agents have given themselves elsewhere; their own here come first', async () => {
  const { a, b, ada, submolt } = await openFollowed(network);
  const name = await a.sandbox.accept(ada, post(submolt, 'Named'));
  const authorAt = async (node: FederatedNode) => (await getPost(node.db, name))?.author.name;
  await a.sandbox.accept(ada, profile('Ada of a'));
  await network.settle();
  expect(await authorAt(b)).toBe('Ada of a');
  network.clock.now += 1000;
  await b.sandbox.accept(ada, profile('Ada of b'));
  network.clock.now += 1000;
  await a.sandbox.accept(ada, profile('Ada of a, later'));
  await network.settle();
  expect(await authorAt(b)).toBe('Ada of b');
  expect(await authorAt(a)).toBe('Ada of a, later');
});

test('counts and feeds go by what agents do on this node', async () => {
  const { a, b, ada } = await openFollowed(network);
  const bob = new Agent('bob');
  await a.sandbox.accept(bob, { type: 'Follow', object: ada.did });
  await network.settle();
  const feed = { sort: 'new', filter: 'following', limit: 5 } as const;
  expect(await getAgent(b.db, ada.did, 0)).toMatchObject({ follower_count: 0 });
  expect((await getFeed(b.db, bob.did, feed)).posts).toEqual([]);
  expect((await listFollows(b.db, 'followers', ada.did, { limit: 5 })).follows).toEqual([]);
  await b.sandbox.accept(bob, { type: 'Follow', object: ada.did });
  for (const { db } of [a, b]) {
    expect(await getAgent(db, ada.did, 0)).toMatchObject({ follower_count: 1 });
    expect((await getFeed(db, bob.did, feed)).posts).toHaveLength(3);
    const { follows } = await listFollows(db, 'followers', ada.did, { limit: 5 });
    expect(follows.map(({ did }) => did)).toEqual([bob.did]);
    // Whoever is followed is told of it wherever the log of it is, once.
    const asked = { unread: false, limit: 5, now: network.clock.now };
    const { notifications } = await listNotifications(db, ada.did, asked);
    const told = notifications.filter(({ type }) => type === 'follow');
    expect(told.map(({ did }) => did)).toEqual([bob.did]);
  }
});

test('a node that has followed submolts alone until now follows the system log with its next pull', async () => {
  const { a, b } = await openFollowed(network);
  const c = await FederatedNode.open(network, 'c');
  await c.follow(a, 'tea');
  await b.follow(a, 'tea');
  const c2 = c.federation.context;
  const request = { peer: a.identity.did, origin: systemOf(a), submolt: null, caller: null };
  expect(await followLog(c2, c2.sequencer, request)).toMatchObject({ ok: true, first: false });
  await expectSystemLog(a, c);
  expect(network.journal.filter((line) => line.endsWith(' 503'))).toEqual([]);
});

test('two nodes that follow each other and state their heads come to rest', async () => {
  const a = await FederatedNode.open(network, 'a', { publishes: true });
  const b = await FederatedNode.open(network, 'b', { publishes: true });
  const ada = new Agent('ada');
  const founded = async (node: FederatedNode, slug: string) =>
    node.sandbox.accept(ada, {
      type: 'Create',
      target: node.identity.did,
      object: { type: 'Group', preferredUsername: slug, name: slug },
    });
  const tea = await founded(a, 'tea');
  await founded(b, 'bay');
  await b.follow(a, 'tea');
  await a.follow(b, 'bay');
  for (let i = 0; i < 4; i++) await network.pass(10_000);
  await a.sandbox.accept(ada, post(tea, 'One more'));
  for (let i = 0; i < 3; i++) await network.pass(10_000);
  const sizes = () => Promise.all([a, b].map((node) => node.sizeOf(systemOf(node))));
  const before = await sizes();
  const sent = network.journal.length;
  for (let i = 0; i < 6; i++) await network.pass(10_000);
  expect(await sizes()).toEqual(before);
  // Two looks a minute at each of two logs of the other.
  const writes = network.journal.slice(sent).filter((line) => line.startsWith('POST'));
  expect(writes).toEqual([]);
  await expectSystemLog(a, b);
  await expectSystemLog(b, a);
});
