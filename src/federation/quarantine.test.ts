// How much is taken of whom: by number, votes, bytes and followers, across restarts.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Sandbox } from '../../test/sandbox.ts';
import { setStanding } from '../commands/set-standing.ts';
import type { Did } from '../protocol/did.ts';
import { namesOf } from '../store/standings.ts';
import { insertFollower, upsertPeer } from '../store/write-peers.ts';
import { Quarantine, type QuarantineLimits, type Taking } from './quarantine.ts';

const UNLIMITED: QuarantineLimits = {
  objects: null,
  votes: null,
  bytes: null,
  together: 3,
  follows: null,
  followers: null,
  chosen: null,
};
const node = (name: string) => `did:web:${name}.example` as Did;
const ada = node('ada');
let home: Sandbox;
let met: string[];

beforeEach(async () => {
  met = [];
  home = await Sandbox.open('home');
});
afterEach(() => home.close());

const open = (limits: Partial<QuarantineLimits>) =>
  new Quarantine(home.context, home.sequencer, { ...UNLIMITED, ...limits }, (quota) =>
    met.push(quota),
  );
const isTaken = (taking: object): taking is Taking => !('ok' in taking);

/** Takes all of it, or gives the code. */
async function take(
  quarantine: Quarantine,
  from: Did,
  objects: number,
  { votes = 0, bytes = 0 } = {},
) {
  const taking = await quarantine.take(from, objects, bytes);
  if (!isTaken(taking)) return `${taking.code} ${taking.retryAfter}`;
  const accepted = Math.min(votes, taking.votes);
  await taking.done({ objects, votes: accepted, bytes });
  return accepted;
}

const decide = (
  name: string,
  standing: 'allowed' | 'denied' | null,
  objects: number | null = null,
) => setStanding(home.context, home.sequencer, { node: name, standing, objects, caller: null });

/** A peer that follows a log here. */
async function follower(did: Did, contact = 0): Promise<void> {
  const url = `https://${did.slice('did:web:'.length)}`;
  const peer = { did, url, name: 'x', logKey: new Uint8Array(32), keyStatement: new Uint8Array() };
  const [{ origin } = { origin: '' }] = [{ origin: `${home.context.node.authority}/log/system` }];
  await home.db.batch('write', [
    ...upsertPeer(peer, contact),
    insertFollower(origin, did, contact),
  ]);
}

describe('of a node that nobody has chosen', () => {
  test('so many objects are taken in a day, whoever else comes, and whether or not this node starts again', async () => {
    const quarantine = open({ objects: 10 });
    expect([await take(quarantine, ada, 6), await take(quarantine, ada, 4)]).toEqual([0, 0]);
    expect(await take(quarantine, ada, 1)).toBe('quota_exceeded 3600');
    expect(await take(open({ objects: 10 }), ada, 1)).toBe('quota_exceeded 3600');
    expect(await take(quarantine, node('bob'), 10)).toBe(0);
    home.clock.now += 86_400_000;
    expect(await take(quarantine, ada, 10)).toBe(0);
    expect(met).toEqual(['objects', 'objects']);
  });

  test('many together have less than each of them', async () => {
    const quarantine = open({ objects: 10 });
    const taken = [];
    for (let i = 0; i < 5; i++) taken.push(await take(quarantine, node(`n${i}`), 10));
    expect(taken).toEqual([0, 0, 0, 'quota_exceeded 3600', 'quota_exceeded 3600']);
  });

  test('so many bytes and votes are taken, and none of the votes if there are to be none', async () => {
    const quarantine = open({ bytes: 100, votes: 5 });
    expect(await take(quarantine, ada, 4, { votes: 4, bytes: 60 })).toBe(4);
    expect(await take(quarantine, ada, 1, { bytes: 41 })).toBe('quota_exceeded 3600');
    expect(await take(quarantine, ada, 4, { votes: 4, bytes: 40 })).toBe(1);
    expect(await take(open({ votes: 0 }), node('bob'), 4, { votes: 4 })).toBe(0);
  });

  test('so many requests are under way at once, and what failed is not counted', async () => {
    const quarantine = open({ objects: 10 });
    const [first, second] = [await quarantine.take(ada, 5, 0), await quarantine.take(ada, 5, 0)];
    expect(await quarantine.take(ada, 1, 0)).toMatchObject({ code: 'quota_exceeded' });
    for (const one of [first, second])
      if (isTaken(one)) await one.done({ objects: 0, votes: 0, bytes: 0 });
    expect(await take(quarantine, ada, 10)).toBe(0);
    expect(met).toEqual(['at_once']);
  });

  test('so many may follow, and the silent give way to others', async () => {
    const quarantine = open({ followers: 2, follows: 1 });
    const week = 7 * 86_400_000;
    await follower(ada, home.clock.now - week - 1);
    await follower(node('bob'), home.clock.now);
    expect(await quarantine.refuseFollower(ada)).toMatchObject({ code: 'quota_exceeded' });
    expect(await quarantine.refuseFollower(node('carl'))).toBeNull();
    await follower(node('carl'), home.clock.now);
    expect(await quarantine.refuseFollower(node('dora'))).toMatchObject({ code: 'quota_exceeded' });
    await decide(node('dora'), 'allowed');
    expect(await quarantine.refuseFollower(node('dora'))).toBeNull();
  });
});

test('nodes that have come and gone are forgotten once they are many, and those with a part in anything stay', async () => {
  const quarantine = open({ followers: 2 });
  for (let i = 0; i < 7; i++) await follower(node(`n${i}`), home.clock.now + i);
  await decide(node('n0'), 'allowed');
  await home.db.batch('write', [
    { sql: `DELETE FROM followers WHERE peer <> (SELECT max(id) FROM peers)`, args: [] },
  ]);
  const names = async () =>
    (await home.db.batch('read', [{ sql: 'SELECT url FROM peers ORDER BY id', args: [] }]))[0]?.map(
      ([url]) => String(url).slice(8, 10),
    );
  expect(await quarantine.refuseFollower(ada)).toBeNull();
  expect(await names()).toHaveLength(7);
  await follower(node('n7'), home.clock.now + 7);
  await quarantine.refuseFollower(ada);
  // One in ten of eight, the one that was silent longest.
  expect(await names()).toEqual(['n0', 'n2', 'n3', 'n4', 'n5', 'n6', 'n7']);
});

describe('the operator', () => {
  test('allows, bounds, denies and forgets', async () => {
    const quarantine = open({ objects: 1, votes: 0, chosen: 100 });
    expect(await quarantine.standingOf(ada)).toBe('stranger');
    await decide(ada, 'allowed');
    expect(await quarantine.standingOf(ada)).toBe('chosen');
    expect(await take(quarantine, ada, 64, { votes: 64 })).toBe(64);
    // In a minute.
    expect(await take(quarantine, ada, 64)).toBe('quota_exceeded 1');
    home.clock.now += 60_000;
    await decide(ada, 'allowed', 70);
    expect([await take(quarantine, ada, 60), await take(quarantine, ada, 11)]).toEqual([
      0,
      'quota_exceeded 3600',
    ]);
    await decide(ada, 'denied');
    expect(await quarantine.standingOf(ada)).toBe('denied');
    await decide(ada, null);
    expect(await quarantine.standingOf(ada)).toBe('stranger');
    expect(await quarantine.standingOf(home.context.node.did)).toBe('own');
  });

  test('decides about all below a host, and about one of them otherwise', async () => {
    const quarantine = open({});
    await decide('did:web:*.evil.example', 'denied');
    await decide('did:web:good.evil.example', 'allowed');
    const found = [
      'did:web:a.evil.example',
      'did:web:a.b.evil.example',
      'did:web:evil.example',
      'did:web:devil.example',
      'did:web:good.evil.example',
    ];
    expect(await Promise.all(found.map((did) => quarantine.standingOf(did as Did)))).toEqual([
      'denied',
      'denied',
      'stranger',
      'stranger',
      'chosen',
    ]);
    expect(namesOf('did:key:z6Mk' as Did)).toEqual(['did:key:z6Mk']);
  });

  test('who denies a peer pushes nothing to it any more, and takes it back', async () => {
    await follower(ada);
    await decide('did:web:*.example', 'denied');
    const read = async () =>
      (
        await home.db.batch('read', [
          {
            sql: 'SELECT dropped_at IS NULL, (SELECT count(*) FROM followers) FROM peers',
            args: [],
          },
        ])
      )[0];
    expect(await read()).toEqual([[0, 0]]);
    await decide('did:web:*.example', null);
    expect(await read()).toEqual([[1, 0]]);
  });
});
