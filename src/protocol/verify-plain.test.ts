// An object that was verified by the short way is the one that the long way gives; what is wrong is left to the long way.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { activityDraft } from '../../test/activities.ts';
import { createNodeCrypto } from '../crypto/node.ts';
import { type Did, didKeyOf } from './did.ts';
import { didKeyResolver, type KeyResolver, signObject, verifyObjectBytes } from './object.ts';
import { nameFromHash } from './object-name.ts';
import { createPlainVerifier } from './verify-plain.ts';

const crypto = createNodeCrypto();
const seed = new Uint8Array(32).fill(1);
const alice = { seed, did: didKeyOf(crypto.publicKeyOf(seed)), created: '2026-11-20T10:00:00Z' };
const verifyPlain = createPlainVerifier(crypto);
const like = {
  type: 'Like',
  audience: nameFromHash(new Uint8Array(32).fill(1)),
  object: nameFromHash(new Uint8Array(32).fill(2)),
} as const;
const { bytes } = signObject(like, alice, crypto);

test('every act gives the same object, or none', async () => {
  let plain = 0;
  await fc.assert(
    fc.asyncProperty(activityDraft([alice.did]), async (draft) => {
      const signed = signObject(draft, alice, crypto).bytes;
      const found = await verifyPlain(signed, didKeyResolver);
      if (found === null) return;
      plain += 1;
      const context = { crypto, resolveKey: didKeyResolver };
      expect({ ok: true, object: found }).toEqual(await verifyObjectBytes(signed, context));
    }),
    { numRuns: 300 },
  );
  expect(plain).toBeGreaterThan(10);
});

test('no byte of it can change', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(), fc.integer({ min: 1, max: 255 }), async (n, flip) => {
      const at = n % bytes.length;
      const changed = bytes.with(at, (bytes[at] as number) ^ flip);
      expect(await verifyPlain(changed, didKeyResolver)).toBeNull();
    }),
    { numRuns: 1000 },
  );
});

test('a did:key is its own key', async () => {
  const never: KeyResolver = () => Promise.reject(new Error('not asked'));
  expect(await verifyPlain(bytes, never)).toMatchObject({
    keyId: expect.stringContaining('#z6Mk'),
  });
});

test('the key of another is asked for, and what it is not found for is left to the long way', async () => {
  const did = 'did:web:agents.example.com' as Did;
  const web = { ...alice, did, verificationMethod: `${did}#key-1` };
  const { bytes } = signObject(like, web, crypto);
  const publicKey = crypto.publicKeyOf(seed);
  expect(await verifyPlain(bytes, async () => ({ ok: true, publicKey }))).toMatchObject({
    publicKey,
  });
  const unknown: KeyResolver = async () => ({
    ...{ ok: false, reason: 'key_unresolvable', detail: 'not now', retryable: true },
  });
  expect(await verifyPlain(bytes, unknown)).toBeNull();
  const other: KeyResolver = async () => ({
    ok: true,
    publicKey: crypto.publicKeyOf(bytes.slice(0, 32)),
  });
  expect(await verifyPlain(bytes, other)).toBeNull();
});
