// Agents that rotate and move: whose acts count under which key, and what stays theirs.
import { beforeEach, describe, expect, test } from 'vitest';
import { ShiftingAgent } from '../../test/rotating-agent.ts';
import { bob, mod, owner, Scene } from '../../test/scene.ts';
import { comment, ELSEWHERE, found, NODE, post } from '../../test/town.ts';
import type { ActivityDraft } from '../protocol/activity.ts';
import { MODERATORS } from '../protocol/labels.ts';
import { ed25519ToMultibase } from '../protocol/multikey.ts';
import type { ObjectName } from '../protocol/object-name.ts';
import { apply } from './apply.ts';

let town: Scene;
let ada: ShiftingAgent;
const state = (agent: ShiftingAgent) => town.submit(agent.key, agent.statement);
const rows = () => town.memory.open(NODE);
const logged = (log: ObjectName) =>
  town.accepted.filter(({ place }) => place.log === log).map(({ object }) => object.name);

beforeEach(() => {
  town = new Scene();
  ada = new ShiftingAgent('ada');
});

describe('a DID log that is stated', () => {
  test('goes to the system log, however old the statement is', () => {
    const draft = { ...ada.statement, published: '2020-01-01T00:00:00Z' };
    const { decision, name } = town.submit(ada.key, draft);
    expect(decision).toEqual({ kind: 'accept', log: 'system', first: [] });
    expect(rows().identity(ada.subject)).toMatchObject({
      ...{ agent: ada.subject, did: ada.did, node: NODE, statement: name, version: 1 },
      ...{ versionId: ada.version, deactivated: false },
      keys: expect.arrayContaining([
        { id: ada.key.keyId, multibase: ed25519ToMultibase(ada.key.publicKey) },
      ]),
    });
  });

  test('is followed by one that continues it, over any number of versions', () => {
    state(ada);
    ada.rotate().move('elsewhere.example').rotate();
    expect(state(ada).decision.kind).toBe('accept');
    expect(rows().identity(ada.subject)).toMatchObject({ did: ada.did, version: 4 });
  });

  test('is no news a second time, nor is an older one', () => {
    state(ada);
    const older = { key: ada.key, statement: ada.statement };
    expect(state(ada).decision).toMatchObject({ code: 'identity_stale' });
    state(ada.rotate());
    const { decision } = town.submit(older.key, older.statement);
    expect(decision).toMatchObject({ code: 'identity_stale' });
    expect(JSON.stringify(decision)).toContain(ada.version);
  });

  test('is kept against one that does not continue it, as long as that may be', () => {
    const other = ada.copy();
    state(ada.rotate());
    for (const fork of [other.rotate(), other.rotate()]) {
      expect(state(fork).decision).toMatchObject({ code: 'identity_forked' });
    }
    expect(rows().identity(ada.subject)?.versionId).toBe(ada.version);
  });

  test('is the last one when it ends', () => {
    state(ada);
    const other = ada.copy();
    const { key } = ada;
    state(ada.end());
    expect(town.submit(key, post(town.submolt)).decision).toMatchObject({
      code: 'identity_deactivated',
    });
    expect(state(other.rotate()).decision).toMatchObject({ code: 'identity_forked' });
  });

  test('is of the actor, or it is not taken', () => {
    const before = ada.key;
    ada.move('elsewhere.example');
    const { decision } = town.submit(before, {
      ...ada.statement,
      object: before.did,
    } as ActivityDraft);
    expect(decision).toMatchObject({ code: 'object_unsuitable' });
    const nonsense = { ...ada.statement, content: 'no log' } as ActivityDraft;
    expect(town.submit(ada.key, nonsense).decision).toMatchObject({ code: 'object_unsuitable' });
  });
});

describe('an act of an agent with a DID log', () => {
  test('waits for the statement', () => {
    for (const draft of [post(town.submolt), { type: 'Follow', object: bob } as const]) {
      expect(town.submit(ada.key, draft).decision).toMatchObject({ code: 'identity_unknown' });
    }
  });

  test('brings the statement into the log of the submolt, before it and once', () => {
    const { name } = state(ada);
    const before = logged(town.submolt);
    const { decision, name: first } = town.submit(ada.key, post(town.submolt));
    expect(decision).toEqual({ kind: 'accept', log: town.submolt, first: [name] });
    const second = town.do(ada.key, post(town.submolt));
    expect(logged(town.submolt)).toEqual([...before, name, first, second]);
    expect(rows().identityPlace(ada.subject, town.submolt)).toMatchObject({ version: 1 });
  });

  test('brings each later version as well, and only where it acts', () => {
    state(ada);
    town.do(ada.key, post(town.submolt));
    const { name } = state(ada.rotate());
    const { decision } = town.submit(ada.key, post(town.submolt));
    expect(decision).toMatchObject({ first: [name] });
    expect(rows().identityPlace(ada.subject, town.other)).toBeUndefined();
  });

  test('that founds a submolt comes after the statement in its log', () => {
    const { name } = state(ada);
    const { decision, name: sand } = town.submit(ada.key, found('sand'));
    expect(decision).toEqual({ kind: 'accept', log: sand, first: [name] });
    expect(logged(sand)).toEqual([name, sand]);
    expect(rows().submolt(sand)?.owner).toBe(ada.subject);
  });

  test('in the system log depends on what stands there already', () => {
    state(ada);
    const { decision } = town.submit(ada.key, { type: 'Follow', object: bob });
    expect(decision).toEqual({ kind: 'accept', log: 'system', first: [] });
  });

  test('goes on to another home as any other, once it is known here', () => {
    const submolt = rows().submolt(town.other)!;
    rows().putSubmolt({ ...submolt, home: ELSEWHERE });
    const send = () => town.submit(ada.key, post(town.other)).decision;
    expect(send()).toMatchObject({ code: 'identity_unknown' });
    state(ada);
    expect(send()).toEqual({ kind: 'forward', submolt: town.other, home: ELSEWHERE });
  });

  test('does not count under a key that was rotated away, or under the DID of before', () => {
    state(ada);
    const first = ada.key;
    state(ada.rotate());
    expect(town.submit(first, post(town.submolt)).decision).toMatchObject({ code: 'key_retired' });
    const second = ada.key;
    state(ada.move('elsewhere.example'));
    const { decision } = town.submit(second, post(town.submolt));
    expect(decision).toMatchObject({ code: 'identity_moved' });
    expect(JSON.stringify(decision)).toContain(ada.did);
  });

  test('does not count under the name of a key that lists another', () => {
    state(ada);
    const stolen = { ...ada.key, publicKey: new ShiftingAgent('eve').key.publicKey };
    expect(town.submit(stolen, post(town.submolt)).decision).toMatchObject({ code: 'key_retired' });
  });
});

describe('an agent that rotated and moved', () => {
  const shift = () => {
    state(ada.rotate());
    state(ada.move('elsewhere.example'));
  };

  test('edits and deletes what it wrote before, and keeps its karma', () => {
    state(ada);
    const topic = town.do(ada.key, post(town.submolt));
    town.do(bob, town.like(topic));
    shift();
    town.do(ada.key, town.edit(topic, post(town.submolt, 'new')));
    expect(rows().item(topic)).toMatchObject({ author: ada.subject, title: 'new' });
    expect(rows().membership(ada.subject, town.submolt)?.karma).toBe(1);
    expect(town.submit(ada.key, town.like(topic)).decision).toMatchObject({ code: 'own_vote' });
    town.do(ada.key, town.delete(topic));
    expect(rows().item(topic)?.deleted).toBe(true);
  });

  test('has one vote, and takes back the one of before', () => {
    state(ada);
    const vote = town.do(ada.key, town.like(town.post));
    shift();
    expect(town.submit(ada.key, town.like(town.post)).decision).toMatchObject({
      code: 'vote_exists',
    });
    town.do(ada.key, town.undo(vote));
    expect(rows().item(town.post)?.up).toBe(0);
  });

  test('keeps role, subscription and followers, and stays banned under any name', () => {
    state(ada);
    const before = ada.did;
    town.do(ada.key, town.follow());
    town.do(bob, { type: 'Follow', object: before });
    town.do(owner, { ...town.to, type: 'Add', object: before, target: MODERATORS });
    shift();
    expect(town.submit(ada.key, town.follow()).decision).toMatchObject({
      code: 'already_following',
    });
    expect(town.submit(bob, { type: 'Follow', object: ada.did }).decision).toMatchObject({
      code: 'already_following',
    });
    town.do(ada.key, town.removal(town.comment));
    town.do(mod, town.block(before));
    const reply = comment(town.submolt, town.post);
    expect(town.submit(ada.key, reply).decision).toMatchObject({ code: 'banned' });
    expect(town.submit(mod, town.block(ada.did)).decision).toMatchObject({
      code: 'already_banned',
    });
  });

  test('keeps its submolt, and cannot be banned from it', () => {
    state(ada);
    const before = ada.did;
    const sand = town.do(ada.key, found('sand'));
    shift();
    const ban = { type: 'Block', audience: sand, object: before, target: sand } as const;
    expect(town.submit(ada.key, ban).decision).toMatchObject({ code: 'cannot_ban_owner' });
  });
});

test('of the statements that a dishonest home logs, one that does not follow changes nothing', () => {
  const fork = ada.copy().rotate();
  state(ada);
  town.do(ada.key, post(town.submolt));
  ada.rotate();
  town.do(ada.key, ada.statement);
  town.do(ada.key, post(town.submolt));
  const before = town.memory.dump();
  const moved = { ...fork.statement, object: ada.did } as ActivityDraft;
  for (const object of [
    town.sign(fork.key, fork.statement),
    town.sign(ada.key, ada.statement),
    town.sign(ada.key, moved),
    town.sign(ada.key, { ...ada.statement, content: '' } as ActivityDraft),
  ]) {
    for (const log of ['system', town.submolt] as const) {
      apply(rows(), object, { log, node: NODE, t: town.now });
    }
  }
  expect(town.memory.dump()).toEqual(before);
});
