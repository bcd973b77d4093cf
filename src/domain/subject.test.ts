// Agents are known by what stays: the rules see one subject whatever a did:webvh is called.
import { expect, test } from 'vitest';
import { ada, bob } from '../../test/scene.ts';
import { nthName, post, Town } from '../../test/town.ts';
import type { ActivityDraft } from '../protocol/activity.ts';
import { type Did, parseDid, subjectOf } from '../protocol/did.ts';
import { DID_LOGS } from '../protocol/labels.ts';
import { keysOf } from './keys.ts';
import { belongsIn } from './matter.ts';
import { bySubject } from './subject.ts';

const SCID = 'QmPEQVM1JPTyrvEgBcDXwjK4TeyLGSX1PxjgyeAisdWM1p';
const before = parseDid(`did:webvh:${SCID}:agents.example`) as Did;
const after = parseDid(`did:webvh:${SCID}:elsewhere.example`) as Did;
const subject = subjectOf(before);
const submolt = nthName(1);
const town = new Town();
const sign = (actor: Did, draft: ActivityDraft) => town.sign(actor, draft).activity;

test('an act of agents that are their own subjects is left as it is', () => {
  for (const draft of [post(submolt), { type: 'Follow', object: bob } as const]) {
    const activity = sign(ada, draft);
    expect(bySubject(activity)).toBe(activity);
  }
});

test('actor and object of an act become subjects, whatever they are called', () => {
  for (const did of [before, after]) {
    expect(bySubject(sign(did, { type: 'Follow', object: bob })).actor).toBe(subject);
    expect(bySubject(sign(bob, { type: 'Follow', object: did })).object).toBe(subject);
  }
});

test('the keys of an act under either DID are the same, and name what its author has stated', () => {
  const keys = keysOf(sign(before, post(submolt)), nthName(2));
  expect(keys).toEqual(keysOf(sign(after, post(submolt)), nthName(2)));
  expect([...keys.agents]).toEqual([subject]);
  expect([...keys.identities]).toEqual([subject]);
  expect(keys.identityPlaces).toEqual([[subject, submolt]]);
  expect(keysOf(sign(ada, post(submolt)), nthName(2)).identities.size).toBe(0);
});

test('a statement may stand in any log, and its keys are those of the log it stands in', () => {
  const statement = sign(before, {
    ...{ type: 'Add', object: before, target: DID_LOGS },
    ...{ mediaType: 'text/jsonl', content: '{}' },
  });
  for (const log of ['system', submolt] as const) {
    expect(belongsIn(statement, nthName(2), log)).toBe(true);
    const places = log === 'system' ? [] : [[subject, log]];
    expect(keysOf(statement, nthName(2), log).identityPlaces).toEqual(places);
  }
  expect(belongsIn(sign(ada, post(submolt)), nthName(2), 'system')).toBe(false);
});
