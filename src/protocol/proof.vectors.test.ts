// eddsa-jcs-2022 against the vectors of the W3C Recommendation and of FEP-8b32, byte for byte.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { vectorPath } from '../../test/vectors.ts';
import { createNodeCrypto } from '../crypto/node.ts';
import { fromBase58btc } from './base58.ts';
import { decodeUtf8, toHex } from './bytes.ts';
import { canonicalize } from './jcs.ts';
import type { JsonObject } from './json.ts';
import { ed25519FromMultibase } from './multikey.ts';
import { createProof, decodeProofValue, hashData, verifyProof } from './proof.ts';

const crypto = createNodeCrypto();

function read(...parts: string[]): string {
  return readFileSync(vectorPath('data-integrity', ...parts), 'utf8');
}

/** Multikey secret: z, then 0x8026 and the 32-byte seed. */
function seedOf(secretKeyMultibase: string): Uint8Array {
  return fromBase58btc(secretKeyMultibase.slice(1))!.slice(2);
}

/** The parts of a secured document, as the suite takes them apart. */
function parts(secured: JsonObject) {
  const { proof, ...document } = secured;
  const { proofValue, ...config } = proof as JsonObject;
  const { verificationMethod, created } = config as Record<string, string>;
  const options = { verificationMethod: verificationMethod!, created: created! };
  return { document, config, proofValue, options };
}

describe('W3C vc-di-eddsa, eddsa-jcs-2022', () => {
  const file = (name: string) => read('vc-di-eddsa', 'eddsa-jcs-2022', name);
  const secured: JsonObject = JSON.parse(file('signedJCS.json'));
  const keys = JSON.parse(read('vc-di-eddsa', 'keyPair.json'));
  const publicKey = ed25519FromMultibase(keys.publicKeyMultibase)!;
  const { document, config, options } = parts(secured);

  test('the proof verifies', async () => {
    expect(await verifyProof(secured, publicKey, crypto)).toEqual({ ok: true, document });
  });

  test('canonical forms and hashes are the published ones, the proof’s first', () => {
    expect(decodeUtf8(canonicalize(document))).toBe(file('canonDocJCS.txt'));
    expect(decodeUtf8(canonicalize(config))).toBe(file('proofCanonJCS.txt'));
    expect(toHex(crypto.sha256(canonicalize(config)))).toBe(file('proofHashJCS.txt'));
    expect(toHex(crypto.sha256(canonicalize(document)))).toBe(file('docHashJCS.txt'));
    expect(toHex(hashData(document, config, crypto))).toBe(file('combinedHashJCS.txt'));
  });

  test('signing again gives the same bytes', () => {
    const seed = seedOf(keys.privateKeyMultibase);
    const signed = createProof(document, options, seed, crypto);
    expect(signed).toEqual(secured);
    const { proofValue } = parts(signed);
    expect(proofValue).toBe(file('sigBTC58JCS.txt'));
    expect(toHex(decodeProofValue(proofValue)!)).toBe(file('sigHexJCS.txt'));
  });

  test('the document with one word changed is refused', async () => {
    const changed = { ...secured, name: 'Alumnus Credential' };
    const verdict = await verifyProof(changed, publicKey, crypto);
    expect(verdict).toMatchObject({ ok: false, reason: 'proof_invalid' });
  });

  test('proofs of the RDF suite and proof sets are refused, not misread', async () => {
    const rdf = JSON.parse(read('vc-di-eddsa', 'eddsa-rdfc-2022', 'signedDataInt.json'));
    const set = JSON.parse(read('vc-di-eddsa', 'proof-set-chain', 'signedProofSet2.json'));
    for (const other of [rdf, set]) {
      const verdict = await verifyProof(other, publicKey, crypto);
      expect(verdict).toMatchObject({ ok: false, reason: 'proof_malformed' });
    }
  });
});

describe('FEP-8b32', () => {
  const values = JSON.parse(read('fep-8b32-intermediate.json'));
  const feature = read('fep-8b32.feature');
  const secured: JsonObject = JSON.parse(
    feature.split('The signed document is\n            """')[1]!.split('"""')[0]!,
  );
  const { document, config, proofValue, options } = parts(secured);

  test('the proof verifies', async () => {
    const publicKey = ed25519FromMultibase(values.publicKeyMultibase)!;
    expect(await verifyProof(secured, publicKey, crypto)).toEqual({ ok: true, document });
  });

  test('canonical forms and the combined hash are the published ones', () => {
    expect(decodeUtf8(canonicalize(document))).toBe(values.canonicalDocument);
    expect(decodeUtf8(canonicalize(config))).toBe(values.canonicalProofConfig);
    expect(toHex(hashData(document, config, crypto))).toBe(values.combinedHashHex);
    expect(proofValue).toBe(values.proofValue);
  });

  test('signing again gives the same bytes', () => {
    const seed = seedOf(values.secretKeyMultibase);
    expect(createProof(document, options, seed, crypto)).toEqual(secured);
  });
});

describe('FEP-c390', () => {
  test('an identity proof without context verifies', async () => {
    const feature = read('fep-c390.feature');
    const secured = JSON.parse(
      feature.split('the identity proof is\n            """')[1]!.split('"""')[0]!,
    );
    const publicKey = ed25519FromMultibase(secured.subject.slice('did:key:'.length))!;
    expect(await verifyProof(secured, publicKey, crypto)).toMatchObject({ ok: true });
  });
});
