// Delegations in a node: chains over store and group, statements logged before the acts that need them, revocation.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { delegation, under } from '../../test/delegations.ts';
import { group, post } from '../../test/drafts.ts';
import { checkInvariants } from '../../test/invariants.ts';
import { ShiftingAgent } from '../../test/rotating-agent.ts';
import { Agent, type Author, crypto, Sandbox } from '../../test/sandbox.ts';
import type { ActivityDraft } from '../protocol/activity.ts';
import type { ObjectName } from '../protocol/object-name.ts';
import { readLeaves } from '../store/queries/bodies.ts';
import { listLogs } from '../store/queries/logs.ts';

const [ada, kim, lea] = ['ada', 'kim', 'lea'].map((name) => new Agent(name)) as [
  Agent,
  Agent,
  Agent,
];
let node: Sandbox;
let submolt: ObjectName;

beforeEach(async () => {
  node = await Sandbox.open();
  submolt = await node.accept(ada, group('general'));
});
afterEach(async () => {
  await checkInvariants(node.db, crypto);
  await node.close();
});

async function logged(of: ObjectName | null): Promise<ObjectName[]> {
  const log = (await listLogs(node.db)).find((head) => head.submolt === of)!;
  return (await readLeaves(node.db, log, 0, log.size)).map(({ body }) => body.name);
}

/** Submits all at once; gives their names. */
async function together(acts: readonly (readonly [Author, ActivityDraft])[]) {
  const objects = [];
  for (const [by, draft] of acts) objects.push(await by.sign(draft, node.clock.now));
  const outcomes = await Promise.all(
    objects.map((object) => node.send(object, object.activity.actor)),
  );
  return { names: objects.map(({ name }) => name), outcomes };
}

test('a chain of which one half is stored and the other in the same group', async () => {
  const one = await node.accept(ada, delegation(kim.did));
  const passed = delegation(lea.did, { parentCapability: one });
  const two = (await kim.sign(passed, node.clock.now)).name;
  const { names, outcomes } = await together([
    [kim, passed],
    [lea, under(two, post(submolt, 'One'))],
    [kim, under(one, post(submolt, 'Two'))],
  ]);
  expect(outcomes.map(({ kind }) => kind)).toEqual(['accepted', 'accepted', 'accepted']);
  expect(await logged(submolt)).toEqual([submolt, one, two, names[1], names[2]]);
});

test('a chain, its DID log and acts under it, all in one group', async () => {
  const eve = new ShiftingAgent('eve');
  const given = (await eve.sign(delegation(kim.did), node.clock.now)).name;
  const { names, outcomes } = await together([
    [eve, eve.statement],
    [eve, delegation(kim.did)],
    [kim, under(given, post(submolt, 'One'))],
    [kim, under(given, post(submolt, 'Two'))],
    [eve, post(submolt, 'Three')],
  ]);
  expect(outcomes.map(({ kind }) => kind)).toEqual(names.map(() => 'accepted'));
  expect(await logged(submolt)).toEqual([submolt, ...names]);
});

test('a newer DID log of the delegator comes before acts under what its new key gives', async () => {
  const eve = new ShiftingAgent('eve');
  const first = await node.accept(eve, eve.statement);
  const old = await node.accept(eve, delegation(kim.did));
  const one = await node.accept(kim, under(old, post(submolt, 'One')));
  const second = await node.accept(eve.rotate(), eve.statement);
  expect(await node.submit(kim, under(old, post(submolt, 'Two')))).toMatchObject({
    code: 'delegation_revoked',
  });
  const fresh = await node.accept(eve, delegation(kim.did));
  const two = await node.accept(kim, under(fresh, post(submolt, 'Two')));
  expect(await logged(submolt)).toEqual([submolt, first, old, one, second, fresh, two]);
});

test('votes of many delegates in one group are one', async () => {
  const bob = new Agent('bob');
  const item = await node.accept(bob, post(submolt, 'Bob'));
  const one = await node.accept(ada, delegation(kim.did));
  const two = await node.accept(ada, delegation(lea.did));
  const like = { type: 'Like', audience: submolt, object: item } as const;
  const { outcomes } = await together([
    [kim, under(one, like)],
    [lea, under(two, like)],
    [ada, like],
  ]);
  expect(outcomes.map((outcome) => ('code' in outcome ? outcome.code : outcome.kind))).toEqual([
    'accepted',
    'vote_exists',
    'vote_exists',
  ]);
});

test('revoked and used in one group, what comes first counts', async () => {
  const one = await node.accept(ada, delegation(kim.did));
  const { outcomes } = await together([
    [kim, under(one, post(submolt, 'One'))],
    [ada, { type: 'Undo', object: one }],
    [kim, under(one, post(submolt, 'Two'))],
  ]);
  expect(outcomes.map((outcome) => ('code' in outcome ? outcome.code : outcome.kind))).toEqual([
    'accepted',
    'accepted',
    'delegation_revoked',
  ]);
  node.clock.now += 1000;
  const [again] = (await together([[ada, { type: 'Undo', object: one }]])).outcomes;
  expect(again).toMatchObject({ code: 'nothing_to_undo' });
});

test('what cannot be delegated, and what is no delegation, is refused', async () => {
  const one = await node.accept(ada, delegation(kim.did));
  const { outcomes } = await together([
    [kim, under(one, { type: 'Follow', audience: submolt, object: submolt })],
    [kim, under(submolt, post(submolt, 'One'))],
  ]);
  expect(outcomes).toMatchObject([{ code: 'delegation_scope' }, { code: 'delegation_unknown' }]);
});
