// Keys survive their JWK, and a JWK that does not belong together is refused.
import { describe, expect, it } from 'vitest';
import { createNodeCrypto } from '../crypto/node.ts';
import { type Did, parseDid } from '../protocol/did.ts';
import { ClientError } from './error.ts';
import { agentUrlOf, createKey, keyFromJwk, keyFromSeed, keyToJwk } from './keys.ts';

const crypto = createNodeCrypto();
// RFC 8037 A.1, A.3
const JWK = {
  kty: 'OKP',
  crv: 'Ed25519',
  d: 'nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A',
  x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
};
const THUMBPRINT = 'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k';
const web = parseDid('did:web:agents.example:alice') as Did;

describe('an agent key', () => {
  it('is read from the JWK of RFC 8037 and written back', () => {
    const key = keyFromJwk(JWK, crypto);
    expect(keyToJwk(key, crypto)).toEqual({ ...JWK, kid: THUMBPRINT });
    expect(keyFromJwk(keyToJwk(key, crypto), crypto)).toEqual(key);
  });

  it('is a did:key unless told', () => {
    const key = createKey((length) => new Uint8Array(length).fill(1), crypto);
    expect(key.did).toMatch(/^did:key:z6Mk/);
    expect(key.verificationMethod).toBe(`${key.did}#${key.did.slice(8)}`);
    expect(agentUrlOf(key, 'https://node.example')).toBe(
      `https://node.example/dids/${key.did}/did.json`,
    );
  });

  it('can be of a did:web, whose document is at its own host', () => {
    const key = keyFromJwk(JWK, crypto, { did: web });
    expect(key.verificationMethod).toMatch(/^did:web:agents\.example:alice#z6Mk/);
    expect(agentUrlOf(key, 'https://node.example')).toBe('https://agents.example/alice/did.json');
  });

  it('can be of a did:webvh, which every node serves that knows it', () => {
    const scid = 'QmQq6Kg4ZZ1p49znzxnWmes4LkkWgMWLrnrfPre8UD56bz';
    const did = parseDid(`did:webvh:${scid}:node.example:dids:${scid}`) as Did;
    const key = keyFromJwk(JWK, crypto, { did, didLog: '{}\n' });
    expect(key).toMatchObject({ did, didLog: '{}\n' });
    expect(agentUrlOf(key, 'https://other.example')).toBe(
      `https://other.example/dids/${scid}/did.json`,
    );
  });

  it('says in its JWK whose it is, unless it is its own', () => {
    expect(keyToJwk(keyFromJwk(JWK, crypto), crypto)).not.toHaveProperty('did');
    const key = keyFromJwk(JWK, crypto, { did: web, verificationMethod: `${web}#mine` });
    const jwk = keyToJwk(key, crypto);
    expect(jwk).toMatchObject({ did: web, verificationMethod: `${web}#mine` });
    expect(keyFromJwk(jwk, crypto)).toEqual(key);
    const usual = keyToJwk(keyFromJwk(JWK, crypto, { did: web }), crypto);
    expect(usual).not.toHaveProperty('verificationMethod');
    expect(keyFromJwk(usual, crypto).did).toBe(web);
  });

  it.each([
    ['a public JWK', { ...JWK, d: undefined }],
    ['another x', { ...JWK, x: 'JrQLj5P_89iXES9-vFgrIy29clF9CC_oPPsw3c5D0bs' }],
    ['another curve', { ...JWK, crv: 'X25519' }],
    ['a short d', { ...JWK, d: 'AAAA' }],
    ['padded base64', { ...JWK, d: `${JWK.d}=` }],
    ['of no DID', { ...JWK, did: 'did:example:1' }],
    ['of a DID that is no text', { ...JWK, did: 1 }],
    [
      'of the did:key of another',
      { ...JWK, did: `did:key:z6Mkh4LmfP1ev9MNPGr7JbEbtD6BD4fsu1duEj83PMCs3xHG` },
    ],
    ['under a method of another', { ...JWK, did: web, verificationMethod: 'did:web:b.example#1' }],
    ['under a method that is no text', { ...JWK, did: web, verificationMethod: {} }],
    ['null', null],
    ['a string', 'key'],
  ])('is refused as %s', (_what, jwk) => {
    expect(() => keyFromJwk(jwk, crypto)).toThrow(ClientError);
  });

  it('is refused for a did:key of another seed', () => {
    const { did } = keyFromJwk(JWK, crypto);
    expect(() => keyFromSeed(new Uint8Array(32), crypto, { did })).toThrow(
      expect.objectContaining({ code: 'invalid_key' }),
    );
  });
});
