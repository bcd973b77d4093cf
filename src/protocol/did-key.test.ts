// did:key: one DID per key and one key per DID, as an independent resolver sees it too.

import { Resolver } from 'did-resolver';
import fc from 'fast-check';
import { getResolver } from 'key-did-resolver';
import { describe, expect, test } from 'vitest';
import invalid from '../../spec/vectors/did-key/invalid.json' with { type: 'json' };
import valid from '../../spec/vectors/did-key/valid.json' with { type: 'json' };
import { createNodeCrypto } from '../crypto/node.ts';
import { fromBase58btc } from './base58.ts';
import { toHex } from './bytes.ts';
import { type Did, didKeyOf, didMethod, didWebToUrl, parseDid, publicKeyOfDidKey } from './did.ts';
import { ProtocolError } from './error.ts';
import { ed25519FromMultibase, ed25519ToMultibase } from './multikey.ts';

const crypto = createNodeCrypto();

describe('published vectors', () => {
  test.each(valid.cases)('$comment', ({ did, publicKey, keyAccepted }) => {
    const parsed = parseDid(did) as Did;
    const key = publicKeyOfDidKey(parsed) as Uint8Array;
    expect(parsed).toBe(did);
    expect(toHex(key)).toBe(publicKey);
    expect(didKeyOf(key)).toBe(did);
    expect(didMethod(parsed)).toBe('key');
    expect(didWebToUrl(parsed)).toBeNull();
    expect(crypto.acceptsKey(key)).toBe(keyAccepted);
  });

  test.each(invalid.cases)('refused: $comment', ({ did }) => {
    expect(parseDid(did)).toBeNull();
  });
});

test('any 32 bytes have one Multikey, and it reads back', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (key) => {
      const multibase = ed25519ToMultibase(key);
      expect(multibase).toMatch(/^z6Mk[1-9A-HJ-NP-Za-km-z]{44}$/);
      expect(ed25519FromMultibase(multibase)).toEqual(key);
      expect(parseDid(didKeyOf(key))).toBe(`did:key:${multibase}`);
    }),
  );
});

test('whatever parses is spelled as its key is', () => {
  const base = valid.cases[0]?.did as string;
  const edits = fc.tuple(
    fc.nat({ max: base.length }),
    fc.constantFrom('', '1', 'z', 'K', '%', ':', '#', '0', ' '),
    fc.nat({ max: 1 }),
  );
  fc.assert(
    fc.property(edits, ([at, edit, removed]) => {
      const did = parseDid(base.slice(0, at) + edit + base.slice(at + removed));
      const key = did && publicKeyOfDidKey(did);
      expect(key && didKeyOf(key)).toBe(did);
    }),
    { numRuns: 1000 },
  );
});

test.each([0, 31, 33])('%i bytes are no key', (length) => {
  expect(() => didKeyOf(new Uint8Array(length))).toThrow(ProtocolError);
});

test('key-did-resolver finds the same key in a did:key', async () => {
  const resolver = new Resolver(getResolver());
  const seeds = fc.uint8Array({ minLength: 32, maxLength: 32 });
  await fc.assert(
    fc.asyncProperty(seeds, async (seed) => {
      const publicKey = crypto.publicKeyOf(seed);
      const { didDocument } = await resolver.resolve(didKeyOf(publicKey));
      const [method] = didDocument?.verificationMethod ?? [];
      expect(fromBase58btc(method?.publicKeyBase58 as string)).toEqual(publicKey);
    }),
    { numRuns: 50 },
  );
});
