// Heads that ride on messages: a home that shows two histories to two followers is convicted once they speak to each other.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { group, post } from '../../test/drafts.ts';
import { type ForgedLog, forgeEntry } from '../../test/forged-log.ts';
import { FederatedNode, Network } from '../../test/network.ts';
import { Agent, crypto } from '../../test/sandbox.ts';
import { verifyEvidence } from '../log/evidence.ts';
import { parseEvidence, uncosigned } from '../log/evidence-file.ts';
import type { GuardedRequest } from '../net/guarded-fetch.ts';
import { decodeUtf8 } from '../protocol/bytes.ts';
import {
  CHECKPOINTS_FIELD,
  readCheckpoints,
  writeCheckpoints,
} from '../protocol/checkpoints-field.ts';
import type { JsonObject } from '../protocol/json.ts';
import type { ObjectName } from '../protocol/object-name.ts';
import { hashOf } from '../protocol/object-name.ts';
import { readEvidence, selectAllEvidence } from '../store/evidence.ts';
import { readObject } from '../store/queries/activity-status.ts';
import { findLog } from '../store/queries/logs.ts';
import { findSource } from '../store/queries/peers.ts';
import { readSeenHead, selectSeenHeads } from '../store/seen-heads.ts';

let network: Network;
let [a, b, c]: FederatedNode[] = [];
let log: string;
let submolt: ObjectName;
const ada = new Agent('ada');

beforeEach(async () => {
  network = new Network();
  a = await FederatedNode.open(network, 'a');
  b = await FederatedNode.open(network, 'b');
  c = await FederatedNode.open(network, 'c');
  submolt = await home().sandbox.accept(ada, group('tea', home().identity.did));
  for (let i = 1; i <= 3; i++) await home().sandbox.accept(ada, post(submolt, `Post ${i}`));
  log = await one().follow(home(), 'tea');
  await two().follow(home(), 'tea');
  await two().sandbox.accept(ada, group('coffee', two().identity.did));
});
afterEach(() => network.close());

const home = () => a as FederatedNode;
const one = () => b as FederatedNode;
const two = () => c as FederatedNode;

async function evidenceOf({ db }: FederatedNode) {
  const [rows = []] = await db.batch('read', [selectAllEvidence(10)]);
  return rows.map(readEvidence);
}

async function seenBy({ db }: FederatedNode, origin: string) {
  const [rows = []] = await db.batch('read', [selectSeenHeads(origin)]);
  return rows.map(readSeenHead).map(({ size }) => size);
}

async function goOn(forged: ForgedLog, title: string, t = network.clock.now): Promise<void> {
  const object = await ada.sign(post(submolt, title), network.clock.now);
  forged.entries.push(forgeEntry(JSON.parse(decodeUtf8(object.bytes)) as JsonObject, t));
}

/** From now on the home shows `two` another history than `one`, `entries` longer than what both have. */
async function split(entries: { one: number; two: number }): Promise<ForgedLog> {
  const forged: ForgedLog = await home().forge(log);
  for (let i = 0; i < entries.two; i++) {
    await goOn(forged, `Shown to two: ${i}`, network.clock.now + i);
  }
  const isTwo = (from: string) => from === two().identity.authority;
  network.fault = (sent, next) => {
    // Pushes tell no lies here; each follower pulls.
    const isPush = sent.url.pathname === '/federation/entries';
    if (isPush && isTwo(sent.url.host)) return Promise.resolve({ status: 503, body: '{}' });
    return isTwo(sent.from) ? forged.fault(sent, next) : next();
  };
  for (let i = 0; i < entries.one; i++) {
    await home().sandbox.accept(ada, post(submolt, `Shown to one: ${i}`));
  }
  await network.pass(60_000);
  expect(await one().sizeOf(log)).toBe(4 + entries.one);
  expect(await two().sizeOf(log)).toBe(4 + entries.two);
  expect(await evidenceOf(one())).toEqual([]);
  expect(await evidenceOf(two())).toEqual([]);
  return forged;
}

/** A home that hears of the other history signs nothing more, so it hears of none. */
function deafenHome(): void {
  const { fault } = network;
  const { authority } = home().identity;
  const deafen = ({ headers }: Pick<GuardedRequest, 'headers'>) => {
    if (headers !== undefined) delete (headers as Record<string, string>)[CHECKPOINTS_FIELD];
  };
  network.fault = async (sent, next) => {
    if (sent.url.host === authority) deafen(sent.request);
    const answer = await fault(sent, next);
    if (sent.from === authority) deafen(answer);
    return answer;
  };
}

async function expectConviction(node: FederatedNode): Promise<void> {
  const [found, ...more] = await evidenceOf(node);
  expect(more).toEqual([]);
  expect(found).toMatchObject({ origin: log, peer: home().identity.did, decision: null });
  const verdict = await verifyEvidence(found?.file ?? new Uint8Array(), crypto);
  expect(verdict).toMatchObject({ ok: true, home: home().identity.did, origin: log });
  expect((await findSource(node.db, log))?.halted).toMatch(/^fork: /);
  expect(node.events.some(({ event }) => event === 'forked')).toBe(true);
  // It is in the system log, as the node's own statement, file and all.
  const stated = await readObject(node.db, hashOf(found?.statement as ObjectName));
  const statement = JSON.parse(decodeUtf8((stated as { bytes: Uint8Array }).bytes));
  expect(statement).toMatchObject({
    type: 'Add',
    actor: node.identity.did,
    object: home().identity.did,
  });
  expect(statement.content).toBe(decodeUtf8(found?.file ?? new Uint8Array()));
  await node.check();
}

describe('two histories', () => {
  test('of one size are seen by both with the first message', async () => {
    await split({ one: 2, two: 2 });
    await one().follow(two(), 'coffee');
    await expectConviction(one());
    await expectConviction(two());
  });

  test('of different sizes are proven out of the tree of whoever has more', async () => {
    await split({ one: 1, two: 4 });
    await one().follow(two(), 'coffee');
    await network.pass(60_000);
    // The one has only the larger head, and looks at the tree under it.
    await expectConviction(one());
    await expectConviction(two());
  });

  test('stop the replica until the operator has decided', async () => {
    await split({ one: 2, two: 2 });
    await one().follow(two(), 'coffee');
    await home().sandbox.accept(ada, post(submolt, 'Later'));
    await network.pass(60_000);
    await one().restart();
    await network.pass(3_600_000);
    expect(await one().sizeOf(log)).toBe(6);
    expect((await evidenceOf(one())).length).toBe(1);
  });
});

describe('one history', () => {
  test('convicts nobody, however its heads travel', async () => {
    await one().follow(two(), 'coffee');
    for (let round = 0; round < 3; round++) {
      network.fault = (sent, next) =>
        sent.url.host === two().identity.authority && sent.url.pathname === '/federation/entries'
          ? Promise.resolve({ status: 503, body: '{}' })
          : next();
      await home().sandbox.accept(ada, post(submolt, `Round ${round}`));
      await two()
        .sandbox.accept(ada, post(submolt, `Round ${round} elsewhere`))
        .catch(() => undefined);
      await network.pass(20_000);
    }
    network.fault = (_, next) => next();
    await network.pass(700_000);
    for (const node of [home(), one(), two()]) {
      expect(await evidenceOf(node)).toEqual([]);
      expect((await seenBy(node, log)).length).toBe(0);
      expect((await seenBy(node, `${home().identity.authority}/log/system`)).length).toBeLessThan(
        2,
      );
    }
    expect((await findLog(two().db, log))?.size).toBe((await findLog(home().db, log))?.size);
  });

  test('is what a stranger cannot forge evidence against', async () => {
    const forged = await home().forge(log);
    const otherKey = forged
      .checkpoint(4, new Uint8Array(32).fill(7))
      .replace(/.{8}\n$/, 'AAAAAAA=\n');
    const field = writeCheckpoints([otherKey, 'nonsense', `${log}\n4\nAAAA\n`]);
    await two().federation.context.gossip.take(field, '');
    await two().federation.context.gossip.take('notes=(1 2 3)', '');
    await two().federation.context.gossip.take('\u0000', '');
    expect(await evidenceOf(two())).toEqual([]);
    expect(await seenBy(two(), log)).toEqual([]);
  });
});

describe('the field', () => {
  test('carries notes and nothing else', () => {
    const notes = ['a\n1\n', 'b\n2\n'];
    expect(readCheckpoints(writeCheckpoints(notes) ?? '')).toEqual(notes);
    expect(writeCheckpoints([])).toBeNull();
    expect(writeCheckpoints(['x'.repeat(2_000)])).toBeNull();
    expect(readCheckpoints(writeCheckpoints(Array(20).fill('n')) ?? '')).toHaveLength(8);
    expect(
      readCheckpoints(writeCheckpoints(Array(8).fill('n'.repeat(1_000))) ?? '').length,
    ).toBeLessThan(8);
  });

  test('has every note without its cosignatures: those of a whole panel would make it too long', async () => {
    const head = await findLog(two().db, log);
    const [line = ''] = (head?.checkpoint ?? '').split('\n\n')[1]?.split('\n') ?? [];
    const others = Array.from({ length: 7 }, (_, i) =>
      line
        .replace(log, `witness-${i}.an-ordinary-host.example/witness`)
        .replace(/ [^ ]+$/, ` ${'A'.repeat(104)}`),
    );
    const note = `${head?.checkpoint}${others.join('\n')}\n`;
    expect(writeCheckpoints([note])).toBeNull();
    expect(readCheckpoints(writeCheckpoints([uncosigned(note)]) ?? '')).toEqual([head?.checkpoint]);
    expect(uncosigned('no note')).toBe('no note');
  });

  test('names the own system log first, then the recipient’s logs, then others in turn', async () => {
    const { gossip } = two().federation.context;
    const shown = async (to: string | null) =>
      readCheckpoints((await gossip.show(to)) ?? '').map((note) => note.split('\n')[0]);
    const own = `${two().identity.authority}/log/system`;
    const [first, ...rest] = await shown(home().identity.authority);
    expect(first).toBe(own);
    expect(rest).toContain(log);
    expect((await shown(null))[0]).toBe(own);
    expect(await shown(one().identity.authority)).toContain(log);
  });
});

describe('the operator', () => {
  const decide = (node: FederatedNode, decision: string, id = 1) =>
    node.post(node, '/federation/evidence', { id, decision });

  /** What `two` is shown goes on, and `two` has it. */
  async function forkRunsOn(forged: ForgedLog, title: string): Promise<void> {
    await goOn(forged, title);
    two().federation.context.wantPull(log);
    await network.pass(60_000);
    expect(await two().sizeOf(log)).toBe(forged.entries.length);
  }

  const decisionsOf = async (node: FederatedNode) =>
    (await evidenceOf(node)).map(({ decision, further }) => [decision, further]);
  const ASKED_AGAIN = [null, 'keep'].map((decision) => [decision, 0]);
  const haltedAt = async (node: FederatedNode) => (await findSource(node.db, log))?.halted;

  test('goes on with the history that is here, however far the other one runs on', async () => {
    const forged = await split({ one: 2, two: 2 });
    await one().follow(two(), 'coffee');
    expect(await decide(one(), 'keep')).toMatchObject({ status: 200, log, decision: 'keep' });
    // So does the operator of the other, whose home shows that other history.
    expect(await decide(two(), 'keep')).toMatchObject({ status: 200 });
    expect(await haltedAt(two())).toBeNull();
    deafenHome();
    for (const [round, own] of [2, 0, 1, 3].entries()) {
      for (let i = 0; i < own; i++)
        await home().sandbox.accept(ada, post(submolt, `Later ${round} ${i}`));
      await forkRunsOn(forged, `Runs on ${round}`);
      await network.pass(1_200_000);
    }
    expect(await one().sizeOf(log)).toBe(6 + 6);
    for (const node of [one(), two()]) {
      expect(await haltedAt(node)).toBeNull();
      const [kept, ...more] = await evidenceOf(node);
      expect(more).toEqual([]);
      expect(kept?.further).toBeGreaterThan(1);
      // The newest is as good a proof as the first.
      const verdict = await verifyEvidence(kept?.newest ?? new Uint8Array(), crypto);
      expect(verdict).toMatchObject({ ok: true, home: home().identity.did, origin: log });
      const { further = 0 } = kept ?? {};
      await node.restart();
      await network.pass(3_600_000);
      expect((await evidenceOf(node))[0]?.further).toBeLessThan(further + 2);
      expect(await seenBy(node, log)).toEqual([]);
      await node.check();
    }
  });

  test('waits for the history that was kept while its home shows the other', async () => {
    const forged = await split({ one: 2, two: 2 });
    await one().follow(two(), 'coffee');
    await decide(one(), 'keep');
    deafenHome();
    const truth = network.fault;
    await goOn(forged, 'Runs on');
    forged.hasTree = true;
    network.fault = forged.fault;
    deafenHome();
    const push = home().post(one(), '/federation/entries', forged.push(6));
    expect(await push).toMatchObject({ code: 'log_gap' });
    await network.pass(120_000);
    expect(await one().sizeOf(log)).toBe(6);
    expect(await haltedAt(one())).toBeNull();
    expect(await decisionsOf(one())).toEqual([['keep', 1]]);
    network.fault = truth;
    await home().sandbox.accept(ada, post(submolt, 'Back again'));
    await network.pass(60_000);
    expect(await one().sizeOf(log)).toBe(7);
  });

  test('is asked again about a third history', async () => {
    await split({ one: 2, two: 2 });
    await one().follow(two(), 'coffee');
    await decide(one(), 'keep');
    const third = await home().forge(log);
    third.entries.splice(4, 2, forgeEntry({ type: 'Like' }, network.clock.now));
    third.hasTree = true;
    network.fault = third.fault;
    await one().federation.context.gossip.takeNote(third.checkpoint(), two().identity.origin);
    await network.pass(1_200_000);
    expect(await decisionsOf(one())).toEqual(ASKED_AGAIN);
    expect(await haltedAt(one())).toMatch(/^fork: /);
  });

  test('is asked again about a head that nobody can show to go on from what was decided on', async () => {
    await split({ one: 2, two: 2 });
    await one().follow(two(), 'coffee');
    await decide(one(), 'keep');
    const forged = await home().forge(log);
    const note = forged.checkpoint(6, new Uint8Array(32).fill(7));
    await one().federation.context.gossip.takeNote(note, two().identity.origin);
    await network.pass(1_200_000);
    expect(await haltedAt(one())).toBeNull();
    await network.pass(3_600_000);
    expect(await decisionsOf(one())).toEqual(ASKED_AGAIN);
    expect(await haltedAt(one())).toMatch(/^fork: /);
  });

  test('is asked once about a head, however often it is shown and however far the replica has got', async () => {
    await split({ one: 2, two: 2 });
    await one().follow(two(), 'coffee');
    const [found] = await evidenceOf(one());
    const shown = parseEvidence(found?.file ?? new Uint8Array());
    const heads = shown.ok ? shown.parts.heads : [];
    await decide(one(), 'keep');
    await home().sandbox.accept(ada, post(submolt, 'Later'));
    await network.pass(60_000);
    expect(await one().sizeOf(log)).toBe(7);
    // A restart forgets what was looked at.
    await one().restart();
    for (const note of heads) await one().federation.context.gossip.takeNote(note, '');
    expect(await evidenceOf(one())).toMatchObject([{ decision: 'keep' }]);
    expect((await findSource(one().db, log))?.halted).toBeNull();
  });

  test('finds the replica stopped whatever was under way when the evidence came', async () => {
    await split({ one: 2, two: 2 });
    const forged = await home().forge(log);
    forged.entries.splice(4, 2, forgeEntry({ type: 'Like' }, network.clock.now));
    const note = forged.checkpoint();
    const fault = network.fault;
    // While a pull of the same log waits for its answer, somebody shows another history.
    network.fault = async (sent, next) => {
      const answer = await fault(sent, next);
      const isPull =
        sent.from === one().identity.authority && sent.url.pathname.endsWith('/entries');
      if (isPull) await one().federation.context.gossip.takeNote(note, '');
      return answer;
    };
    await home().sandbox.accept(ada, post(submolt, 'Later'));
    await network.pass(60_000);
    one().federation.context.wantPull(log);
    await network.pass(60_000);
    await one().federation.context.gossip.takeNote(note, '');
    expect(await evidenceOf(one())).toMatchObject([{ decision: null }]);
    expect((await findSource(one().db, log))?.halted).toMatch(/^fork: /);
  });

  test('ends the exchange, and takes that back', async () => {
    await split({ one: 2, two: 2 });
    await one().follow(two(), 'coffee');
    const fault = network.fault;
    network.fault = (sent, next) =>
      sent.url.pathname === '/federation/submissions'
        ? Promise.resolve({ status: 503, body: '{}' })
        : fault(sent, next);
    await one().sandbox.send(await ada.sign(post(submolt, 'Waits'), network.clock.now), ada.did);
    await network.settle();
    expect(await decide(one(), 'drop')).toMatchObject({ status: 200, decision: 'drop' });
    const before = network.journal.length;
    await home().sandbox.accept(ada, post(submolt, 'Later'));
    await network.pass(3_600_000);
    expect(await one().sizeOf(log)).toBe(6);
    expect((await findSource(one().db, log))?.halted).toMatch(/^dropped: /);
    const sent = network.journal.slice(before).filter((line) => line.includes('submissions'));
    expect(sent).toEqual([]);
    await one().check();
    await decide(one(), 'keep');
    await network.pass(60_000);
    expect(await one().sizeOf(log)).toBeGreaterThan(6);
  });

  test('is told when there is no such evidence', async () => {
    expect(await decide(one(), 'keep', 7)).toMatchObject({ code: 'evidence_unknown' });
    expect(await decide(one(), 'forget')).toMatchObject({ code: 'malformed_request' });
  });
});
