// Our DID documents against documents made by others.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { vectorPath } from '../../test/vectors.ts';
import { createNodeCrypto } from '../crypto/node.ts';
import { fromBase58btc } from './base58.ts';
import { fromBase64url, fromHex } from './bytes.ts';
import { type Did, didKeyOf, parseDid } from './did.ts';
import { buildDidKeyDocument, buildDidWebDocument, keysFor } from './did-document.ts';
import { jwkThumbprint } from './thumbprint.ts';

const crypto = createNodeCrypto();
const read = (...path: string[]) => JSON.parse(readFileSync(vectorPath(...path), 'utf8'));
const mapping = read('http-signatures', 'did-thumbprint-mapping.json');
const published = mapping.polyglot_did_web_example;
const publicKey = fromBase64url(mapping.jwk.x) as Uint8Array;

test('one key has the thumbprint, DID and method id of the mapping', () => {
  expect(jwkThumbprint(publicKey, crypto)).toBe(mapping.jwk_thumbprint_sha256);
  expect(didKeyOf(publicKey)).toBe(mapping.did_key);
  expect(buildDidKeyDocument(didKeyOf(publicKey)).authentication).toEqual([
    mapping.did_key_verification_method,
  ]);
});

test('the polyglot document says all that the published one says', () => {
  const did = parseDid(published.doc.id) as Did;
  const document = buildDidWebDocument(
    { did, keys: [{ publicKey, purposes: ['authentication', 'assertionMethod'] }] },
    crypto,
  );
  expect(document.keys).toEqual(published.doc.keys);
  expect(document['@context']).toEqual(expect.arrayContaining(published.doc['@context']));
  for (const member of ['verificationMethod', 'authentication', 'assertionMethod'] as const) {
    expect(document[member]).toEqual(expect.arrayContaining(published.doc[member]));
  }
});

test('the published polyglot document lists its key', () => {
  const id = `${published.doc.id}#${mapping.jwk_thumbprint_sha256}`;
  for (const purpose of ['authentication', 'assertionMethod'] as const) {
    expect(keysFor(published.doc, published.doc.id, purpose)).toEqual({
      ok: true,
      keys: [{ id, publicKey }],
    });
  }
});

interface DidKeyVector {
  readonly seed: string;
  readonly verificationKeyPair: {
    readonly publicKeyBase58?: string;
    readonly publicKeyJwk?: { readonly x: string };
  };
  readonly didDocument: { readonly authentication: readonly string[] };
}

// Their documents are of the suites of 2018: the key, the DID and the method id are what is common.
test.each(Object.entries<DidKeyVector>(read('did-key', 'ed25519-x25519.json')))(
  '%s',
  (did, vector) => {
    const { publicKeyBase58, publicKeyJwk } = vector.verificationKeyPair;
    const key = publicKeyJwk
      ? fromBase64url(publicKeyJwk.x)
      : fromBase58btc(publicKeyBase58 as string);
    expect(crypto.publicKeyOf(fromHex(vector.seed) as Uint8Array)).toEqual(key);
    expect(didKeyOf(key as Uint8Array)).toBe(did);
    expect(buildDidKeyDocument(parseDid(did) as Did).authentication).toEqual(
      vector.didDocument.authentication,
    );
  },
);

test('X25519 DIDs are none of ours', () => {
  const dids = Object.keys(read('did-key', 'x25519.json').didDocument);
  expect(dids.map((did) => parseDid(did))).toEqual(dids.map(() => null));
});
