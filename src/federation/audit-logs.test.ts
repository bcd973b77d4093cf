// The hourly audit: a log of a peer as another peer has cosigned it, found out without the two ever having spoken of it.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { group, post } from '../../test/drafts.ts';
import { forgeEntry } from '../../test/forged-log.ts';
import { FederatedNode, Network } from '../../test/network.ts';
import { Agent, crypto } from '../../test/sandbox.ts';
import { silent } from '../../test/silent.ts';
import { formatAddCheckpoint } from '../log/add-checkpoint.ts';
import { verifyEvidence } from '../log/evidence.ts';
import { utf8 } from '../protocol/bytes.ts';
import type { ObjectName } from '../protocol/object-name.ts';
import { readEvidence, selectAllEvidence } from '../store/evidence.ts';

const HOUR = 3_600_000;
const ada = new Agent('ada');
let network: Network;
let a: FederatedNode;
let b: FederatedNode;
let c: FederatedNode;
let log: string;
let tea: ObjectName;

beforeEach(async () => {
  network = new Network();
  network.fault = silent;
  a = await FederatedNode.open(network, 'a');
  b = await FederatedNode.open(network, 'b');
  c = await FederatedNode.open(network, 'c');
  tea = await a.sandbox.accept(ada, group('tea', a.identity.did));
  for (let i = 0; i < 4; i++) await a.sandbox.accept(ada, post(tea, `Post ${i}`));
  log = await b.follow(a, 'tea');
  await b.sandbox.accept(ada, group('bay', b.identity.did));
  await c.follow(a, 'tea');
  await c.follow(b, 'bay');
});
afterEach(() => network.close());

const audits = () => network.journal.filter((line) => line.startsWith('GET /witness/'));

async function evidenceOf({ db }: FederatedNode) {
  const [rows = []] = await db.batch('read', [selectAllEvidence(10)]);
  return rows.map(readEvidence);
}

/** Has `c` cosign a head of `size` entries, whose last one `a` has shown nobody else if it is `forged`. */
async function cosignAtC(size: number, forged: boolean): Promise<void> {
  const shown = await a.forge(log);
  shown.entries.length = size;
  if (forged) shown.entries[size - 1] = forgeEntry({ type: 'Like' }, network.clock.now);
  const body = formatAddCheckpoint({ oldSize: 0, proof: [], note: shown.checkpoint() });
  expect(await c.witness.addCheckpoint(utf8(body))).toMatchObject({ kind: 'cosigned' });
}

async function untilEvidence(node: FederatedNode, hours: number): Promise<number> {
  for (let hour = 1; hour <= hours; hour++) {
    await network.pass(HOUR);
    if ((await evidenceOf(node)).length > 0) return hour;
  }
  return 0;
}

describe('an audit', () => {
  test('finds the history that only another node was shown', async () => {
    await cosignAtC(4, true);
    expect(await untilEvidence(b, 48)).toBeGreaterThan(0);
    const [found] = await evidenceOf(b);
    expect(found).toMatchObject({ origin: log, peer: a.identity.did });
    const verdict = await verifyEvidence(found?.file ?? new Uint8Array(), crypto);
    expect(verdict).toMatchObject({ ok: true, heads: [{ size: 4 }, { size: 5 }] });
    await b.check();
  });

  test('of an honest home finds nothing, and asks little', async () => {
    await cosignAtC(4, false);
    const before = audits().length;
    for (let hour = 0; hour < 12; hour++) await network.pass(HOUR);
    const asked = audits().slice(before);
    // Three nodes, twelve hours, at most three questions each time.
    expect(asked.length).toBeGreaterThan(12);
    expect(asked.length).toBeLessThanOrEqual(3 * 12 * 3);
    expect(asked.some((line) => line.endsWith('200'))).toBe(true);
    for (const node of [a, b, c]) expect(await evidenceOf(node)).toEqual([]);
  });

  test('comes once an hour, not at once after a start, however often the node wakes', async () => {
    const before = audits().length;
    for (let i = 0; i < 50; i++) await network.pass(1_000);
    await b.restart();
    await network.pass(1_000);
    expect(audits().length - before).toBeLessThanOrEqual(3);
    await network.pass(HOUR);
    const mark = audits().length;
    for (let i = 0; i < 50; i++) await network.pass(1_000);
    expect(audits().length - mark).toBeLessThanOrEqual(3);
  });

  test.each([
    ['fails', { status: 500, body: '' }],
    ['has seen none', { status: 404, body: '{}' }],
    ['says something else', { status: 200, body: 'nonsense' }],
    ['says too much', { status: 200, body: 'x'.repeat(40_000) }],
  ])('is quiet when the other node %s', async (_, answer) => {
    network.fault = async (sent, next) =>
      sent.url.pathname.startsWith('/witness/') ? answer : silent(sent, next);
    const told = b.events.length;
    for (let hour = 0; hour < 3; hour++) await network.pass(HOUR);
    expect(b.events.slice(told)).toEqual([]);
    expect(audits().length).toBeGreaterThan(0);
    expect(await evidenceOf(b)).toEqual([]);
  });
});
