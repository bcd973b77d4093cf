// Owners whom agents accept: whose word counts for what, and what ends it.
import { beforeEach, describe, expect, test } from 'vitest';
import { acceptance, claim, withdrawal } from '../../test/owner-drafts.ts';
import { ShiftingAgent } from '../../test/rotating-agent.ts';
import { crypto } from '../../test/sandbox.ts';
import { ada, bob, Scene } from '../../test/scene.ts';
import { did, ELSEWHERE, NODE } from '../../test/town.ts';
import type { Did } from '../protocol/did.ts';
import { credentialName } from '../protocol/owner-acceptance.ts';
import { apply } from './apply.ts';
import { keysOf } from './keys.ts';

const corp = did('corp');
let town: Scene;
let text: string;
const claimOf = (agent: Did, owner: string = corp, nonce = 0) =>
  claim({ owner, agent, until: town.now + 3_600_000, nonce });
const row = (credential = text) =>
  town.memory.open(NODE).ownership(credentialName(credential, crypto));

beforeEach(() => {
  town = new Scene();
  text = claimOf(ada);
});

describe('an acceptance', () => {
  test('goes to the system log and makes a row of what the credential says', () => {
    text = claim({ owner: corp, agent: ada, until: town.now + 3_600_000, role: 'operator' });
    const { decision, name } = town.submit(ada, acceptance(text));
    expect(decision).toEqual({ kind: 'accept', log: 'system', first: [] });
    expect(row()).toEqual({
      ...{ credential: credentialName(text, crypto), node: NODE, agent: ada, owner: corp },
      ...{ role: 'operator', form: 'vc', since: town.now, until: town.now + 3_600_000 },
      ...{ act: name, ended: null },
    });
  });

  test.each([
    ['about somebody else', () => claimOf(bob)],
    ['that is none', () => 'words'],
    ['with a member that is not known', () => text.replace('{', '{"more":1,')],
  ])('of a credential %s is refused, and changes nothing where it is logged', (_, make) => {
    const draft = acceptance(make());
    expect(town.submit(ada, draft).decision).toMatchObject({ code: 'object_unsuitable' });
    const object = town.sign(ada, draft);
    const rows = town.memory.open(NODE, keysOf(object.activity, object.name));
    apply(rows, object, { log: 'system', node: NODE, t: town.now });
    expect(town.memory.dump().owners).toEqual([]);
  });

  test('of the same credential counts once', () => {
    const first = town.do(ada, acceptance(text));
    const again = town.submit(ada, acceptance(text));
    expect(again.decision).toMatchObject({ code: 'ownership_stands' });
    expect(JSON.stringify(again.decision)).toContain(first);
  });

  test('goes beside others, also of the same owner', () => {
    for (const credential of [text, claimOf(ada, corp, 1), claimOf(ada, bob)]) {
      town.do(ada, acceptance(credential));
    }
    expect(town.memory.dump().owners).toHaveLength(3);
  });

  test('at one node says nothing about another', () => {
    town.do(ada, acceptance(text));
    const object = town.sign(ada, acceptance(text));
    const rows = town.memory.open(ELSEWHERE, keysOf(object.activity, object.name));
    apply(rows, object, { log: 'system', node: ELSEWHERE, t: town.now });
    expect(town.memory.dump().owners.map(({ node }) => node)).toEqual([ELSEWHERE, NODE]);
  });

  test('of an agent with a DID log stays when it rotates and moves, whatever it was called in the credential', () => {
    const eve = new ShiftingAgent('eve');
    town.do(eve.key, eve.statement);
    text = claimOf(eve.subject);
    town.do(eve.key, acceptance(text));
    const second = claimOf(eve.did);
    town.do(eve.rotate().move('elsewhere.example').key, eve.statement);
    town.do(eve.key, acceptance(second));
    expect(row()).toMatchObject({ agent: eve.subject, ended: null });
    expect(row(second)).toMatchObject({ agent: eve.subject, ended: null });
  });
});

describe('a withdrawal', () => {
  test.each([
    ['the agent', ada],
    ['the owner', corp],
  ])('by %s ends it for good', (_, party) => {
    town.do(ada, acceptance(text));
    const ended = town.do(party, withdrawal(text));
    expect(row()).toMatchObject({ ended });
    expect(town.submit(ada, acceptance(text)).decision).toMatchObject({ code: 'ownership_ended' });
    expect(town.submit(corp, withdrawal(text)).decision).toMatchObject({ code: 'ownership_ended' });
    expect(row()).toMatchObject({ ended });
  });

  test('by anybody else is refused, and changes nothing where it is logged', () => {
    town.do(ada, acceptance(text));
    expect(town.submit(bob, withdrawal(text)).decision).toMatchObject({ code: 'not_party' });
    const object = town.sign(bob, withdrawal(text));
    const rows = town.memory.open(NODE, keysOf(object.activity, object.name));
    apply(rows, object, { log: 'system', node: NODE, t: town.now });
    expect(row()).toMatchObject({ ended: null });
  });

  test('by an owner with a DID log counts whatever the owner is called by now', () => {
    const owner = new ShiftingAgent('eve');
    text = claimOf(ada, owner.did);
    town.do(ada, acceptance(text));
    town.do(owner.rotate().move('elsewhere.example').key, owner.statement);
    const ended = town.do(owner.key, withdrawal(text));
    expect(row()).toMatchObject({ owner: expect.stringContaining('agents.example'), ended });
  });

  test('of what nobody has accepted is refused', () => {
    expect(town.submit(corp, withdrawal(text)).decision).toMatchObject({
      code: 'ownership_unknown',
    });
  });
});
