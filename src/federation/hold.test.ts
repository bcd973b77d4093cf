// A node that learns that it has signed more than it has: nothing more is signed, reading and everything of others goes on.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { group, post } from '../../test/drafts.ts';
import { type FederatedNode, Network } from '../../test/network.ts';
import { openFollowed } from '../../test/replica-scene.ts';
import { Agent, crypto } from '../../test/sandbox.ts';
import { signCheckpoint } from '../log/checkpoint.ts';
import { NOTE_ED25519, noteSigner } from '../log/note-key.ts';
import { utf8 } from '../protocol/bytes.ts';
import { writeCheckpoints } from '../protocol/checkpoints-field.ts';
import type { ObjectName } from '../protocol/object-name.ts';
import { EVERY_LOG, listHolds } from '../store/holds.ts';
import { getActivityStatus } from '../store/queries/activity-status.ts';
import { findLog } from '../store/queries/logs.ts';
import { describePeers } from './describe-peers.ts';

let network: Network;
let [a, b]: FederatedNode[] = [];
let ada: Agent;
let submolt: ObjectName;
let log: string;
beforeEach(async () => {
  network = new Network();
  ({ a, b, ada, log, submolt } = await openFollowed(network));
});
afterEach(() => network.close());

const home = () => a as FederatedNode;
const follower = () => b as FederatedNode;

/** A head of `origin` that `home` has signed, as far as anybody can tell, or somebody else. */
function head(origin: string, size: number, seed = home().identity.logSeed): string {
  const signer = noteSigner(origin, NOTE_ED25519, seed, crypto);
  return signCheckpoint({ origin, size, root: new Uint8Array(32).fill(7) }, signer, crypto);
}

const show = (note: string) =>
  home().federation.context.gossip.take(writeCheckpoints([note]), follower().identity.origin);
const holds = async () => (await listHolds(home().db)).map(({ origin }) => origin);
const sizes = () =>
  Promise.all([log, log.replace(/[^/]+$/, 'system')].map((o) => home().sizeOf(o)));

test('a head beyond its own stops all its logs at once, and after a restart', async () => {
  const before = await sizes();
  await show(head(log, 99));
  expect(await holds()).toEqual([EVERY_LOG, log]);
  expect(home().events).toContainEqual(expect.objectContaining({ event: 'held', log }));
  await home().restart();
  for (const draft of [
    post(submolt, 'Beside'),
    { type: 'Follow', object: new Agent('bob').did } as const,
    group('new', home().identity.did),
    // Of a submolt that it may have lost, too.
    post(`ni:///sha-256;${'A'.repeat(43)}` as ObjectName, 'Lost'),
  ]) {
    expect(await home().sandbox.submit(ada, draft)).toMatchObject({ code: 'log_held' });
  }
  expect(await sizes()).toEqual(before);
  await home().check();
});

test('another root for a size that it has does as well', async () => {
  await show(head(log, 2));
  expect(await holds()).toEqual([EVERY_LOG, log]);
});

test('heads that it has, or has not signed, or of logs of others, stop nothing', async () => {
  await show((await findLog(home().db, log))?.checkpoint ?? '');
  await show(head(log, 99, follower().identity.logSeed));
  await show(head(`${follower().identity.authority}/log/system`, 99));
  expect(await holds()).toEqual([]);
});

test('what was accepted before still has its receipt; what waits for it waits on', async () => {
  const name = await home().sandbox.accept(ada, post(submolt, 'Before'));
  await network.settle();
  await show(head(log, 99));
  expect(await getActivityStatus(home().db, name)).toMatchObject({ status: 'accepted' });
  const far = await follower().sandbox.submit(ada, post(submolt, 'From afar'));
  expect(far.kind).toBe('pending');
  await network.settle();
  await network.pass(120_000);
  const id = far.kind === 'pending' ? far.id : submolt;
  expect(await getActivityStatus(follower().db, id)).toMatchObject({ status: 'pending' });
  await home().db.batch('write', [{ sql: 'DELETE FROM holds', args: [] }]);
  await network.pass(120_000);
  expect(await getActivityStatus(follower().db, id)).toMatchObject({ status: 'accepted' });
});

test('its agents go on in submolts of other nodes', async () => {
  await follower().sandbox.accept(ada, group('bay', follower().identity.did));
  await home().follow(follower(), 'bay');
  await show(head(log, 99));
  const bay = (await describePeers(home().federation.context)).peers;
  expect(JSON.stringify(bay)).toContain('/log/');
  const bays = await follower().sandbox.accept(ada, group('bays', follower().identity.did));
  await home().follow(follower(), 'bays');
  const forwarded = await home().sandbox.submit(ada, post(bays, 'Forwarded'));
  expect(forwarded.kind).toBe('pending');
  await network.settle();
  const id = forwarded.kind === 'pending' ? forwarded.id : bays;
  expect(await getActivityStatus(home().db, id)).toMatchObject({ status: 'accepted' });
});

test('a witness that may have forgotten cosigns nothing', async () => {
  await show(head(log, 99));
  await follower().sandbox.accept(ada, group('bay', follower().identity.did));
  const note = (await findLog(follower().db, `${follower().identity.authority}/log/system`))
    ?.checkpoint;
  expect(await home().witness.addCheckpoint(utf8(`old 0\n\n${note}`))).toMatchObject({
    code: 'log_held',
  });
});

test('the operator is told which head it was, and who has it', async () => {
  await show(head(log, 99));
  expect(await describePeers(home().federation.context)).toMatchObject({
    held: [
      { log: EVERY_LOG, size: null },
      { log, size: 99, source: follower().identity.origin },
    ],
  });
});

test('every peer is asked once what it holds, again as long as it is silent', async () => {
  const asked = () => network.journal.filter((line) => line.startsWith('GET /checkpoints')).length;
  const before = asked();
  network.fault = async ({ url }, next) =>
    url.pathname === '/checkpoints' ? { status: 503, body: '{}' } : next();
  await home().restart();
  await network.settle();
  expect(asked()).toBe(before + 1);
  // Only the peer has it: the node has forgotten.
  await follower().db.batch('write', [
    {
      sql: 'INSERT INTO seen_heads (origin, size, root, note, source, seen_at) VALUES (?, 99, ?, ?, ?, 0)',
      args: [log, new Uint8Array(32).fill(7), head(log, 99), ''],
    },
  ]);
  network.fault = (_, next) => next();
  await network.pass(3_600_000);
  expect(await holds()).toEqual([EVERY_LOG, log]);
  const after = asked();
  await network.pass(3_600_000);
  expect(asked()).toBe(after);
});

test('a follower that says it has more is believed if it shows the head', async () => {
  let shown = head(log, 99, follower().identity.logSeed);
  network.fault = async ({ url }, next) => {
    if (url.host !== follower().identity.authority) return next();
    if (url.pathname === '/federation/entries') return { status: 202, body: '{"size":99}' };
    return url.pathname.endsWith('/checkpoint') ? { status: 200, body: shown } : next();
  };
  shown = head(log, 99);
  await home().sandbox.accept(ada, post(submolt, 'One'));
  await network.settle();
  expect(await holds()).toEqual([EVERY_LOG, log]);
});
