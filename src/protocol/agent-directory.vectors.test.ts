// One key as JWK, thumbprint, multibase, did:key and in a document that is DID document and JWK Set at once.
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { vectorPath } from '../../test/vectors.ts';
import { createNodeCrypto } from '../crypto/node.ts';
import { readAgentDirectory } from './agent-directory.ts';
import { fromBase64url } from './bytes.ts';
import { didKeyOf } from './did.ts';
import { ed25519ToMultibase } from './multikey.ts';
import { agentUrlOfDidKey, didKeyOfAgentUrl } from './signature-agent.ts';
import { jwkThumbprint } from './thumbprint.ts';

const crypto = createNodeCrypto();
const mapping = JSON.parse(
  readFileSync(vectorPath('http-signatures', 'did-thumbprint-mapping.json'), 'utf8'),
);
const publicKey = fromBase64url(mapping.jwk.x)!;

it('the key has one thumbprint, multibase and did:key', () => {
  expect(jwkThumbprint(publicKey, crypto)).toBe(mapping.jwk_thumbprint_sha256);
  expect(ed25519ToMultibase(publicKey)).toBe(mapping.publicKeyMultibase);
  expect(didKeyOf(publicKey)).toBe(mapping.did_key);
});

it('the did:key is read from the URL under which nodes serve it', () => {
  const url = agentUrlOfDidKey('https://any.example', didKeyOf(publicKey));
  expect(didKeyOfAgentUrl(url, { loopback: false })).toBe(mapping.did_key);
});

it('the polyglot document gives the key under its verification method', () => {
  const { url, doc } = mapping.polyglot_did_web_example;
  const read = readAgentDirectory({ url, document: doc }, crypto);
  expect(read.ok && read.keys.get(mapping.jwk_thumbprint_sha256)).toEqual({
    did: 'did:web:agents.example:alice',
    publicKey,
    verificationMethod: `did:web:agents.example:alice#${mapping.jwk_thumbprint_sha256}`,
  });
});
