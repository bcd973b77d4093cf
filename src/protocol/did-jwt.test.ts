// An independent library finds our keys in our documents: JWTs by did-jwt, resolved through did-resolver.
import { createJWT, EdDSASigner, verifyJWT } from 'did-jwt';
import { type DIDDocument, Resolver } from 'did-resolver';
import { expect, test } from 'vitest';
import { createNodeCrypto } from '../crypto/node.ts';
import { type Did, didKeyOf, parseDid } from './did.ts';
import { buildDidKeyDocument, buildDidWebDocument } from './did-document.ts';

const crypto = createNodeCrypto();
const seed = new Uint8Array(32).fill(11);
const publicKey = crypto.publicKeyOf(seed);
const web = parseDid('did:web:agents.example:alice') as Did;

const found = (didDocument: DIDDocument) => ({
  didResolutionMetadata: { contentType: 'application/did+json' },
  didDocument,
  didDocumentMetadata: {},
});

const resolver = new Resolver({
  key: async (did) => found(buildDidKeyDocument(parseDid(did) as Did) as DIDDocument),
  web: async () =>
    found(
      buildDidWebDocument(
        { did: web, keys: [{ publicKey, purposes: ['authentication', 'assertionMethod'] }] },
        crypto,
      ) as DIDDocument,
    ),
});

function sign(issuer: Did, secret: Uint8Array): Promise<string> {
  const signer = EdDSASigner(Uint8Array.from([...secret, ...crypto.publicKeyOf(secret)]));
  return createJWT({ claim: 'x' }, { issuer, signer }, { alg: 'EdDSA' });
}

test.each([didKeyOf(publicKey), web])('did-jwt verifies a token of %s', async (issuer) => {
  const token = await sign(issuer, seed);
  for (const proofPurpose of ['authentication', 'assertionMethod'] as const) {
    const result = await verifyJWT(token, { resolver, proofPurpose });
    expect(result.verified).toBe(true);
    expect(result.issuer).toBe(issuer);
    expect(result.signer.id.startsWith(`${issuer}#`)).toBe(true);
  }
});

test.each([didKeyOf(publicKey), web])(
  'did-jwt refuses a token in the name of %s by another key',
  async (issuer) => {
    const token = await sign(issuer, new Uint8Array(32).fill(12));
    await expect(verifyJWT(token, { resolver })).rejects.toThrow('invalid_signature');
  },
);
