// A chain of delegations that is shown with a message: who may write in whose name, and what is wrong with all others.
import { expect, test } from 'vitest';
import { delegation } from '../../test/delegations.ts';
import { Agent, crypto } from '../../test/sandbox.ts';
import type { Capability } from './capability.ts';
import { verifyMessageChain } from './delegation-chain.ts';
import type { JsonValue } from './json.ts';
import { didKeyResolver } from './object.ts';
import { nameFromHash, type ObjectName } from './object-name.ts';

const [boss, aide, temp, eve] = ['boss', 'aide', 'temp', 'eve'].map((name) => new Agent(name)) as [
  Agent,
  Agent,
  Agent,
  Agent,
];
const t = Date.parse('2026-11-20T10:00:00Z');
const context = { crypto, resolveKey: didKeyResolver };

async function link(from: Agent, to: Agent, given: Partial<Capability> = {}) {
  const draft = delegation(to.did, { allowedAction: ['message', 'post'], ...given });
  const { bytes, name } = await from.sign(draft, t);
  return { name, object: JSON.parse(new TextDecoder().decode(bytes)) as JsonValue };
}

async function verdictOn(
  links: readonly { name: ObjectName; object: JsonValue }[],
  changes: { actor?: Agent; principal?: Agent; instrument?: ObjectName; t?: number } = {},
) {
  const { actor = aide, instrument, principal = boss } = changes;
  const last = links.at(-1)?.name ?? nameFromHash(new Uint8Array(32));
  const verdict = await verifyMessageChain(
    links.map(({ object }) => object),
    {
      actor: actor.did,
      principal: principal.did,
      instrument: instrument ?? last,
      t: changes.t ?? t,
    },
    context,
  );
  return verdict.ok ? 'ok' : verdict.reason;
}

test('one link, or several, let the last delegate write', async () => {
  const first = await link(boss, aide);
  expect(await verdictOn([first])).toBe('ok');
  const second = await link(aide, temp, { parentCapability: first.name });
  expect(await verdictOn([first, second], { actor: temp })).toBe('ok');
});

test('nobody else is let, and for nobody else', async () => {
  const first = await link(boss, aide);
  expect(await verdictOn([first], { actor: eve })).toBe('not_delegate');
  expect(await verdictOn([first], { principal: eve })).toBe('not_delegate');
  expect(await verdictOn([first], { instrument: nameFromHash(new Uint8Array(32)) })).toBe(
    'delegation_unknown',
  );
});

test('what is missing, torn, or changed counts for nothing', async () => {
  const first = await link(boss, aide);
  const second = await link(aide, temp, { parentCapability: first.name });
  const acting = { actor: temp };
  expect(await verdictOn([], acting)).toBe('delegation_unknown');
  expect(await verdictOn([second], acting)).toBe('delegation_unknown');
  expect(await verdictOn([second, first], acting)).toBe('delegation_unknown');
  expect(await verdictOn([first, first, second], acting)).toBe('delegation_unknown');
  const changed = { ...first, object: { ...(first.object as object), actor: eve.did } };
  expect(await verdictOn([changed as never])).toBe('proof_actor_mismatch');
  expect(await verdictOn([{ ...first, object: 'x' }])).toBe('delegation_unknown');
  const { bytes, name } = await boss.sign({ type: 'Follow', object: aide.did }, t);
  const follow = { name, object: JSON.parse(new TextDecoder().decode(bytes)) };
  expect(await verdictOn([follow])).toBe('delegation_unknown');
});

test('no link gives more than the one above it', async () => {
  const narrow = await link(boss, aide, { allowedAction: ['post'] });
  const wide = await link(aide, temp, { parentCapability: narrow.name });
  expect(await verdictOn([narrow, wide], { actor: temp })).toBe('delegation_exceeds');
  const stolen = await link(eve, temp, { parentCapability: (await link(boss, aide)).name });
  expect(await verdictOn([await link(boss, aide), stolen], { actor: temp })).toBe(
    'delegation_exceeds',
  );
  const links = [await link(boss, aide)];
  for (const [from, to] of [
    [aide, temp],
    [temp, eve],
    [eve, boss],
  ] as const) {
    links.push(await link(from, to, { parentCapability: links.at(-1)!.name }));
  }
  expect(await verdictOn(links, { actor: boss })).toBe('delegation_exceeds');
  expect(await verdictOn(links.slice(0, 3), { actor: eve })).toBe('ok');
});

test('it is for messages, everywhere, and has an end', async () => {
  expect(await verdictOn([await link(boss, aide, { allowedAction: ['post'] })])).toBe(
    'delegation_scope',
  );
  const somewhere = [nameFromHash(new Uint8Array(32).fill(1))];
  expect(await verdictOn([await link(boss, aide, { invocationTarget: somewhere })])).toBe(
    'delegation_scope',
  );
  const ending = await link(boss, aide, { expires: '2026-11-20T10:00:01Z' });
  expect(await verdictOn([ending])).toBe('ok');
  expect(await verdictOn([ending], { t: t + 1_000 })).toBe('delegation_expired');
});
