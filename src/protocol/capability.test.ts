// Capabilities: one spelling each, links that only narrow, acts only within their scope.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createNodeCrypto } from '../crypto/node.ts';
import type { Activity } from './activity.ts';
import {
  actionOf,
  CAPABILITY_ACTIONS,
  type Capability,
  type DelegationLink,
  expiryOf,
  findAttenuationFault,
  findInvocationFault,
  readCapability,
  writeCapability,
} from './capability.ts';
import { didKeyOf } from './did.ts';
import { LOCKED, MODERATORS } from './labels.ts';
import { nameFromHash, type ObjectName } from './object-name.ts';

const crypto = createNodeCrypto();
const agent = (seed: number) => didKeyOf(crypto.publicKeyOf(new Uint8Array(32).fill(seed)));
const name = (byte: number) => nameFromHash(new Uint8Array(32).fill(byte));
const [OWNER, AGENT, SUB] = [agent(1), agent(2), agent(3)];
const [TEA, MOSS] = [name(1), name(2)].toSorted() as [ObjectName, ObjectName];

const capability: Capability = {
  allowedAction: ['moderate', 'post'],
  controller: AGENT,
  expires: '2026-12-01T00:00:00Z',
  invocationTarget: [TEA, MOSS],
  parentCapability: null,
};
const link: DelegationLink = { delegator: OWNER, delegate: AGENT, depth: 1, capability };

describe('reading', () => {
  test('gives back what was written', () => {
    for (const value of [
      capability,
      { ...capability, invocationTarget: '*' as const, parentCapability: MOSS },
    ]) {
      expect(readCapability(writeCapability(value))).toEqual({ ok: true, capability: value });
    }
  });

  test.each<[string, object, string]>([
    ['no actions', { allowedAction: [] }, 'allowedAction'],
    ['an unknown action', { allowedAction: ['sing'] }, 'allowedAction.0'],
    ['actions out of order', { allowedAction: ['post', 'moderate'] }, 'allowedAction'],
    ['an action twice', { allowedAction: ['post', 'post'] }, 'allowedAction'],
    ['no submolts', { invocationTarget: [] }, 'invocationTarget'],
    ['submolts out of order', { invocationTarget: [MOSS, TEA] }, 'invocationTarget'],
    ['a pattern of submolts', { invocationTarget: 'tea*' }, 'invocationTarget'],
    ['no expiry', { expires: null }, 'expires'],
    ['an expiry with a fraction', { expires: '2026-12-01T00:00:00.000Z' }, 'expires'],
    ['a controller that is no DID', { controller: 'https://evil.example' }, 'controller'],
    ['a parent that is no name', { parentCapability: 'urn:zcap:root' }, 'parentCapability'],
    ['a member that is not known', { caveat: [] }, 'caveat'],
  ])('refuses %s', (_, change, path) => {
    const text = writeCapability({ ...capability, ...change });
    expect(readCapability(text)).toMatchObject({
      ok: false,
      detail: expect.stringContaining(path),
    });
  });

  test('refuses a second spelling, and what is not JSON', () => {
    expect(readCapability(JSON.stringify(capability, null, 1)).ok).toBe(false);
    expect(readCapability('{').ok).toBe(false);
    expect(readCapability('[]').ok).toBe(false);
  });
});

describe('a further link', () => {
  const child = (change: Partial<Capability> = {}) => ({
    delegator: AGENT,
    capability: { ...capability, controller: SUB, parentCapability: name(9), ...change },
  });

  test('may give the same or less', () => {
    expect(findAttenuationFault(child(), link)).toBeNull();
    expect(
      findAttenuationFault(
        child({
          allowedAction: ['post'],
          invocationTarget: [MOSS],
          expires: '2026-11-21T00:00:00Z',
        }),
        link,
      ),
    ).toBeNull();
    const everywhere = { ...link, capability: { ...capability, invocationTarget: '*' as const } };
    expect(findAttenuationFault(child(), everywhere)).toBeNull();
    expect(findAttenuationFault(child({ invocationTarget: '*' }), everywhere)).toBeNull();
  });

  test.each<[string, Partial<Capability>]>([
    ['allowedAction', { allowedAction: ['post', 'vote'] }],
    ['invocationTarget', { invocationTarget: '*' }],
    ['invocationTarget', { invocationTarget: [name(7)] }],
    ['expires', { expires: '2026-12-01T00:00:01Z' }],
  ])('never widens %s', (fault, change) => {
    expect(findAttenuationFault(child(change), link)).toBe(fault);
  });

  test('is made by the delegate of the one before, and the third is the last', () => {
    expect(findAttenuationFault({ ...child(), delegator: SUB }, link)).toBe('delegator');
    expect(findAttenuationFault(child(), { ...link, depth: 2 })).toBeNull();
    expect(findAttenuationFault(child(), { ...link, depth: 3 })).toBe('depth');
  });

  test('a chain never gives what its first link does not', () => {
    const submolts = [name(1), name(2), name(3)].toSorted();
    const capabilities = fc.record({
      allowedAction: fc.subarray([...CAPABILITY_ACTIONS], { minLength: 1 }),
      controller: fc.constant(AGENT),
      expires: fc.constantFrom('2026-12-01T00:00:00Z', '2026-12-02T00:00:00Z'),
      invocationTarget: fc.oneof(
        fc.constant('*' as const),
        fc.subarray(submolts, { minLength: 1 }),
      ),
      parentCapability: fc.constant(null),
    });
    fc.assert(
      fc.property(fc.tuple(capabilities, capabilities, capabilities), (chain) => {
        const given: readonly Capability[] = chain as readonly Capability[];
        const links = given.map((one, i) => ({
          delegator: AGENT,
          delegate: AGENT,
          depth: i + 1,
          capability: one,
        }));
        const [first, second, third] = links as [DelegationLink, DelegationLink, DelegationLink];
        fc.pre(findAttenuationFault(second, first) === null);
        fc.pre(findAttenuationFault(third, second) === null);
        for (const action of CAPABILITY_ACTIONS) {
          for (const submolt of submolts) {
            const act = { actor: AGENT, action, submolt, t: Date.parse('2026-12-01T12:00:00Z') };
            const allowed = findInvocationFault(third, act) === null;
            expect(!allowed || findInvocationFault(first, act) === null).toBe(true);
          }
        }
      }),
    );
  });
});

describe('an act under a link', () => {
  const act = { actor: AGENT, action: 'post' as const, submolt: TEA, t: 0 };

  test('is done by the delegate, within actions, submolts and time', () => {
    expect(findInvocationFault(link, act)).toBeNull();
    expect(findInvocationFault(link, { ...act, actor: SUB })).toBe('delegate');
    expect(findInvocationFault(link, { ...act, action: 'vote' })).toBe('action');
    expect(findInvocationFault(link, { ...act, action: null })).toBe('action');
    expect(findInvocationFault(link, { ...act, submolt: name(7) })).toBe('submolt');
    const until = expiryOf(capability);
    expect(findInvocationFault(link, { ...act, t: until - 1 })).toBeNull();
    expect(findInvocationFault(link, { ...act, t: until })).toBe('expired');
  });

  test.each<[string, object, string | null]>([
    ['a post', { type: 'Create', object: { type: 'Article' } }, 'post'],
    ['a comment', { type: 'Create', object: { type: 'Note' } }, 'post'],
    ['an edit', { type: 'Update', object: { type: 'Note' } }, 'post'],
    ['a deletion', { type: 'Delete' }, 'post'],
    ['a report', { type: 'Flag' }, 'post'],
    ['a vote', { type: 'Dislike' }, 'vote'],
    ['a lock', { type: 'Add', target: LOCKED }, 'moderate'],
    ['a removal', { type: 'Remove', origin: TEA }, 'moderate'],
    ['a ban', { type: 'Block' }, 'moderate'],
    ['naming a moderator', { type: 'Add', target: MODERATORS }, null],
    ['dismissing a moderator', { type: 'Remove', target: MODERATORS }, null],
    ['founding a submolt', { type: 'Create', object: { type: 'Group' } }, null],
    ['describing a submolt', { type: 'Update', object: { type: 'Group' } }, null],
    ['moving a submolt', { type: 'Move' }, null],
    ['subscribing', { type: 'Follow' }, null],
  ])('%s', (_, activity, action) => {
    expect(actionOf(activity as Activity)).toBe(action);
  });

  test('taking back is what was done', () => {
    const undo = { type: 'Undo' } as Activity;
    expect(actionOf(undo, 'Like')).toBe('vote');
    expect(actionOf(undo, 'Block')).toBe('moderate');
    expect(actionOf(undo, 'Follow')).toBeNull();
    expect(actionOf(undo)).toBeNull();
  });
});
