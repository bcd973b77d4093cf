// Enrolments of all DIDs together: so many, and who can come again makes room.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Agent, crypto, Sandbox } from '../../test/sandbox.ts';
import { jwkThumbprint } from '../protocol/thumbprint.ts';
import { enrol } from './enrol.ts';
import { EnrolmentRoom } from './enrolment-room.ts';

let node: Sandbox;
beforeEach(async () => {
  node = await Sandbox.open('a');
});
afterEach(() => node.close());

async function add(room: EnrolmentRoom, name: string, url: string | null = null) {
  if (!(await room.make())) return false;
  const { did, seed } = new Agent(name);
  const publicKey = crypto.publicKeyOf(seed);
  const keyid = jwkThumbprint(publicKey, crypto);
  const named = { url, keyid, did, publicKey, verificationMethod: `${did}#x` };
  const listed = { published: [keyid], listed: [keyid] };
  node.clock.now += 1_000;
  const outcome = await enrol(node.context, node.sequencer, { ...named, ...listed }, null);
  if (outcome.ok && outcome.first) room.added();
  return outcome.ok;
}

const enrolled = async () =>
  (
    await node.db.batch('read', [
      { sql: 'SELECT did FROM enrolments ORDER BY enrolled_at', args: [] },
    ])
  )[0]?.map(([did]) => did);
const didOf = (name: string) => new Agent(name).did;

test('the oldest without a URL make room, and those with one stay', async () => {
  const room = new EnrolmentRoom(node.context, node.sequencer, 3);
  await add(room, 'linked', 'https://keys.example/jwks.json');
  for (const name of ['a', 'b', 'c', 'd']) expect(await add(room, name)).toBe(true);
  expect(await enrolled()).toEqual(['linked', 'c', 'd'].map(didOf));
});

test('there is none once all of them have a URL; and it is known again after a start', async () => {
  const room = new EnrolmentRoom(node.context, node.sequencer, 2);
  const url = (i: number) => `https://keys${i}.example/jwks.json`;
  expect([
    await add(room, 'a', url(1)),
    await add(room, 'b', url(2)),
    await add(room, 'c'),
  ]).toEqual([true, true, false]);
  const later = new EnrolmentRoom(node.context, node.sequencer, 2);
  expect(await later.make()).toBe(false);
  await node.db.batch('write', [{ sql: 'DELETE FROM enrolments WHERE url = ?', args: [url(1)] }]);
  expect(await room.make()).toBe(true);
});
