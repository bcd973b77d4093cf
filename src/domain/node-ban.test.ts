// A node bans an agent from itself: by subject, whatever key, host or delegation it comes with; and what that leaves alone.
import { expect, test } from 'vitest';
import { delegation, under } from '../../test/delegations.ts';
import { ShiftingAgent } from '../../test/rotating-agent.ts';
import { ada, bob, mod, owner, Scene } from '../../test/scene.ts';
import { comment, ELSEWHERE, found, NODE, nthName, post } from '../../test/town.ts';
import type { ActivityDraft } from '../protocol/activity.ts';
import type { Did } from '../protocol/did.ts';
import { apply } from './apply.ts';
import { keysOf } from './keys.ts';

const block = (object: Did, endTime?: string): ActivityDraft => ({
  type: 'Block',
  object,
  ...(endTime !== undefined && { endTime }),
});
const REFUSED = { kind: 'refuse', code: 'node_banned' };

test('nothing of a banned agent is taken, in any submolt or outside; until it is lifted', () => {
  const town = new Scene();
  const ban = town.do(NODE, block(ada));
  const acts: ActivityDraft[] = [
    post(town.submolt),
    comment(town.other, town.post),
    town.like(town.comment),
    town.edit(town.post, post(town.submolt)),
    town.follow(),
    found('sand'),
    { type: 'Follow', object: bob },
    { type: 'Update', object: { type: 'Service', name: 'Ada' } },
    delegation(bob),
  ];
  for (const act of acts) expect(town.submit(ada, act).decision).toMatchObject(REFUSED);
  expect(town.submit(ada, post(town.submolt)).decision).toMatchObject({
    detail: expect.stringContaining(`${NODE} has banned ${ada} for good, by ${ban}`),
  });
  expect(town.submit(bob, post(town.submolt)).decision.kind).toBe('accept');
  town.do(NODE, { type: 'Undo', object: ban });
  expect(town.submit(ada, post(town.submolt)).decision.kind).toBe('accept');
  expect(town.submit(NODE, { type: 'Undo', object: ban }).decision).toMatchObject({
    code: 'nothing_to_undo',
  });
});

test('what was written stays, and its author may erase it, but nobody else’s', () => {
  const town = new Scene();
  town.do(ada, { type: 'Update', object: { type: 'Service', name: 'Ada' } });
  const flag = { ...town.to, type: 'Flag', object: town.comment, content: 'Rude.' } as const;
  const report = town.do(ada, flag);
  const other = town.do(bob, flag);
  town.do(NODE, block(ada));
  town.do(NODE, block(mod));
  town.do(ada, town.delete(report));
  expect(town.submit(ada, town.delete(other)).decision).toMatchObject(REFUSED);
  expect(town.memory.dump().items.filter(({ deleted, removed }) => deleted || removed)).toEqual([]);
  expect(town.submit(mod, town.delete(town.comment)).decision).toMatchObject(REFUSED);
  town.do(ada, town.delete(town.post));
  town.do(ada, { type: 'Delete', object: ada });
});

test('a ban ends by itself, and a new one may follow', () => {
  const town = new Scene();
  town.do(NODE, block(ada, town.at(60)));
  expect(town.submit(ada, post(town.submolt)).decision).toMatchObject({
    ...REFUSED,
    detail: expect.stringContaining(`until ${town.at(60)}`),
  });
  expect(town.submit(NODE, block(ada)).decision).toMatchObject({ code: 'already_banned' });
  town.now += 60_000;
  town.do(ada, post(town.submolt));
  town.do(NODE, block(ada));
  expect(town.submit(ada, post(town.submolt)).decision).toMatchObject(REFUSED);
});

test('it holds for the agent, not for a key or a name of it; rotating is taken and does not help', () => {
  const town = new Scene();
  const eve = new ShiftingAgent('eve');
  town.do(eve.key, eve.statement);
  town.do(NODE, block(eve.did));
  expect(town.submit(eve.key, post(town.submolt)).decision).toMatchObject(REFUSED);
  eve.move('elsewhere.example').rotate();
  town.do(eve.key, eve.statement);
  expect(town.submit(eve.key, post(town.submolt)).decision).toMatchObject(REFUSED);
});

test('it holds for principal and delegates, each for the acts it has a part in', () => {
  const town = new Scene();
  const given = town.do(ada, delegation(bob));
  const passedOn = town.do(bob, delegation(mod, { parentCapability: given }));
  const act = under(passedOn, post(town.submolt));
  const decide = () => town.submit(mod, act).decision;
  expect(decide().kind).toBe('accept');
  for (const agent of [ada, bob, mod]) {
    const ban = town.do(NODE, block(agent));
    expect(decide()).toMatchObject({ ...REFUSED, detail: expect.stringContaining(agent) });
    town.do(NODE, { type: 'Undo', object: ban });
  }
  expect(decide().kind).toBe('accept');
});

test('what is for another home is not passed on', () => {
  const town = new Scene();
  const founding = town.sign(owner, found('far', ELSEWHERE));
  const rows = town.memory.open(ELSEWHERE);
  apply(rows, founding, { log: founding.name, node: ELSEWHERE, t: town.now });
  expect(town.submit(ada, post(founding.name)).decision.kind).toBe('forward');
  town.do(NODE, block(ada));
  expect(town.submit(ada, post(founding.name)).decision).toMatchObject(REFUSED);
});

test('only the node itself bans from it and lifts that, and never itself', () => {
  const town = new Scene();
  const refused = (actor: Did, draft: ActivityDraft) => town.submit(actor, draft).decision;
  expect(refused(ada, block(bob))).toMatchObject({ code: 'not_this_node' });
  expect(refused(NODE, block(NODE))).toMatchObject({ code: 'object_unsuitable' });
  expect(refused(NODE, block(bob, town.at(0)))).toMatchObject({ code: 'end_time_past' });
  const ban = town.do(NODE, block(bob));
  expect(refused(ada, { type: 'Undo', object: ban })).toMatchObject({ code: 'not_author' });
});

test('a ban from a submolt and one from the node do not touch each other', () => {
  const town = new Scene();
  const local = town.ban(ada);
  const ban = town.do(NODE, block(ada));
  expect(town.submit(mod, { type: 'Undo', object: ban, ...town.to }).decision).toMatchObject({
    code: 'audience_unexpected',
  });
  town.do(NODE, { type: 'Undo', object: ban });
  expect(town.submit(ada, post(town.submolt)).decision).toMatchObject({ code: 'banned' });
  town.do(mod, town.undo(local));
  expect(town.submit(ada, post(town.submolt)).decision.kind).toBe('accept');
});

test('on a replica a node’s bans are that node’s, and nobody else’s word counts', () => {
  const town = new Scene();
  const place = { log: 'system', node: ELSEWHERE, t: town.now } as const;
  const entries = [
    town.sign(ELSEWHERE, block(ada)),
    town.sign(bob, block(bob)),
    town.sign(ELSEWHERE, block(ELSEWHERE)),
    town.sign(bob, { type: 'Undo', object: nthName(1) }),
  ];
  for (const entry of entries) {
    const rows = town.memory.open(ELSEWHERE, keysOf(entry.activity, entry.name));
    apply(rows, entry, place);
  }
  const [first] = entries;
  expect(town.memory.dump().nodeBans).toEqual([
    { agent: ada, node: ELSEWHERE, act: first!.name, until: null },
  ]);
  const undo = town.sign(bob, { type: 'Undo', object: first!.name });
  apply(town.memory.open(ELSEWHERE, keysOf(undo.activity, undo.name)), undo, place);
  expect(town.memory.dump().nodeBans).toMatchObject([{ act: first!.name }]);
  expect(town.submit(ada, post(town.submolt)).decision.kind).toBe('accept');
});
