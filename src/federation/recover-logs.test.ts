// A node whose database is an older copy gets back what it has signed since, and never signs beside it.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { comment, group, post } from '../../test/drafts.ts';
import { checkInvariants, dumpTables } from '../../test/invariants.ts';
import type { Fault } from '../../test/network.ts';
import { RestoreScene } from '../../test/restore-scene.ts';
import { Agent, crypto, seedOf } from '../../test/sandbox.ts';
import { live, steadyPeople } from '../../test/world.ts';
import { foundNode } from '../commands/found-node.ts';
import { rotateLogKey } from '../commands/rotate-log-key.ts';
import { stateOwn } from '../commands/sign-own.ts';
import { verifyEvidence } from '../log/evidence.ts';
import { reasonOf } from '../protocol/erasure-grounds.ts';
import { readEvidence, selectAllEvidence } from '../store/evidence.ts';
import { EVERY_LOG, listHolds } from '../store/holds.ts';
import { findLog, listLogs } from '../store/queries/logs.ts';
import { guardRollback } from './guard-rollback.ts';
import { stateHeads } from './state-heads.ts';

let scene: RestoreScene;
const bob = new Agent('bob');
beforeEach(async () => {
  scene = await RestoreScene.open();
});
afterEach(() => scene.close());

describe('recovering', () => {
  test('brings back all that was signed after the backup, whatever it was', async () => {
    await scene.followAll();
    await live(scene.home.sandbox, 3, 60, steadyPeople(3));
    await scene.others[0].follow(scene.home, 'one');
    await scene.network.settle();
    const old = scene.backUp();
    const people = steadyPeople(3);
    const bay = await scene.home.sandbox.accept(scene.ada, group('bay', scene.home.identity.did));
    await scene.others[1].follow(scene.home, 'bay');
    const told = await scene.home.sandbox.accept(scene.ada, post(bay, 'Told'));
    await scene.home.sandbox.accept(bob, comment(bay, told, 'Heard'));
    await scene.home.sandbox.accept(bob, { type: 'Like', audience: bay, object: told });
    await scene.home.sandbox.accept(people[0]!, {
      type: 'Update',
      object: { type: 'Service', name: 'Renamed' },
    });
    const gone = await scene.home.sandbox.accept(scene.ada, post(scene.tea, 'Gone'));
    await scene.home.sandbox.accept(scene.ada, {
      type: 'Delete',
      audience: scene.tea,
      object: gone,
    });
    await scene.postMany(300);
    await scene.network.pass(60_000);
    const recovery = await scene.recover(old);
    const states = Object.fromEntries(recovery.logs.map(({ origin, state }) => [origin, state]));
    expect(states).toMatchObject({
      [scene.system]: 'whole',
      [scene.logOf(scene.tea)]: 'whole',
      [scene.logOf(bay)]: 'whole',
    });
    expect(await findLog(old, scene.logOf(scene.tea))).toMatchObject({ size: 304 });
    expect(
      recovery.logs.filter(({ state }) => state !== 'whole').map(({ state }) => state),
    ).toEqual(
      // m/two of the town has no follower.
      ['unproven'],
    );
    const held = await listHolds(old);
    expect(held).toHaveLength(1);
    await old.batch('write', [{ sql: 'DELETE FROM holds', args: [] }]);
    await scene.expectSame(old);
  });

  test('changes nothing where nothing is missing', async () => {
    await scene.followAll();
    const same = scene.backUp();
    const before = await dumpTables(same);
    expect(await scene.recover(same)).toMatchObject({ untouched: true, silent: [] });
    expect(await dumpTables(same)).toEqual(before);
  });

  test('takes up where it was broken off, and nothing is signed in between', async () => {
    await scene.followAll();
    const old = scene.backUp();
    await scene.postMany(600);
    await scene.network.pass(60_000);
    const breakAfter = (requests: number): Fault => {
      let left = requests;
      return async ({ url }, next) => {
        if (url.pathname.endsWith('/bodies') && left-- <= 0) return { status: 500, body: '{}' };
        return next();
      };
    };
    scene.network.fault = breakAfter(2);
    const first = await scene.recover(old);
    expect(first.logs.find(({ origin }) => origin === scene.logOf(scene.tea))).toMatchObject({
      state: 'short',
      size: 514,
    });
    await checkInvariants(old, crypto);
    expect(await scene.submit(old, post(scene.tea, 'Beside'))).toMatchObject({ code: 'log_held' });
    scene.network.fault = (_, next) => next();
    const second = await scene.recover(old);
    expect(second.logs).toMatchObject([
      { origin: scene.logOf(scene.tea), from: 514, state: 'whole' },
    ]);
    await scene.expectSame(old);
    expect(await scene.submit(old, post(scene.tea, 'Behind'))).toMatchObject({ kind: 'accepted' });
  });

  test('does not take torn or false answers, and asks the next node', async () => {
    await scene.followAll();
    const old = scene.backUp();
    for (let i = 0; i < 20; i++)
      await scene.home.sandbox.accept(scene.ada, post(scene.tea, `Post ${i}`));
    await scene.network.pass(60_000);
    const lies: ((text: string) => string)[] = [
      (text) => text.slice(0, text.length / 2),
      (text) => text.replace('Post 3', 'Post x'),
      (text) => text.replaceAll('"t":1', '"t":2'),
      () => 'nonsense',
    ];
    for (const lie of lies) {
      const db = scene.backUp(old.path);
      scene.network.fault = async ({ url }, next) => {
        const answer = await next();
        const isLog = /\/(?:bodies|entries)$/.test(url.pathname);
        if (url.host !== scene.others[0].identity.authority || !isLog) return answer;
        return { ...answer, body: lie(String(answer.body)) };
      };
      const { logs } = await scene.recover(db);
      expect(logs.every(({ state }) => state === 'whole')).toBe(true);
      await scene.expectSame(db);
    }
    expect(await listHolds(old)).toEqual([]);
  });

  test('keeps a log held of which a witness has a head and nobody the entries; the others go on', async () => {
    await scene.followAll();
    const bay = await scene.home.sandbox.accept(scene.ada, group('bay', scene.home.identity.did));
    const old = scene.backUp();
    await scene.home.sandbox.accept(scene.ada, post(bay, 'Nobody has it'));
    await scene.home.sandbox.accept(scene.ada, post(scene.tea, 'Followed'));
    await scene.network.settle();
    const note = (await findLog(scene.home.db, scene.logOf(bay)))?.checkpoint ?? '';
    const cosigned = await scene.others[1].witness.addCheckpoint(
      new TextEncoder().encode(`old 0\n\n${note}`),
    );
    expect(cosigned.kind).toBe('cosigned');
    const { logs } = await scene.recover(old);
    expect(logs.find(({ origin }) => origin === scene.logOf(bay))).toMatchObject({
      state: 'short',
      size: 1,
      head: { checkpoint: { size: 2 }, sources: [scene.others[1].identity.origin] },
    });
    expect((await listHolds(old)).map(({ origin }) => origin)).toEqual([scene.logOf(bay)]);
    expect(await scene.submit(old, post(bay, 'Beside'))).toMatchObject({ code: 'log_held' });
    expect(await scene.submit(old, post(scene.tea, 'Behind'))).toMatchObject({ kind: 'accepted' });
    // To be shown the same head again is no news of the other logs.
    const guarded = await guardRollback(scene.on(old), scene.on(old).client, {
      urls: scene.urls,
      kept: { notes: [], source: '' },
    });
    expect(guarded.unknown).toHaveLength(1);
    expect((await listHolds(old)).map(({ origin }) => origin)).toEqual([scene.logOf(bay)]);
    expect(await scene.submit(old, post(scene.tea, 'Further'))).toMatchObject({ kind: 'accepted' });
    await checkInvariants(old, crypto);
  });

  test('chooses nothing where two histories were signed, and keeps the proof', async () => {
    await scene.followAll();
    const old = scene.backUp();
    for (const title of ['One', 'Two', 'Three']) {
      await scene.home.sandbox.accept(scene.ada, post(scene.tea, title));
    }
    await scene.network.settle();
    for (const beside of [1, 3]) {
      const db = scene.backUp(old.path);
      for (let i = 0; i < beside; i++) {
        expect(await scene.submit(db, post(scene.tea, `Beside ${i}`))).toMatchObject({
          kind: 'accepted',
        });
      }
      const { logs } = await scene.recover(db);
      expect(logs.find(({ origin }) => origin === scene.logOf(scene.tea))).toMatchObject({
        state: 'forked',
      });
      expect(await scene.submit(db, post(scene.tea, 'More'))).toMatchObject({ code: 'log_held' });
      const [rows = []] = await db.batch('read', [selectAllEvidence(5)]);
      const [evidence] = rows.map(readEvidence);
      expect(evidence).toMatchObject({ origin: scene.logOf(scene.tea), peer: null });
      expect(await verifyEvidence(evidence?.file ?? new Uint8Array(), crypto)).toMatchObject({
        ok: true,
        home: scene.home.identity.did,
      });
      await checkInvariants(db, crypto);
    }
    expect(await listHolds(old)).toEqual([]);
  });

  test('changes nothing where nobody answers, and says so', async () => {
    await scene.followAll();
    const old = scene.backUp();
    await scene.home.sandbox.accept(scene.ada, post(scene.tea, 'Lost'));
    await scene.network.settle();
    scene.network.fault = async () => ({ status: 503, body: '{}' });
    const recovery = await scene.recover(old);
    expect(recovery).toMatchObject({ answered: [], silent: scene.urls });
    expect(await listHolds(old)).toEqual([]);
    // With what it has kept itself it knows that something is missing.
    const note = (await findLog(scene.home.db, scene.logOf(scene.tea)))?.checkpoint ?? '';
    await scene.recover(old, [note]);
    expect((await listHolds(old)).map(({ origin }) => origin)).toEqual([
      EVERY_LOG,
      scene.logOf(scene.tea),
    ]);
    expect(await scene.submit(old, { type: 'Follow', object: bob.did })).toMatchObject({
      code: 'log_held',
    });
  });

  test('a submolt that was founded meanwhile and nobody has is not founded a second time', async () => {
    await scene.followAll();
    const old = scene.backUp();
    const founding = await scene.ada.sign(
      group('bay', scene.home.identity.did),
      scene.network.clock.now,
    );
    await scene.home.sandbox.send(founding, scene.ada.did);
    await scene.network.settle();
    const { logs } = await scene.recover(old);
    expect(logs.find(({ origin }) => origin === scene.logOf(founding.name))).toEqual({
      ...{ origin: scene.logOf(founding.name), from: 0, size: 0, state: 'unproven' },
    });
    const { sequencer } = scene.on(old);
    expect(await sequencer.submit({ object: founding, caller: null })).toMatchObject({
      code: 'log_held',
    });
    expect(await scene.submit(old, post(scene.tea, 'Behind'))).toMatchObject({ kind: 'accepted' });
    await checkInvariants(old, crypto);
  });

  test('a log that nobody follows is whole if the heads say so that were stated last', async () => {
    await scene.followAll();
    const bay = await scene.home.sandbox.accept(scene.ada, group('bay', scene.home.identity.did));
    const old = scene.backUp();
    await scene.home.sandbox.accept(scene.ada, post(scene.tea, 'Followed'));
    scene.network.clock.now += 1000;
    const { context, sequencer } = scene.home.sandbox;
    await stateHeads({ ...context, sequencer } as never);
    scene.network.clock.now += 1000;
    await scene.home.sandbox.accept(scene.ada, post(scene.tea, 'Followed, and not stated'));
    await scene.network.settle();
    const { logs } = await scene.recover(old);
    expect(logs.find(({ origin }) => origin === scene.logOf(bay))).toMatchObject({
      state: 'whole',
    });
    await scene.expectSame(old);
  });

  test('a log key that was replaced since counts with its statement', async () => {
    await scene.followAll();
    const old = scene.backUp();
    const { context } = scene.home.sandbox;
    const nextLogSeed = seedOf('the next log key');
    const node = await rotateLogKey({ ...context, node: { ...context.node, nextLogSeed } });
    await scene.network.pass(60_000);
    await scene.network.pass(60_000);
    const { logs } = await scene.recover(old, [], node);
    expect(logs.map(({ state }) => state)).toEqual(['whole', 'whole']);
    await scene.expectSame(old);
    const restored = scene.on(old, node);
    await foundNode(restored, restored.sequencer);
    const object = await scene.ada.sign(post(scene.tea, 'Further'), scene.network.clock.now);
    expect(await restored.sequencer.submit({ object, caller: null })).toMatchObject({
      kind: 'accepted',
    });
    await checkInvariants(old, crypto);
  });

  test('a database that is gone is made anew', async () => {
    await scene.followAll();
    await live(scene.home.sandbox, 9, 60, steadyPeople(3));
    await scene.others[0].follow(scene.home, 'one');
    await scene.others[0].follow(scene.home, 'two');
    await scene.home.sandbox.accept(scene.ada, post(scene.tea, 'Last'));
    await scene.network.pass(60_000);
    const empty = await scene.empty();
    const { logs } = await scene.recover(empty);
    expect(logs.every(({ state }) => state === 'whole')).toBe(true);
    await scene.expectSame(empty);
    const context = scene.on(empty);
    await foundNode(context, context.sequencer);
    expect(await findLog(empty, scene.system)).toMatchObject({
      size: (await findLog(scene.home.db, scene.system))?.size,
    });
  });

  test('an empty database begins no second system log while somebody has the first', async () => {
    await scene.followAll();
    const empty = await scene.empty();
    const context = scene.on(empty);
    const known = { urls: scene.urls, kept: { notes: [], source: '' } };
    expect((await guardRollback(context, context.client, known)).unknown.length).toBeGreaterThan(0);
    await expect(foundNode(context, context.sequencer)).rejects.toMatchObject({
      code: 'rolled_back',
    });
    expect(await listLogs(empty)).toEqual([]);
  });

  test('what was erased meanwhile stays erased, and what one node has withdrawn comes from another', async () => {
    await scene.followAll();
    const words = await scene.home.sandbox.accept(scene.ada, post(scene.tea, 'Erased later'));
    const other = await scene.home.sandbox.accept(scene.ada, post(scene.tea, 'Withdrawn at one'));
    await scene.network.settle();
    const old = scene.backUp();
    await scene.home.sandbox.accept(scene.ada, {
      type: 'Delete',
      audience: scene.tea,
      object: words,
    });
    const third = await scene.home.sandbox.accept(scene.ada, post(scene.tea, 'Withdrawn as well'));
    await scene.network.settle();
    for (const object of [other, third]) {
      await stateOwn(scene.others[0].sandbox.context, scene.others[0].sandbox.sequencer, {
        ...{ type: 'Delete', object, origin: scene.tea, reason: reasonOf('legal') },
      });
    }
    const { logs } = await scene.recover(old);
    expect(logs.every(({ state }) => state === 'whole')).toBe(true);
    await scene.expectSame(old);
  });
});
