// Digital Bazaar's verifier, which shares no code with ours, accepts what we sign and refuses what was changed.
import { DataIntegrityProof } from '@digitalbazaar/data-integrity';
import { driver } from '@digitalbazaar/did-method-key';
import * as Ed25519Multikey from '@digitalbazaar/ed25519-multikey';
import { createVerifyCryptosuite } from '@digitalbazaar/eddsa-jcs-2022-cryptosuite';
import jsigs from 'jsonld-signatures';
import { describe, expect, test } from 'vitest';
import signing from '../../spec/vectors/objects/signing.json' with { type: 'json' };
import { readContextFiles } from '../../src/context-files.ts';
import { decodeUtf8 } from '../../src/protocol/bytes.ts';
import type { JsonObject } from '../../src/protocol/json.ts';

const contexts = new Map(
  (await readContextFiles()).map(({ iri, bytes }) => [iri, JSON.parse(decodeUtf8(bytes))]),
);
const didKey = driver();
didKey.use({ multibaseMultikeyHeader: 'z6Mk', fromMultibase: Ed25519Multikey.from });

async function documentLoader(url: string) {
  const document = url.startsWith('did:key:') ? await didKey.get({ url }) : contexts.get(url);
  if (document === undefined) throw new Error(`nothing is fetched, not ${url} either`);
  return { contextUrl: null, documentUrl: url, document };
}

async function verified(object: JsonObject): Promise<boolean> {
  const controller = await didKey.get({ did: String(object.actor) });
  const purpose = new jsigs.purposes.AssertionProofPurpose({ controller });
  const suite = new DataIntegrityProof({ cryptosuite: createVerifyCryptosuite() });
  const result = await jsigs.verify(structuredClone(object), { suite, purpose, documentLoader });
  return result.verified;
}

describe('eddsa-jcs-2022-cryptosuite of Digital Bazaar', () => {
  const objects = signing.cases.map(({ comment, expected }) => ({
    comment,
    object: JSON.parse(expected.canonical) as JsonObject,
  }));

  test('there is something to verify', () => {
    expect(objects.length).toBeGreaterThan(20);
  });

  test.each(objects)('accepts: $comment', async ({ object }) => {
    expect(await verified(object)).toBe(true);
  });

  test.each(objects)('refuses with another time: $comment', async ({ object }) => {
    expect(await verified({ ...object, published: '2030-01-01T00:00:00Z' })).toBe(false);
  });
});
