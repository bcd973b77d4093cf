// Homes that show something else than they signed: what proves nothing is tried again, what proves it halts the replica.
import { afterEach, describe, expect, it } from 'vitest';
import { group, post } from '../../test/drafts.ts';
import { ForgedLog, forgeEntry } from '../../test/forged-log.ts';
import { Network } from '../../test/network.ts';
import { expectReplica, openFollowed, openPair } from '../../test/replica-scene.ts';
import { Agent, identityOf } from '../../test/sandbox.ts';
import { live } from '../../test/world.ts';
import { NetError } from '../net/error.ts';
import type { JsonObject } from '../protocol/json.ts';
import type { ObjectName } from '../protocol/object-name.ts';
import { findLog } from '../store/queries/logs.ts';
import { findSource, listDeadLetters } from '../store/queries/peers.ts';

let network = new Network();
afterEach(async () => {
  await network.close();
  network = new Network();
});

describe('a home that is wrong without proving it', () => {
  it.each([
    [
      'a checkpoint signed by somebody else',
      (forged: ForgedLog) => forged.checkpoint().replace(/.{8}\n$/, 'AAAAAAA=\n'),
    ],
    [
      'a checkpoint of another log',
      (forged: ForgedLog) => forged.checkpoint().replaceAll(forged.origin, 'a/log/system'),
    ],
    ['no checkpoint at all', () => 'hello'],
    ['an older checkpoint', (forged: ForgedLog) => forged.checkpoint(2)],
  ])('shows %s: nothing happens', async (_, note) => {
    const { a, b, ada, log, submolt } = await openFollowed(network);
    const forged = await a.forge(log);
    network.fault = ({ url }, next) => {
      if (url.pathname === '/federation/entries') throw new NetError('connection_failed', 'cut');
      return url.pathname.endsWith('/checkpoint')
        ? Promise.resolve({ status: 200, body: note(forged) })
        : next();
    };
    await a.sandbox.accept(ada, post(submolt, 'Unseen'));
    await network.pass(60_000);
    expect(await b.sizeOf(log)).toBe(4);
    expect((await findSource(b.db, log))?.halted).toBeNull();
    expect(await listDeadLetters(b.db, 10)).toEqual([]);
    network.fault = (_, next) => next();
    await network.pass(3_600_000);
    await expectReplica(a, b, log);
  });

  it.each([
    ['fewer bodies than asked for', (text: string) => text.slice(text.indexOf('\n') + 1)],
    [
      'bodies out of order',
      (text: string) => `${text.trimEnd().split('\n').reverse().join('\n')}\n`,
    ],
    ['a line that is cut off', (text: string) => text.slice(0, -5)],
    ['no JSON', () => 'nonsense\n'],
  ])('gives %s: tried again', async (_, change) => {
    const { a, b } = await openPair(network);
    await live(a.sandbox, 2, 60);
    network.fault = async ({ url }, next) => {
      const answer = await next();
      if (!url.pathname.endsWith('/bodies')) return answer;
      return { ...answer, body: change(String(answer.body)) };
    };
    const log = await b.follow(a, 'one');
    expect(await b.sizeOf(log)).toBe(0);
    expect((await findSource(b.db, log))?.halted).toBeNull();
    network.fault = (_, next) => next();
    await network.pass(60_000);
    await expectReplica(a, b, log);
  });
});

describe('a home that proves itself wrong', () => {
  const otherRoot = new Uint8Array(32).fill(7);

  /** Lets the home show `forged`, and checks that the replica has stopped as it was, with the evidence. */
  async function expectHalt(
    world: Awaited<ReturnType<typeof openFollowed>>,
    forged: ForgedLog,
    code: string,
    index: number | null = null,
  ) {
    const { a, b, ada, log, submolt } = world;
    const before = await findLog(b.db, log);
    const digest = await b.digestOf(log);
    network.fault = forged.fault;
    await network.pass(60_000);
    const source = await findSource(b.db, log);
    expect(source?.halted).toMatch(new RegExp(`^${code}: `));
    expect(await b.digestOf(log)).toBe(digest);
    expect((await findLog(b.db, log))?.root).toEqual(before?.root);
    const [letter] = await listDeadLetters(b.db, 10);
    expect(letter).toMatchObject({ origin: log, code, index, peerUrl: a.identity.origin });
    const evidence = JSON.parse(new TextDecoder().decode(letter?.bytes ?? new Uint8Array()));
    expect(evidence).toEqual({ ours: before?.checkpoint, theirs: forged.checkpoint() });
    expect(b.events.some(({ event }) => event === 'halted')).toBe(true);
    await b.check();
    // Halted means halted: not by a restart, not by an honest push, does it go on by itself.
    network.fault = (_, next) => next();
    // The home is shown what its key has signed: it takes nothing more while it has less than that.
    const isLonger = forged.entries.length > (before?.size ?? 0);
    expect(await a.sandbox.submit(ada, post(submolt, 'Later'))).toMatchObject(
      isLonger ? { kind: 'refused', code: 'log_held' } : { kind: 'accepted' },
    );
    await b.restart();
    await network.pass(3_600_000);
    expect((await findLog(b.db, log))?.size).toBe(before?.size);
    expect((await listDeadLetters(b.db, 10)).length).toBe(1);
  }

  async function signed(agent: Agent, submolt: ObjectName, title: string): Promise<JsonObject> {
    const object = await agent.sign(post(submolt, title), network.clock.now);
    return JSON.parse(new TextDecoder().decode(object.bytes));
  }

  it('signs two roots for one size', async () => {
    const world = await openFollowed(network);
    const forged = await world.a.forge(world.log);
    const fork = forged.checkpoint(4, otherRoot);
    forged.checkpoint = () => fork;
    await expectHalt(world, forged, 'fork');
  });

  it('signs an older head of another history', async () => {
    const world = await openFollowed(network);
    const forged = await world.a.forge(world.log);
    const fork = forged.checkpoint(2, otherRoot);
    forged.checkpoint = () => fork;
    await expectHalt(world, forged, 'fork');
  });

  it('goes on from another history', async () => {
    const world = await openFollowed(network);
    const forged = await world.a.forge(world.log);
    const { t } = JSON.parse(forged.entries[2]?.line ?? '');
    forged.entries[2] = forgeEntry(await signed(world.ada, world.submolt, 'Other'), t);
    forged.entries.push(forgeEntry(await signed(world.ada, world.submolt, 'New'), t + 1e9));
    await expectHalt(world, forged, 'root_mismatch');
  });

  it('signs a root its entries do not have', async () => {
    const world = await openFollowed(network);
    const forged = await world.a.forge(world.log);
    forged.entries.push(
      forgeEntry(await signed(world.ada, world.submolt, 'New'), network.clock.now),
    );
    const wrong = forged.checkpoint(5, otherRoot);
    forged.checkpoint = () => wrong;
    await expectHalt(world, forged, 'root_mismatch');
  });

  it('lets in what its author has not signed', async () => {
    const world = await openFollowed(network);
    const forged = await world.a.forge(world.log);
    const object = await signed(world.ada, world.submolt, 'Mine');
    const changed = { ...object, object: { ...(object.object as JsonObject), name: 'Not mine' } };
    forged.entries.push(
      forgeEntry(await signed(world.ada, world.submolt, 'Good'), network.clock.now),
    );
    forged.entries.push(forgeEntry(changed, network.clock.now));
    await expectHalt(world, forged, 'proof_invalid', 5);
  });

  it('gives a body that does not open its entry', async () => {
    const world = await openFollowed(network);
    const forged = await world.a.forge(world.log);
    const one = forgeEntry(await signed(world.ada, world.submolt, 'One'), network.clock.now);
    const two = forgeEntry(await signed(world.ada, world.submolt, 'Two'), network.clock.now);
    forged.entries.push({ line: one.line, body: two.body });
    await expectHalt(world, forged, 'commitment_mismatch', 4);
  });

  it('logs what was said in another submolt', async () => {
    const world = await openFollowed(network);
    const other = await world.a.sandbox.accept(world.ada, group('coffee', world.a.identity.did));
    const forged = await world.a.forge(world.log);
    forged.entries.push(forgeEntry(await signed(world.ada, other, 'Elsewhere'), network.clock.now));
    await expectHalt(world, forged, 'wrong_log', 4);
  });

  it('logs one object twice', async () => {
    const world = await openFollowed(network);
    const forged = await world.a.forge(world.log);
    forged.entries.push(
      forgeEntry(
        (forged.entries[1] as { body: JsonObject }).body.o as JsonObject,
        network.clock.now,
      ),
    );
    await expectHalt(world, forged, 'duplicate_object', 4);
  });

  it('lets time run backwards', async () => {
    const world = await openFollowed(network);
    const forged = await world.a.forge(world.log);
    forged.entries.push(forgeEntry(await signed(world.ada, world.submolt, 'Before'), 1));
    await expectHalt(world, forged, 'time_backwards', 4);
  });

  it('claims a deletion that never was', async () => {
    const world = await openFollowed(network);
    const forged = await world.a.forge(world.log);
    const object = await signed(world.ada, world.submolt, 'Censored');
    const { name } = await world.ada.sign(post(world.submolt, 'Censored'), network.clock.now);
    const { line } = forgeEntry(object, network.clock.now);
    forged.entries.push({ line, body: { n: name, by: 5, a: world.ada.did } });
    forged.entries.push(
      forgeEntry(await signed(world.ada, world.submolt, 'No Delete'), network.clock.now),
    );
    await expectHalt(world, forged, 'erasure_unfounded', 5);
  });

  it('shows a submolt whose founder chose another home', async () => {
    const { a, b } = await openPair(network);
    const ada = new Agent('ada');
    await a.sandbox.accept(ada, group('tea', a.identity.did));
    const stolen = await ada.sign(group('tea', identityOf('victim').did), network.clock.now);
    const origin = `${a.identity.authority}/log/${stolen.name.slice('ni:///sha-256;'.length)}`;
    const object = JSON.parse(new TextDecoder().decode(stolen.bytes));
    const log = new ForgedLog(a.identity, origin, [forgeEntry(object, network.clock.now)]);
    network.fault = async (sent, next) => {
      if (!sent.url.pathname.startsWith('/api/v1/submolts/')) return log.fault(sent, next);
      const answer = JSON.parse(String((await next()).body)) as { submolt: JsonObject };
      return {
        status: 200,
        body: JSON.stringify({ submolt: { ...answer.submolt, object: stolen.name } }),
      };
    };
    const followedLog = await b.follow(a, 'tea');
    expect(followedLog).toBe(origin);
    expect((await findSource(b.db, origin))?.halted).toMatch(/^wrong_log: /);
    expect(await b.sizeOf(origin)).toBe(0);
    await b.check();
  });
});
