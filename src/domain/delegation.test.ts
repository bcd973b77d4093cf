// Acts in somebody else's name: whose they are, how far chains reach, and how they end.
import { beforeEach, describe, expect, test } from 'vitest';
import { delegation, under } from '../../test/delegations.ts';
import { ShiftingAgent } from '../../test/rotating-agent.ts';
import { ada, bob, mod, owner, Scene, UNKNOWN } from '../../test/scene.ts';
import { comment, did, NODE, post } from '../../test/town.ts';
import { MODERATORS } from '../protocol/labels.ts';
import type { ObjectName } from '../protocol/object-name.ts';
import { apply } from './apply.ts';

const [kim, lea, max] = [did('kim'), did('lea'), did('max')];

let town: Scene;
const rows = () => town.memory.open(NODE);
const logged = (log: ObjectName) =>
  town.accepted.filter(({ place }) => place.log === log).map(({ object }) => object.name);
const code = (...args: Parameters<Scene['submit']>) => {
  const { decision } = town.submit(...args);
  return decision.kind === 'refuse' ? decision.code : decision.kind;
};

beforeEach(() => {
  town = new Scene();
});

describe('an act under a delegation', () => {
  test('is the principal’s, and shows by what it was done', () => {
    const given = town.do(ada, delegation(kim));
    const name = town.do(kim, under(given, post(town.submolt)));
    expect(rows().item(name)).toMatchObject({ author: ada, delegation: given });
    expect(rows().membership(ada, town.submolt)?.posts).toBe(2);
    expect(rows().membership(kim, town.submolt)).toBeUndefined();
  });

  test('comes after the delegation in the log of the submolt, which has it once', () => {
    const given = town.do(ada, delegation(kim));
    const before = logged(town.submolt);
    const first = town.submit(kim, under(given, post(town.submolt)));
    expect(first.decision).toEqual({ kind: 'accept', log: town.submolt, first: [given] });
    const second = town.do(kim, under(given, post(town.submolt)));
    expect(logged(town.submolt)).toEqual([...before, given, first.name, second]);
    expect(rows().delegationPlace(given, town.other)).toBeUndefined();
  });

  test('has its whole chain before it, from the first link on', () => {
    const one = town.do(ada, delegation(kim));
    const two = town.do(kim, delegation(lea, { parentCapability: one }));
    const three = town.do(lea, delegation(max, { parentCapability: two }));
    const { decision } = town.submit(max, under(three, post(town.submolt)));
    expect(decision).toMatchObject({ first: [one, two, three] });
    expect(rows().delegation(three)).toMatchObject({ depth: 3, principal: ada, delegator: lea });
  });

  test('may be an edit, a deletion or a report in the principal’s name', () => {
    const given = town.do(ada, delegation(kim));
    town.do(kim, under(given, town.edit(town.post, post(town.submolt, 'new'))));
    expect(rows().item(town.post)).toMatchObject({ title: 'new', author: ada, delegation: given });
    town.do(ada, town.edit(town.post, post(town.submolt, 'own')));
    expect(rows().item(town.post)?.delegation).toBeNull();
    town.do(kim, under(given, { ...town.to, type: 'Flag', object: town.comment }));
    expect(town.memory.dump().reports).toMatchObject([{ reporter: ada }]);
    town.do(kim, under(given, town.delete(town.post)));
    expect(rows().item(town.post)).toMatchObject({ deleted: true, delegation: null });
  });

  test('moderates where the principal does, as long as it does', () => {
    const given = town.do(mod, delegation(kim, { allowedAction: ['moderate'] }));
    const ban = town.do(kim, under(given, town.block(bob)));
    town.do(kim, under(given, town.undo(ban)));
    expect(rows().membership(bob, town.submolt)?.ban).toBeNull();
    expect(code(kim, town.block(bob))).toBe('not_moderator');
    town.do(owner, { ...town.to, type: 'Remove', object: mod, target: MODERATORS });
    expect(code(kim, under(given, town.block(bob)))).toBe('not_moderator');
  });

  test('cannot be taken back by the principal’s other delegates for other things', () => {
    const votes = town.do(ada, delegation(kim, { allowedAction: ['vote'] }));
    const posts = town.do(ada, delegation(lea, { allowedAction: ['post'] }));
    const vote = town.do(kim, under(votes, town.like(town.comment)));
    expect(code(lea, under(posts, town.undo(vote)))).toBe('delegation_scope');
    expect(code(kim, town.undo(vote))).toBe('not_author');
    town.do(ada, town.undo(vote));
  });

  test('is not what the delegate does as itself', () => {
    const given = town.do(ada, delegation(kim));
    town.do(kim, under(given, town.like(town.comment)));
    town.do(kim, town.like(town.comment));
    expect(rows().item(town.comment)?.up).toBe(2);
    expect(code(kim, under(given, town.like(town.post)))).toBe('own_vote');
  });
});

test('many delegates of one principal have one vote', () => {
  const one = town.do(ada, delegation(kim));
  const two = town.do(ada, delegation(lea));
  const three = town.do(lea, delegation(max, { parentCapability: two }));
  const vote = town.do(kim, under(one, town.like(town.comment)));
  expect(code(lea, under(two, town.like(town.comment)))).toBe('vote_exists');
  expect(code(max, under(three, town.like(town.comment)))).toBe('vote_exists');
  expect(code(ada, town.like(town.comment))).toBe('vote_exists');
  expect(rows().item(town.comment)?.up).toBe(1);
  town.do(max, under(three, town.undo(vote)));
  expect(rows().item(town.comment)?.up).toBe(0);
});

describe('a ban', () => {
  test.each([
    ['of the principal', ada],
    ['of an agent in between', kim],
    ['of the one who signs', lea],
  ])('%s is not got round', (_, banned) => {
    const one = town.do(ada, delegation(kim));
    const two = town.do(kim, delegation(lea, { parentCapability: one }));
    town.ban(banned);
    expect(code(lea, under(two, post(town.submolt)))).toBe('banned');
  });
});

describe('revoking', () => {
  const chain = () => {
    const one = town.do(ada, delegation(kim));
    const two = town.do(kim, delegation(lea, { parentCapability: one }));
    const three = town.do(lea, delegation(max, { parentCapability: two }));
    return [one, two, three] as const;
  };

  test('a link in the middle stops everything below it and nothing above', () => {
    const [one, two, three] = chain();
    town.do(max, under(three, post(town.submolt)));
    town.do(kim, { type: 'Undo', object: two });
    expect(code(max, under(three, post(town.submolt)))).toBe('delegation_revoked');
    expect(code(lea, under(two, post(town.submolt)))).toBe('delegation_revoked');
    expect(code(lea, delegation(bob, { parentCapability: two }))).toBe('delegation_revoked');
    town.do(kim, under(one, post(town.submolt)));
  });

  test.each([
    ['the first delegator', ada],
    ['a delegator above', kim],
    ['its own delegator', lea],
  ])('is for %s', (_, by) => {
    const [, two, three] = chain();
    town.do(by, { type: 'Undo', object: three });
    expect(code(max, under(three, post(town.submolt)))).toBe('delegation_revoked');
    town.do(lea, under(two, post(town.submolt)));
  });

  test('is for nobody else, and is done once', () => {
    const [, , three] = chain();
    expect(code(max, { type: 'Undo', object: three })).toBe('not_author');
    expect(code(bob, { type: 'Undo', object: three })).toBe('not_author');
    town.do(lea, { type: 'Undo', object: three });
    expect(code(ada, { type: 'Undo', object: three })).toBe('nothing_to_undo');
  });

  test('leaves what was done before as it is', () => {
    const [one] = chain();
    const name = town.do(kim, under(one, post(town.submolt)));
    town.do(ada, { type: 'Undo', object: one });
    expect(rows().item(name)).toMatchObject({ author: ada, delegation: one, deleted: false });
  });
});

describe('a delegator with a DID log', () => {
  let eve: ShiftingAgent;
  const state = () => town.do(eve.key, eve.statement);

  beforeEach(() => {
    eve = new ShiftingAgent('eve');
  });

  test('brings its DID log into the submolt’s log before the delegation', () => {
    const statement = state();
    const given = town.do(eve.key, delegation(kim));
    const { decision, name } = town.submit(kim, under(given, post(town.submolt)));
    expect(decision).toMatchObject({ first: [statement, given] });
    expect(rows().item(name)?.author).toBe(eve.subject);
  });

  test('ends its delegations when it gives up the key that signed them', () => {
    state();
    const given = town.do(eve.key, delegation(kim));
    const below = town.do(kim, delegation(lea, { parentCapability: given }));
    town.do(kim, under(given, post(town.submolt)));
    eve.rotate();
    state();
    for (const [agent, name] of [
      [kim, given],
      [lea, below],
    ] as const) {
      expect(code(agent, under(name, post(town.submolt)))).toBe('delegation_revoked');
    }
    const again = town.do(eve.key, delegation(kim));
    town.do(kim, under(again, post(town.submolt)));
  });

  test('ends them when it moves to another host or its log ends', () => {
    state();
    const given = town.do(eve.key, delegation(kim));
    eve.move('elsewhere.example');
    state();
    expect(code(kim, under(given, post(town.submolt)))).toBe('delegation_revoked');
    const again = town.do(eve.key, delegation(kim));
    town.do(kim, under(again, post(town.submolt)));
    eve.end();
    state();
    expect(code(kim, under(again, post(town.submolt)))).toBe('delegation_revoked');
  });

  test('revokes with its new key what the old one gave', () => {
    state();
    const given = town.do(eve.key, delegation(kim));
    eve.rotate();
    state();
    town.do(eve.key, { type: 'Undo', object: given });
    expect(rows().delegationState(given)?.revoked).not.toBeNull();
  });

  test('may be a delegate as well, under any key and name it has', () => {
    const statement = state();
    const given = town.do(ada, delegation(eve.did));
    eve.rotate().move('elsewhere.example');
    const newer = state();
    const { decision } = town.submit(eve.key, under(given, post(town.submolt)));
    expect(decision).toMatchObject({ first: [given, newer] });
    expect(statement).not.toBe(newer);
  });
});

describe('entries that a dishonest home logs change nothing', () => {
  const place = () => ({ log: town.submolt, node: NODE, t: town.now });
  const unmoved = (objects: () => readonly Parameters<typeof apply>[1][]) => {
    const signed = objects();
    const before = town.memory.dump();
    for (const object of signed) apply(rows(), object, place());
    expect(town.memory.dump()).toEqual(before);
  };

  test('when the log has not the delegation before the act', () => {
    const given = town.do(ada, delegation(kim));
    unmoved(() => [
      town.sign(kim, under(given, post(town.submolt))),
      town.sign(kim, under(UNKNOWN, post(town.submolt))),
    ]);
  });

  test('when the act is outside of the delegation, or after its end', () => {
    const given = town.do(ada, delegation(kim, { expires: town.at(60) }));
    town.do(kim, under(given, comment(town.submolt, town.post)));
    unmoved(() => [
      town.sign(lea, under(given, post(town.submolt))),
      town.sign(kim, under(given, town.block(bob))),
      town.sign(kim, under(given, town.follow())),
    ]);
    town.now += 60_000;
    unmoved(() => [town.sign(kim, under(given, post(town.submolt)))]);
  });

  test('when a delegation takes more than it was given, or follows none in that log', () => {
    const one = town.do(ada, delegation(kim, { invocationTarget: [town.submolt] }));
    unmoved(() => [
      town.sign(kim, delegation(lea, { parentCapability: one })),
      town.sign(kim, delegation(lea, { parentCapability: UNKNOWN })),
      town.sign(kim, { ...delegation(lea), content: '{}' } as never),
    ]);
  });
});
