// A peer signs with another key: the others ask it who it is and go on; what is signed with the old key they do not take.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { group, post } from '../../test/drafts.ts';
import { ForgedLog, forgeEntry } from '../../test/forged-log.ts';
import { FederatedNode, Network } from '../../test/network.ts';
import { Agent, crypto, seedOf } from '../../test/sandbox.ts';
import type { NodeIdentity } from '../commands/context.ts';
import { formatAddCheckpoint } from '../log/add-checkpoint.ts';
import { verifyEvidence } from '../log/evidence.ts';
import { parseNote } from '../log/note.ts';
import { COSIGNATURE_V1, NOTE_ED25519, noteVerifier } from '../log/note-key.ts';
import { utf8 } from '../protocol/bytes.ts';
import { writeCheckpoints } from '../protocol/checkpoints-field.ts';
import type { ObjectName } from '../protocol/object-name.ts';
import { readEvidence, selectAllEvidence } from '../store/evidence.ts';
import { findLog } from '../store/queries/logs.ts';
import { findPeer, findSource } from '../store/queries/peers.ts';
import { selectSeenHeads } from '../store/seen-heads.ts';

let network: Network;
let [a, b, c]: FederatedNode[] = [];
let log: string;
let submolt: ObjectName;
let before: NodeIdentity;
const ada = new Agent('ada');
const nextLogSeed = seedOf('second');

beforeEach(async () => {
  network = new Network();
  a = await FederatedNode.open(network, 'a', { publishes: true });
  b = await FederatedNode.open(network, 'b', { publishes: true });
  c = await FederatedNode.open(network, 'c');
  submolt = await home().sandbox.accept(ada, group('tea', home().identity.did));
  await home().sandbox.accept(ada, post(submolt, 'Under the first key'));
  log = await one().follow(home(), 'tea');
  await two().follow(home(), 'tea');
  before = home().identity;
  await network.pass(60_000);
});
afterEach(() => network.close());

const home = () => a as FederatedNode;
const one = () => b as FederatedNode;
const two = () => c as FederatedNode;

async function keyOf(node: FederatedNode): Promise<Buffer[]> {
  const peer = await findPeer(node.db, home().identity.did);
  const replica = await findLog(node.db, log);
  return [peer, replica].map((row) => Buffer.from(row?.logKey ?? []));
}

const keys = (seed: Uint8Array) => Array(2).fill(Buffer.from(crypto.publicKeyOf(seed)));

async function expectNothing(node: FederatedNode): Promise<void> {
  const [evidence = [], seen = []] = await node.db.batch('read', [
    selectAllEvidence(10),
    selectSeenHeads(log),
  ]);
  expect([evidence, seen]).toEqual([[], []]);
  expect((await findSource(node.db, log))?.halted ?? null).toBeNull();
  await node.check();
}

/** Ids of the keys that have signed the newest checkpoint that a node has. */
async function signersAt(node: FederatedNode, origin = log): Promise<string[]> {
  const parsed = parseNote((await findLog(node.db, origin))?.checkpoint ?? '');
  return parsed.ok ? parsed.note.signatures.map(({ keyId }) => keyId) : [];
}

const idOfKey = (seed: Uint8Array) =>
  noteVerifier(log, NOTE_ED25519, crypto.publicKeyOf(seed), crypto).keyId;

describe('a home with another log key', () => {
  test('is followed by push and by pull, and cosigned, without anybody’s help', async () => {
    await home().rotate({ nextLogSeed });
    await network.pass(60_000);
    // Nothing was written since: the followers have the head there was, signed with both.
    for (const node of [one(), two()]) {
      expect(await signersAt(node)).toEqual(
        expect.arrayContaining([before.logSeed, nextLogSeed].map(idOfKey)),
      );
    }
    await home().sandbox.accept(ada, post(submolt, 'Under the second key'));
    await network.pass(60_000);
    await home().sandbox.accept(ada, post(submolt, 'And another one'));
    await network.pass(60_000);
    for (const node of [one(), two()]) {
      expect(await node.sizeOf(log)).toBe(4);
      expect(await keyOf(node)).toEqual(keys(nextLogSeed));
      expect(await signersAt(node)).not.toContain(idOfKey(before.logSeed));
      await expectNothing(node);
    }
    await one().sandbox.submit(ada, post(submolt, 'From elsewhere'));
    await network.pass(60_000);
    expect(await two().sizeOf(log)).toBe(5);
    const name = `${one().identity.authority}/witness`;
    const witness = crypto.publicKeyOf(one().identity.witnessSeed);
    expect(await signersAt(home())).toContain(
      noteVerifier(name, COSIGNATURE_V1, witness, crypto).keyId,
    );
    await home().check();
  });

  test('gives a replica that was away the newest head alone, and that is enough', async () => {
    await one().federation.stop();
    await home().rotate({ nextLogSeed });
    await home().sandbox.accept(ada, post(submolt, 'Under the second key'));
    await home().rotate({ nextLogSeed: seedOf('third') });
    await home().sandbox.accept(ada, post(submolt, 'Under the third key'));
    await network.settle();
    await one().restart();
    await network.pass(60_000);
    expect(await one().sizeOf(log)).toBe(4);
    expect(await keyOf(one())).toEqual(keys(seedOf('third')));
    await expectNothing(one());
  });
});

describe('what is signed with a key that was replaced', () => {
  let forged: ForgedLog;

  beforeEach(async () => {
    await home().rotate({ nextLogSeed });
    await home().sandbox.accept(ada, post(submolt, 'Under the second key'));
    await network.pass(60_000);
    const { entries } = await home().forge(log);
    // Whoever has stolen the key goes on from what everybody can read.
    forged = new ForgedLog(before, log, entries.slice(0, 2));
    const own = await ada.sign(post(submolt, 'Another third entry'), network.clock.now);
    forged.entries.push(forgeEntry(own.activity as never, network.clock.now));
    forged.entries.push(forgeEntry(own.activity as never, network.clock.now + 1));
  });

  test('is not pulled, whatever its size', async () => {
    network.fault = (sent, next) => forged.fault(sent, next);
    await network.pass(60_000);
    await network.pass(60_000);
    expect(await one().sizeOf(log)).toBe(3);
    await expectNothing(one());
    network.fault = (_, next) => next();
    await home().sandbox.accept(ada, post(submolt, 'The fourth'));
    await network.pass(60_000);
    expect(await one().sizeOf(log)).toBe(4);
  });

  test('is not taken as a head that somebody shows', async () => {
    const notes = [2, 3, 4].map((size) => forged.checkpoint(size));
    const { gossip } = one().federation.context;
    await gossip.take(writeCheckpoints(notes), two().identity.origin);
    await gossip.take(writeCheckpoints(notes), home().identity.origin);
    await network.settle();
    await expectNothing(one());
  });

  test('is not cosigned', async () => {
    const body = formatAddCheckpoint({ oldSize: 0, proof: [], note: forged.checkpoint(4) });
    const answer = await two().witness.addCheckpoint(utf8(body));
    const unknownKeyOf = home().identity.authority;
    expect(answer).toMatchObject({ code: 'log_signature_refused', unknownKeyOf });
    await network.settle();
    await expectNothing(two());
  });
});

describe('a home that changes its history with its key', () => {
  test('is convicted by what it has signed with each', async () => {
    await home().sandbox.accept(ada, post(submolt, 'Shown to everybody'));
    await network.pass(60_000);
    expect(await one().sizeOf(log)).toBe(3);
    const { entries } = await home().forge(log);
    await home().rotate({ nextLogSeed });
    const rewritten = new ForgedLog(home().identity, log, entries.slice(0, 2));
    const other = await ada.sign(post(submolt, 'Written over it'), network.clock.now);
    rewritten.entries.push(forgeEntry(other.activity as never, network.clock.now));
    network.fault = (sent, next) => rewritten.fault(sent, next);
    await network.pass(60_000);
    const [rows = []] = await one().db.batch('read', [selectAllEvidence(10)]);
    const [found, ...more] = rows.map(readEvidence);
    expect(more).toEqual([]);
    const signers = [before.logSeed, nextLogSeed].map((seed) =>
      expect.stringContaining(idOfKey(seed)),
    );
    expect(await verifyEvidence(found?.file ?? new Uint8Array(), crypto)).toMatchObject({
      ok: true,
      home: before.did,
      signers: expect.arrayContaining(signers),
      replacedKey: true,
    });
    expect((await findSource(one().db, log))?.halted).toMatch(/^fork: /);
  });
});

describe('a witness with another key', () => {
  test('is asked who it is when its line cannot be read', async () => {
    const witnessSeed = seedOf('another witness');
    await one().rotate({ witnessSeed });
    await home().sandbox.accept(ada, post(submolt, 'To be cosigned'));
    for (let i = 0; i < 4; i++) await network.pass(60_000);
    const peer = await findPeer(home().db, one().identity.did);
    const publicKey = crypto.publicKeyOf(witnessSeed);
    expect(Buffer.from(peer?.witnessKey ?? [])).toEqual(Buffer.from(publicKey));
    const name = `${one().identity.authority}/witness`;
    const { keyId } = noteVerifier(name, COSIGNATURE_V1, publicKey, crypto);
    expect(await signersAt(home())).toContain(keyId);
  });
});
