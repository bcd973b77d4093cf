// What a node states of its logs can be proven to who trusts nobody, and nothing else can.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { group, post } from '../../test/drafts.ts';
import { Agent, crypto, Sandbox } from '../../test/sandbox.ts';
import { proveStatedHead } from '../commands/prove-head.ts';
import { formatStatedHead, verifyStatedHead } from '../log/head-proof.ts';
import { toBase64 } from '../protocol/bytes.ts';
import type { JsonObject } from '../protocol/json.ts';
import { didKeyResolver } from '../protocol/object.ts';
import { idOf, type ObjectName } from '../protocol/object-name.ts';
import { findLog } from '../store/queries/logs.ts';
import type { FederationContext } from './context.ts';
import { stateHeads } from './state-heads.ts';

let node: Sandbox;
let tea: ObjectName;
const ada = new Agent('ada');
const verifier = { crypto, resolveKey: didKeyResolver };

beforeEach(async () => {
  node = await Sandbox.open('a');
  tea = await node.accept(ada, group('tea', node.context.node.did));
  await node.accept(ada, group('bay', node.context.node.did));
});
afterEach(() => node.close());

const state = () =>
  stateHeads({ ...node.context, sequencer: node.sequencer } as unknown as FederationContext);
const origin = () => `a.test/log/${idOf(tea)}`;
const proof = async () => {
  const stated = await proveStatedHead(node.context, origin());
  return stated && formatStatedHead(stated);
};

test('the head of a log is proven as it was when the heads were stated', async () => {
  expect(await proof()).toBeNull();
  await node.accept(ada, post(tea, 'One'));
  await state();
  const first = (await proof()) as JsonObject;
  const log = await findLog(node.db, origin());
  const verdict = await verifyStatedHead(first, verifier);
  expect(verdict).toMatchObject({
    ok: true,
    node: node.context.node.did,
    t: node.clock.now,
    origin: 'a.test/log/system',
    head: { origin: origin(), size: 2, root: Uint8Array.from(log?.root ?? []) },
  });
  await node.accept(ada, post(tea, 'Two'));
  expect(await proof()).toEqual({ ...first, proof: (await proof())?.proof });
  await state();
  expect(await verifyStatedHead((await proof()) as JsonObject, verifier)).toMatchObject({
    head: { size: 3 },
  });
});

test('nothing is stated when nothing has changed', async () => {
  await state();
  const size = (await findLog(node.db, 'a.test/log/system'))?.size;
  await state();
  expect((await findLog(node.db, 'a.test/log/system'))?.size).toBe(size);
});

test('a log of another node, and the system log, have no such head', async () => {
  await state();
  for (const other of ['b.test/log/system', 'a.test/log/system']) {
    expect(await proveStatedHead(node.context, other)).toBeNull();
  }
});

test('heads that were stated but not written down beside the log are stated again', async () => {
  await state();
  await node.db.batch('write', [{ sql: 'DELETE FROM heads', args: [] }]);
  expect(await proof()).toBeNull();
  node.clock.now += 10_000;
  await state();
  expect(await verifyStatedHead((await proof()) as JsonObject, verifier)).toMatchObject({
    ok: true,
  });
});

test('only the node states its heads', async () => {
  const object = { type: 'Document', mediaType: 'text/plain', content: 'a.test/heads\n1\n' };
  const outcome = await node.submit(ada, { type: 'Update', object });
  expect(outcome).toMatchObject({ kind: 'refused', code: 'not_this_node' });
});

test.each<[string, (proof: JsonObject) => JsonObject, string]>([
  ['another head', (p) => ({ ...p, head: String(p.head).replace('\n1\n', '\n2\n') }), 'not_stated'],
  ['no head', (p) => ({ ...p, head: 'x' }), 'malformed_proof'],
  ['another place', (p) => ({ ...p, index: 1 - Number(p.index) }), 'not_stated'],
  [
    'a proof that is longer',
    (p) => ({ ...p, hashes: [toBase64(new Uint8Array(32))] }),
    'not_stated',
  ],
  ['hashes that are none', (p) => ({ ...p, hashes: ['AA=='] }), 'malformed_proof'],
  ['no entry', (p) => ({ ...p, entry: {} }), 'malformed_proof'],
  [
    'another salt',
    (p) => ({ ...p, entry: { ...(p.entry as JsonObject), s: 'AAAAAAAAAAAAAAAAAAAAAA' } }),
    'commitment_mismatch',
  ],
  [
    'a salt that is none',
    (p) => ({ ...p, entry: { ...(p.entry as JsonObject), s: 'AA' } }),
    'malformed_proof',
  ],
  [
    'another line',
    (p) => {
      const entry = p.entry as JsonObject;
      return { ...p, entry: { ...entry, line: String(entry.line).replace('Update', 'Add') } };
    },
    'not_included',
  ],
  ['a member that means nothing', (p) => ({ ...p, more: 1 }), 'malformed_proof'],
  [
    'a member that means nothing in the entry',
    (p) => ({ ...p, entry: { ...(p.entry as JsonObject), more: 1 } }),
    'malformed_proof',
  ],
  ['a line that the leaf has not', (p) => ({ ...p, head: `${p.head}more\n` }), 'malformed_proof'],
  ['no proof file', (p) => ({ ...p, proof: '' }), 'malformed_proof'],
  [
    'a log that is no system log',
    (p) => ({ ...p, proof: String(p.proof).replace('/log/system\n', '/log/other\n') }),
    'not_stated',
  ],
])('%s is refused', async (_, change, reason) => {
  await state();
  const verdict = await verifyStatedHead(change((await proof()) as JsonObject), verifier);
  expect(verdict).toMatchObject({ ok: false, reason });
});

test('an act of somebody else in the system log states no heads', async () => {
  await state();
  const honest = (await proof()) as JsonObject;
  const content = String(((honest.entry as JsonObject).o as { object: JsonObject }).object.content);
  const forged = await ada.sign(
    { type: 'Update', object: { type: 'Document', mediaType: 'text/plain', content } },
    node.clock.now,
  );
  const o = JSON.parse(new TextDecoder().decode(forged.bytes));
  const entry = { ...(honest.entry as JsonObject), o };
  const verdict = await verifyStatedHead({ ...honest, entry }, verifier);
  expect(verdict).toMatchObject({ ok: false, reason: 'commitment_mismatch' });
});
