// What a node writes down of its peers, and that a used nonce opens no door twice.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { group, post } from '../../test/drafts.ts';
import { dumpTables } from '../../test/invariants.ts';
import { catchUp, follow } from '../../test/replica.ts';
import { Agent, crypto, identityOf, Sandbox, seedOf } from '../../test/sandbox.ts';
import { utf8 } from '../protocol/bytes.ts';
import { didKeyOf } from '../protocol/did.ts';
import { nameFromHash } from '../protocol/object-name.ts';
import { getActivityStatus } from '../store/queries/activity-status.ts';
import { findLog } from '../store/queries/logs.ts';
import {
  findFollower,
  findPeer,
  findSource,
  listDeadLetters,
  listPeers,
  listWaitedFor,
  listWaiting,
} from '../store/queries/peers.ts';
import { addFollower, removeFollower } from './add-follower.ts';
import { addPeer } from './add-peer.ts';
import { followLog } from './follow-log.ts';
import { recordContact } from './record-contact.ts';
import { recordCursor } from './record-cursor.ts';
import { recordDeadLetter } from './record-dead-letter.ts';
import { recordSource } from './record-source.ts';
import { settleForward } from './settle-forward.ts';

const eve = new Agent('eve');
const peer = identityOf('b');
/** What is read of a statement once it was verified. */
const stated = (...seeds: Uint8Array[]) => ({
  logKey: crypto.publicKeyOf(seeds.at(-1)!),
  keyStatement: utf8(
    JSON.stringify(seeds.map((seed) => ({ object: didKeyOf(crypto.publicKeyOf(seed)) }))),
  ) as Uint8Array,
});
const description = {
  did: peer.did,
  url: peer.origin,
  name: 'Node B',
  ...stated(peer.logSeed),
};
let node: Sandbox;

beforeEach(async () => {
  node = await Sandbox.open('a');
});
afterEach(() => node.close());

const add = (more: Partial<typeof description> = {}) =>
  addPeer(node.context, node.sequencer, { ...description, ...more }, null);

describe('a peer', () => {
  test('is added once, and may change its name alone', async () => {
    expect(await add()).toEqual({ ok: true });
    expect(await add({ name: 'Renamed' })).toEqual({ ok: true });
    expect(await listPeers(node.db)).toMatchObject([
      { did: peer.did, url: peer.origin, name: 'Renamed' },
    ]);
    const changes = [stated(seedOf('other')), { url: 'http://c.test' }, { did: eve.did }];
    for (const change of changes)
      expect(await add(change)).toMatchObject({ reason: 'peer_changed' });
    expect(await listPeers(node.db)).toHaveLength(1);
  });

  test('adds log keys to those that are known, and takes none back', async () => {
    const origin = `${peer.authority}/log/system`;
    const [first, second, third] = [peer.logSeed, seedOf('second'), seedOf('third')];
    await add();
    await followLog(node.context, node.sequencer, {
      origin,
      peer: peer.did,
      submolt: null,
      caller: null,
    });
    const signs = async (seed: Uint8Array) => {
      const logKey = Buffer.from(crypto.publicKeyOf(seed));
      expect(await findPeer(node.db, peer.did)).toMatchObject({ logKey });
      expect(await findLog(node.db, origin)).toMatchObject({ logKey });
    };
    await signs(first);
    expect(await add(stated(first, second))).toEqual({ ok: true });
    await signs(second);
    expect(await add({ ...stated(first), name: 'As it was once' })).toEqual({ ok: true });
    await signs(second);
    const rivals = [stated(first, third), stated(second), stated(second, first, third)];
    for (const rival of rivals) expect(await add(rival)).toMatchObject({ reason: 'peer_changed' });
    await signs(second);
    expect(await add(stated(first, second, third))).toEqual({ ok: true });
    await signs(third);
  });

  test('is remembered as reachable or not', async () => {
    await add();
    const { context, sequencer } = node;
    const failed = { answered: false, error: 'timeout', retryAt: 5 } as const;
    await recordContact(context, sequencer, peer.did, failed);
    await recordContact(context, sequencer, peer.did, failed);
    const down = { failures: 2, retryAt: 5, error: 'timeout', contactedAt: null };
    expect(await findPeer(node.db, peer.did)).toMatchObject(down);
    await recordContact(context, sequencer, peer.did, { answered: true });
    const up = { failures: 0, retryAt: 0, error: null, contactedAt: node.clock.now };
    expect(await findPeer(node.db, peer.did)).toMatchObject(up);
  });

  test('follows a log of this node with a cursor of its own', async () => {
    const { context, sequencer } = node;
    const origin = 'a.test/log/system';
    const request = { origin, peer: peer.did, caller: null };
    expect(await addFollower(context, sequencer, request)).toMatchObject({
      reason: 'peer_unknown',
    });
    await add();
    const elsewhere = { ...request, origin: 'a.test/log/none' };
    expect(await addFollower(context, sequencer, elsewhere)).toMatchObject({
      reason: 'log_unknown',
    });
    expect(await addFollower(context, sequencer, request)).toEqual({ ok: true, size: 2 });
    await recordCursor(context, sequencer, { origin, peer: peer.did, size: 2 });
    expect(await addFollower(context, sequencer, request)).toEqual({ ok: true, size: 2 });
    expect(await findFollower(node.db, origin, peer.did)).toMatchObject({ size: 2, signedSize: 2 });
    expect(await removeFollower(context, sequencer, request)).toMatchObject({ ok: true });
    expect(await removeFollower(context, sequencer, request)).toMatchObject({ ok: true });
    expect(await findFollower(node.db, origin, peer.did)).toBeNull();
  });
});

describe('a nonce', () => {
  test('that was used writes nothing, whatever the command', async () => {
    const { context, sequencer } = node;
    const caller = { did: peer.did, nonce: 'n', nonceExpires: Math.floor(node.clock.now / 1000) };
    expect(await addPeer(context, sequencer, description, caller)).toEqual({ ok: true });
    const before = await dumpTables(node.db);
    const renamed = { ...description, name: 'Renamed' };
    expect(await addPeer(context, sequencer, renamed, caller)).toMatchObject({
      reason: 'replayed',
    });
    const request = { origin: 'a.test/log/system', peer: peer.did, caller };
    expect(await addFollower(context, sequencer, request)).toMatchObject({ reason: 'replayed' });
    const object = await eve.sign({ type: 'Follow', object: peer.did }, node.clock.now);
    expect(await sequencer.submit({ object, caller })).toMatchObject({ code: 'replayed' });
    expect(await dumpTables(node.db)).toEqual(before);
  });

  test('is not used up by a command that refuses', async () => {
    const { context, sequencer } = node;
    const caller = { did: peer.did, nonce: 'n', nonceExpires: Math.floor(node.clock.now / 1000) };
    const request = { origin: 'a.test/log/system', peer: peer.did, caller };
    expect(await addFollower(context, sequencer, request)).toMatchObject({
      reason: 'peer_unknown',
    });
    expect(await addPeer(context, sequencer, description, caller)).toEqual({ ok: true });
  });
});

describe('following', () => {
  test('needs a known peer, and a log of another node that is not followed elsewhere', async () => {
    const { context, sequencer } = node;
    const submolt = nameFromHash(seedOf('some submolt'));
    const request = { peer: peer.did, origin: 'b.test/log/x', submolt, caller: null };
    expect(await followLog(context, sequencer, request)).toMatchObject({ reason: 'peer_unknown' });
    await add();
    const first = await followLog(context, sequencer, request);
    expect(first).toEqual({ ok: true, size: 0, first: true });
    const again = await followLog(context, sequencer, request);
    expect(again).toEqual({ ok: true, size: 0, first: false });
    const twin = { ...request, origin: 'b.test/log/y' };
    expect(await followLog(context, sequencer, twin)).toMatchObject({
      reason: 'submolt_elsewhere',
    });
    const own = { ...request, origin: 'a.test/log/system', submolt: null };
    expect(await followLog(context, sequencer, own)).toMatchObject({ reason: 'own_log' });
  });

  test('keeps what is known of the home, and why it was halted', async () => {
    const { context, sequencer } = node;
    await add();
    const origin = 'b.test/log/system';
    await followLog(context, sequencer, { peer: peer.did, origin, submolt: null, caller: null });
    await recordSource(context, sequencer, origin, { knownSize: 9, halted: 'fork' });
    expect(await findSource(node.db, origin)).toMatchObject({
      peerDid: peer.did,
      submolt: null,
      size: 0,
      knownSize: 9,
      halted: 'fork',
      checkedAt: node.clock.now,
    });
  });
});

describe('what is handed on', () => {
  test('waits for its home in order, until that refuses it, and may be sent anew', async () => {
    const { context, sequencer } = node;
    const home = await Sandbox.open('b', { clock: node.clock });
    const submolt = await home.accept(eve, group('theirs', peer.did));
    await catchUp(node, home, await follow(node, home, submolt));
    const objects = await Promise.all(
      ['One', 'Two'].map((title) => eve.sign(post(submolt, title), node.clock.now)),
    );
    for (const object of objects) await node.send(object, eve.did);
    expect(await listWaitedFor(node.db)).toEqual([{ home: peer.did, newest: expect.any(Number) }]);
    const waiting = await listWaiting(node.db, peer.did, 10);
    expect(waiting.map(({ name }) => name)).toEqual(objects.map(({ name }) => name));
    expect(await listWaiting(node.db, peer.did, 10, waiting[0]!.id)).toHaveLength(1);
    const refusal = { name: objects[0]!.name, code: 'banned', detail: 'You are banned.' };
    await settleForward(context, sequencer, [refusal]);
    expect(await getActivityStatus(node.db, refusal.name)).toEqual({
      status: 'refused',
      code: 'banned',
      detail: 'You are banned.',
    });
    expect(await listWaiting(node.db, peer.did, 10)).toHaveLength(1);
    expect(await node.send(objects[0]!, eve.did)).toMatchObject({ kind: 'pending' });
    expect(await getActivityStatus(node.db, refusal.name)).toMatchObject({ status: 'pending' });
    const last = (await listWaiting(node.db, peer.did, 10)).map(({ name }) => name);
    expect(last).toEqual([objects[1]!.name, objects[0]!.name]);
    await home.close();
  });

  test('and never taken is put aside', async () => {
    const { context, sequencer } = node;
    const letter = {
      peer: null,
      origin: 'b.test/log/x',
      index: 4,
      code: 'wrong_log',
      detail: 'elsewhere',
      bytes: Uint8Array.of(1),
    };
    await recordDeadLetter(context, sequencer, letter);
    const [kept] = await listDeadLetters(node.db, 5);
    expect(kept).toMatchObject({ origin: letter.origin, index: 4, peerUrl: null });
  });

  test('and proves nothing makes room in the end, evidence never does', async () => {
    const { context, sequencer } = node;
    const letter = { peer: null, origin: 'x', index: null, code: 'dropped', detail: '' };
    const evidence = { ...letter, code: 'fork', bytes: Uint8Array.of(1) };
    await recordDeadLetter(context, sequencer, evidence);
    for (let i = 0; i < 1_010; i++) {
      await recordDeadLetter(context, sequencer, { ...letter, index: i, bytes: null });
    }
    const kept = await listDeadLetters(node.db, 2_000);
    expect(kept.map(({ index }) => index)).toEqual([
      ...Array.from({ length: 1_000 }, (_, i) => 1_009 - i),
      null,
    ]);
  });
});
