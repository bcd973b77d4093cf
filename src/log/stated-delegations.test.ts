// What a log alone proves of delegations: chains that narrow, keys that still count, acts inside of them.
import { beforeEach, describe, expect, test } from 'vitest';
import { delegation, under } from '../../test/delegations.ts';
import { ShiftingAgent } from '../../test/rotating-agent.ts';
import { did, nthName, post, type Signatory, Town } from '../../test/town.ts';
import type { ActivityDraft, Add } from '../protocol/activity.ts';
import type { Did } from '../protocol/did.ts';
import { readDidLog } from '../protocol/did-log.ts';
import type { ObjectName } from '../protocol/object-name.ts';
import { StatedDelegations } from './stated-delegations.ts';
import { StatedIdentities } from './stated-identities.ts';

const [ada, kim, lea, max, bob] = ['ada', 'kim', 'lea', 'max', 'bob'].map(did) as [
  Did,
  Did,
  Did,
  Did,
  Did,
];
const submolt = nthName(9000);
const t = Date.parse('2026-11-20T12:00:00Z');

let town: Town;
let identities: StatedIdentities;
let stated: StatedDelegations;

beforeEach(() => {
  town = new Town();
  identities = new StatedIdentities();
  stated = new StatedDelegations(identities);
});

function give(by: Did | Signatory, draft: ActivityDraft): [ObjectName, string | null] {
  const { activity, name } = town.sign(by, draft);
  return [name, stated.state(name, activity as Add)];
}

function given(by: Did | Signatory, ...args: Parameters<typeof delegation>): ObjectName {
  const [name, fault] = give(by, delegation(...args));
  if (fault !== null) throw new Error(fault);
  return name;
}

function use(name: ObjectName, by: Did, more: Partial<{ submolt: ObjectName; t: number }> = {}) {
  const { activity } = town.sign(by, under(name, post(submolt)));
  return stated.invoke(name, activity, { submolt, t, ...more });
}

test('an act is the principal’s, however long the chain', () => {
  const one = given(ada, kim);
  const two = given(kim, lea, { parentCapability: one });
  const three = given(lea, max, { parentCapability: two });
  expect(use(three, max)).toEqual({ ok: true, principal: ada });
  expect(give(max, delegation(bob, { parentCapability: three }))[1]).toContain('depth');
});

test('a delegation that the log has not, or that takes more, gives nothing', () => {
  const one = given(ada, kim, { allowedAction: ['post'], invocationTarget: [submolt] });
  const [wide, fault] = give(kim, delegation(lea, { parentCapability: one }));
  expect(fault).toContain('allowedAction');
  const [orphan, missing] = give(kim, delegation(lea, { parentCapability: nthName(8000) }));
  expect(missing).toContain('not delegated before');
  expect(give(ada, { ...delegation(lea), content: '{}' } as ActivityDraft)[1]).toContain('no del');
  for (const name of [wide, orphan, nthName(8001)])
    expect(use(name, lea)).toMatchObject({ ok: false });
});

test('an act by another agent, elsewhere or too late is outside of it', () => {
  const expires = '2026-11-20T12:00:01Z';
  const one = given(ada, kim, { invocationTarget: [submolt], expires });
  expect(use(one, kim)).toMatchObject({ ok: true });
  expect(use(one, lea)).toMatchObject({ ok: false, detail: expect.stringContaining('delegate') });
  const elsewhere = use(one, kim, { submolt: nthName(9001) });
  expect(elsewhere).toMatchObject({ detail: expect.stringContaining('submolt') });
  const late = use(one, kim, { t: t + 1000 });
  expect(late).toMatchObject({ detail: expect.stringContaining('expired') });
});

describe('a delegator with a DID log', () => {
  test('ends what it gave when it gives up the key', () => {
    const eve = new ShiftingAgent('eve');
    identities.state(readDidLog(eve.text));
    const one = given(eve.key, kim);
    const two = given(kim, lea, { parentCapability: one });
    expect(use(two, lea)).toEqual({ ok: true, principal: eve.subject });
    identities.state(readDidLog(eve.rotate().text));
    expect(use(one, kim)).toMatchObject({ ok: false });
    expect(use(two, lea)).toMatchObject({ ok: false });
  });

  test('has to be stated, and to name the key', () => {
    const eve = new ShiftingAgent('eve');
    expect(give(eve.key, delegation(kim))[1]).toContain('which key');
    identities.state(readDidLog(eve.text));
    const { keyId } = eve.key;
    const renamed = { ...eve.key, keyId: keyId.replace(/#.*$/, '#key-1') };
    expect(give(renamed, delegation(kim))[1]).toContain('which key');
  });
});

test('whoever gave it or gave what it passes on may revoke it', () => {
  const one = given(ada, kim);
  const two = given(kim, lea, { parentCapability: one });
  expect([ada, kim, lea].map((agent) => stated.mayRevoke(two, agent))).toEqual([true, true, false]);
  expect(stated.mayRevoke(nthName(7000), ada)).toBeNull();
});
