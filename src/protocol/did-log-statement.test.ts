// Statements of DID logs: whose keys they give, and what else may be signed with them.
import { describe, expect, test } from 'vitest';
import { RotatingAgent } from '../../test/rotating-agent.ts';
import { crypto } from '../../test/sandbox.ts';
import {
  createStatedKeys,
  type DidLogState,
  didLogStatement,
  isDidLogStatement,
  keysOfDidLog,
  stateOf,
} from './did-log-statement.ts';
import { OWNERS } from './labels.ts';
import { didKeyResolver, signObject, verifyObject } from './object.ts';

const NOW = Date.UTC(2026, 10, 20, 10);
const CREATED = '2026-11-20T10:00:00Z';
const note = { type: 'Follow', object: 'did:web:agents.example' } as const;

const agent = () => new RotatingAgent('ada', 'node.example', NOW);
const verify = (object: object, known: DidLogState | null = null) =>
  verifyObject(object as never, {
    crypto,
    resolveKey: createStatedKeys(() => known, crypto, didKeyResolver),
  });

describe('a statement', () => {
  test('needs nothing but itself', async () => {
    const ada = agent();
    const verdict = await verify(ada.statement(NOW).object);
    expect(verdict).toMatchObject({ ok: true, object: { keyId: ada.keyId } });
    const { activity } = (verdict as Extract<typeof verdict, { ok: true }>).object;
    expect(isDidLogStatement(activity)).toBe(true);
    expect(isDidLogStatement({ ...activity, target: OWNERS } as never)).toBe(false);
  });

  test('is signed with a key of its last version, not of an earlier one', async () => {
    const ada = agent();
    const { thief } = ada;
    ada.rotate(NOW);
    const { object } = signObject(
      didLogStatement(ada.text),
      { did: thief.did, seed: thief.seed, verificationMethod: thief.keyId, created: CREATED },
      crypto,
    );
    expect(await verify(object)).toMatchObject({ ok: false, reason: 'key_not_found' });
  });

  test('does not count with a log that does not verify', async () => {
    const ada = agent();
    const text = ada.text.replace('"portable":true', '"portable":false');
    const { object } = ada.make({ ...didLogStatement(ada.text), content: text }, NOW);
    expect(await verify(object)).toMatchObject({ ok: false, reason: 'did_log_invalid' });
  });

  test("does not count with somebody else's log", async () => {
    const [ada, bob] = [agent(), new RotatingAgent('bob', 'node.example', NOW)];
    const { object } = ada.make({ ...didLogStatement(bob.text), object: ada.did }, NOW);
    expect(await verify(object)).toMatchObject({ ok: false, reason: 'did_mismatch' });
  });

  test('may be the last one', async () => {
    const ada = agent().rotate(NOW, { deactivate: true });
    expect(await verify(ada.statement(NOW).object)).toMatchObject({ ok: true });
  });
});

describe('another act of the agent', () => {
  test('counts under the keys that are stated', async () => {
    const ada = agent();
    const { object } = ada.make(note, NOW);
    expect(await verify(object, stateOf(ada.log))).toMatchObject({ ok: true });
    expect(await verify(object)).toMatchObject({ reason: 'identity_unknown', retryable: false });
  });

  test('does not count under a key that was rotated away', async () => {
    const ada = agent();
    const { object } = ada.make(note, NOW);
    ada.rotate(NOW);
    expect(await verify(object, stateOf(ada.log))).toMatchObject({ reason: 'key_not_found' });
  });

  test('does not count under a name that was left, or after the end', async () => {
    const ada = agent();
    const { object } = ada.make(note, NOW);
    ada.rotate(NOW, { host: 'other.example' });
    const moved = await verify(object, stateOf(ada.log));
    expect(moved).toMatchObject({ reason: 'identity_moved' });
    expect(moved).toHaveProperty('detail', expect.stringContaining(ada.did));
    ada.rotate(NOW, { deactivate: true });
    const last = ada.make(note, NOW).object;
    expect(await verify(last, stateOf(ada.log))).toMatchObject({
      reason: 'identity_deactivated',
    });
  });
});

test('requests and objects have keys of their own', () => {
  const ada = agent();
  expect(keysOfDidLog(ada.log, 'authentication')).toHaveLength(2);
  expect(stateOf(ada.log).keys.map(({ id }) => id)).toContain(ada.keyId);
});
