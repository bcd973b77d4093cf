// Pushed batches: who may push, what is passed over, what makes the follower pull, what halts it.
import { afterEach, describe, expect, it } from 'vitest';
import { post } from '../../test/drafts.ts';
import { forgeEntry } from '../../test/forged-log.ts';
import { FederatedNode, Network } from '../../test/network.ts';
import { expectReplica, openFollowed } from '../../test/replica-scene.ts';
import { NetError } from '../net/error.ts';
import type { JsonObject } from '../protocol/json.ts';
import { findSource, listDeadLetters } from '../store/queries/peers.ts';
import { receiveEntries } from './receive-entries.ts';

let network = new Network();
afterEach(async () => {
  await network.close();
  network = new Network();
});

/** As `openFollowed`, with `more` posts that only the home has, and no pushes of its own. */
async function behind(more: number) {
  const world = await openFollowed(network);
  const { a, ada, submolt } = world;
  await a.federation.stop();
  for (let i = 0; i < more; i++) await a.sandbox.accept(ada, post(submolt, `More ${i}`));
  const forged = await a.forge(world.log);
  const push = (value: JsonObject) => a.post(world.b, '/federation/entries', value);
  return { ...world, forged, push };
}

describe('receiveEntries', () => {
  it('takes a batch, and takes it again without a change', async () => {
    const { a, b, forged, log, push } = await behind(5);
    await expect(push(forged.push(4))).resolves.toMatchObject({ status: 200, size: 9 });
    await expectReplica(a, b, log);
    for (const start of [4, 0, 9]) {
      await expect(push(forged.push(start))).resolves.toMatchObject({ status: 200, size: 9 });
    }
    await expectReplica(a, b, log);
  });

  it('passes over what it has, and takes the rest of the batch', async () => {
    const { a, b, forged, log, push } = await behind(5);
    await expect(push(forged.push(1))).resolves.toMatchObject({ size: 9 });
    await expectReplica(a, b, log);
  });

  it('pulls when a batch leaves a gap or does not reach its checkpoint', async () => {
    const { a, b, forged, log, push } = await behind(5);
    network.fault = ({ url }, next) => {
      if (url.pathname.endsWith('/checkpoint')) throw new NetError('connection_failed', 'cut');
      return next();
    };
    const gap = { code: 'log_gap', status: 409, size: 4 };
    await expect(push(forged.push(6))).resolves.toMatchObject(gap);
    const whole = forged.push(4);
    const part = { ...whole, entries: (whole.entries as JsonObject[]).slice(0, 2) };
    await expect(push(part)).resolves.toMatchObject(gap);
    await expect(push({ ...whole, entries: [] })).resolves.toMatchObject(gap);
    await network.settle();
    expect(await b.sizeOf(log)).toBe(4);
    network.fault = (_, next) => next();
    await network.pass(3_600_000);
    await expectReplica(a, b, log);
  });

  it('puts off what is of a time to come, and so does the pull, without a halt', async () => {
    const { a, b, forged, log, push } = await behind(1);
    network.clock.now -= 660_000;
    const early = { code: 'too_early', status: 503, size: 4 };
    await expect(push(forged.push(4))).resolves.toMatchObject(early);
    a.federation.start();
    await network.pass(30_000);
    expect(await b.sizeOf(log)).toBe(4);
    await network.pass(3_600_000);
    await expectReplica(a, b, log);
  });

  it('takes an older checkpoint for what it is', async () => {
    const { b, forged, log, push } = await behind(0);
    const old = { log, start: 0, checkpoint: forged.checkpoint(2), entries: [] };
    await expect(push(old)).resolves.toMatchObject({ status: 200, size: 4 });
    await b.check();
  });

  it('lets only the home push, and only what is followed', async () => {
    const { b, forged, push } = await behind(1);
    const c = await FederatedNode.open(network, 'c');
    const stranger = c.post(b, '/federation/entries', forged.push(4));
    await expect(stranger).resolves.toMatchObject({ code: 'not_log_home' });
    const other = { ...forged.push(4), log: `${b.identity.authority}/log/system` };
    await expect(push(other)).resolves.toMatchObject({ code: 'log_unknown', status: 404 });
  });

  it.each([
    ['nothing', {}],
    ['a member too many', { log: 'l', start: 0, checkpoint: '', entries: [], more: 1 }],
    ['a negative start', { log: 'l', start: -1, checkpoint: '', entries: [] }],
    [
      'an entry without a line',
      { log: 'l', start: 0, checkpoint: '', entries: [{ o: {}, s: '' }] },
    ],
    [
      'too many entries',
      {
        log: 'l',
        start: 0,
        checkpoint: '',
        entries: Array(257).fill({ line: '', n: `ni:///sha-256;${'A'.repeat(43)}`, by: 1 }),
      },
    ],
  ])('refuses %s', async (_, value) => {
    const { push } = await behind(0);
    await expect(push(value)).resolves.toMatchObject({ code: 'malformed_request' });
  });

  it('refuses a checkpoint that the log’s key has not signed', async () => {
    const { b, forged, log, push } = await behind(1);
    const checkpoint = forged.checkpoint().replace(/^(.*\n)5\n/, '$16\n');
    const answer = await push({ ...forged.push(4), checkpoint });
    expect(answer).toMatchObject({ code: 'checkpoint_invalid' });
    expect((await findSource(b.db, log))?.halted).toBeNull();
  });

  it('admits one request once', async () => {
    const { a, ada, b, forged, log, submolt } = await behind(1);
    const nonceExpires = network.clock.now / 1000 + 60;
    const caller = { did: a.identity.did, nonce: 'once', nonceExpires };
    const { context } = b.federation;
    expect(await receiveEntries(context, caller, forged.push(4))).toMatchObject({ ok: true });
    await a.sandbox.accept(ada, post(submolt, 'Another'));
    const next = (await a.forge(log)).push(5);
    expect(await receiveEntries(context, caller, next)).toMatchObject({ code: 'replayed' });
    expect(await b.sizeOf(log)).toBe(5);
  });

  it('leaves a batch with an unknown author’s key to the pull, and opens no connection itself', async () => {
    const { b, forged, log, push, submolt } = await behind(0);
    const object = {
      ...post(submolt, 'From elsewhere'),
      actor: 'did:web:agents.example.com',
      proof: { verificationMethod: 'did:web:agents.example.com#key-1' },
    } as unknown as JsonObject;
    forged.entries.push(forgeEntry(object, network.clock.now));
    const before = network.journal.length;
    const answer = push(forged.push(4));
    await expect(answer).resolves.toMatchObject({ code: 'keys_pending', status: 503, size: 4 });
    expect(network.journal.slice(before)).toEqual(['POST /federation/entries 503']);
    await network.settle();
    expect(await b.sizeOf(log)).toBe(4);
  });

  it('halts at an entry that does not verify, and says so from then on', async () => {
    const { b, ada, forged, log, push, submolt } = await behind(1);
    const { bytes } = await ada.sign(post(submolt, 'Mine'), network.clock.now);
    const object = JSON.parse(new TextDecoder().decode(bytes)) as JsonObject;
    const honest = forged.push(4);
    forged.entries[4] = forgeEntry(
      { ...object, published: '2026-11-20T09:59:59Z' },
      network.clock.now,
    );
    const refused = { code: 'entry_refused', size: 4 };
    await expect(push(forged.push(4))).resolves.toMatchObject(refused);
    const letters = await listDeadLetters(b.db, 5);
    expect(letters).toMatchObject([{ origin: log, index: 4, code: 'proof_invalid' }]);
    const stopped = { code: 'replication_stopped', size: 4 };
    await expect(push(honest)).resolves.toMatchObject(stopped);
    expect(await b.sizeOf(log)).toBe(4);
    await b.check();
  });

  it('halts when the home pushes another history', async () => {
    const { b, forged, log, push } = await behind(0);
    const fork = {
      log,
      start: 4,
      checkpoint: forged.checkpoint(4, new Uint8Array(32)),
      entries: [],
    };
    await expect(push(fork)).resolves.toMatchObject({ code: 'entry_refused' });
    expect((await findSource(b.db, log))?.halted).toMatch(/^fork: /);
    const [letter] = await listDeadLetters(b.db, 5);
    expect(JSON.parse(new TextDecoder().decode(letter?.bytes ?? new Uint8Array()))).toEqual({
      ours: forged.checkpoint(),
      theirs: fork.checkpoint,
    });
  });
});
