// Keys for encryption: the same as everybody else derives, from documents read as strictly as for signatures.
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { getResolver } from 'key-did-resolver';
import { describe, expect, test } from 'vitest';
import { Agent, crypto } from '../../test/sandbox.ts';
import {
  agreementKeysFor,
  agreementOfEd25519,
  derivedSecret,
  secretOfSeed,
  x25519FromMultibase,
  x25519ToMultibase,
} from './agreement-key.ts';
import { toBase58btc } from './base58.ts';
import { toBase64url } from './bytes.ts';
import type { Did } from './did.ts';
import { buildDidKeyDocument } from './did-document.ts';
import type { JsonObject } from './json.ts';

const agents = Array.from({ length: 20 }, (_, i) => new Agent(`agent ${i}`));
const ada = agents[0]!;
const web = 'did:web:ada.example' as Did;
const publicKey = agreementOfEd25519(crypto.publicKeyOf(new Agent('for messages').seed));
const multibase = x25519ToMultibase(publicKey);

/** RFC 8410: the DER of a private key, and what comes before the 32 bytes of a public one. */
function publicOf(secret: Uint8Array): Uint8Array {
  const der = Buffer.concat([Buffer.from('302e020100300506032b656e04220420', 'hex'), secret]);
  const key = createPublicKey(createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }));
  return new Uint8Array(key.export({ format: 'der', type: 'spki' }).subarray(-32));
}

describe('a derived key', () => {
  test('is the public key of the derived secret', () => {
    for (const { seed } of agents) {
      const derived = agreementOfEd25519(crypto.publicKeyOf(seed));
      expect(derived).toEqual(publicOf(secretOfSeed(seed)));
    }
  });

  test('is the one that the did:key method derives, under its name', async () => {
    for (const { did, seed } of agents.slice(0, 5)) {
      const parsed = { did, method: 'key', id: did.slice(8), didUrl: did };
      const { didDocument } = await getResolver().key!(did, parsed as never, {} as never, {});
      const [listed] = didDocument!.keyAgreement as unknown as { id: string }[];
      const keys = agreementKeysFor(buildDidKeyDocument(did), did, crypto);
      expect(keys).toMatchObject({ ok: true, keys: [{ id: listed!.id }] });
      expect(derivedSecret(did, seed, crypto).id).toBe(listed!.id);
    }
  });
});

describe('a document', () => {
  const signing = buildDidKeyDocument(ada.did).verificationMethod[0]!;
  const method = (more: JsonObject) => ({ id: '#m', type: 'Multikey', controller: web, ...more });
  const keysOf = (document: JsonObject) => {
    const keys = agreementKeysFor({ id: web, ...document }, web, crypto);
    return keys.ok ? keys.keys.map(({ id }) => id) : keys.reason;
  };

  test('that lists a key for it is taken by its word alone', () => {
    const jwk = { kty: 'OKP', crv: 'X25519', x: toBase64url(publicKey) };
    const verificationMethod = [
      { ...signing, id: '#s', controller: web },
      method({ publicKeyMultibase: multibase }),
      method({ id: '#j', type: 'JsonWebKey', publicKeyJwk: jwk }),
    ] as JsonObject[];
    expect(
      keysOf({ verificationMethod, authentication: ['#s'], keyAgreement: ['#m', '#j'] }),
    ).toEqual([`${web}#m`, `${web}#j`]);
  });

  test('that lists none gives those of its keys for authentication', () => {
    const own = { ...signing, id: '#s', controller: web } as unknown as JsonObject;
    const derived = x25519ToMultibase(agreementOfEd25519(crypto.publicKeyOf(ada.seed)));
    expect(keysOf({ verificationMethod: [own], authentication: ['#s'] })).toEqual([
      `${web}#${derived}`,
    ]);
    expect(keysOf({ verificationMethod: [own], assertionMethod: ['#s'] })).toEqual([]);
  });

  test.each<[string, JsonObject]>([
    ['of another controller', { publicKeyMultibase: multibase, controller: ada.did }],
    [
      'with a private part',
      {
        type: 'JsonWebKey',
        publicKeyJwk: { kty: 'OKP', crv: 'X25519', x: toBase64url(publicKey), d: 'AA' },
      },
    ],
    [
      'for signatures',
      { publicKeyMultibase: signing.type === 'Multikey' ? signing.publicKeyMultibase : '' },
    ],
    ['that was revoked', { publicKeyMultibase: multibase, revoked: '2026-01-01T00:00:00Z' }],
    ['of two kinds at once', { publicKeyMultibase: multibase, publicKeyJwk: {} }],
    ['in another base', { publicKeyMultibase: `u${toBase64url(publicKey)}` }],
  ])('a key %s is passed over', (_, more) => {
    expect(keysOf({ verificationMethod: [method(more)], keyAgreement: ['#m'] })).toEqual([]);
  });

  test('of somebody else is refused', () => {
    expect(keysOf({ id: ada.did })).toBe('did_mismatch');
  });
});

test('a Multikey has one spelling', () => {
  expect(x25519FromMultibase(multibase)).toEqual(publicKey);
  const longer = `z${toBase58btc(Uint8Array.of(0xec, 0x81, 0x00, ...publicKey))}`;
  for (const text of [longer, multibase.slice(0, -1), `${multibase}1`, 'z', '', 'z'.repeat(60)]) {
    expect(x25519FromMultibase(text)).toBeNull();
  }
  expect(() => x25519ToMultibase(new Uint8Array(31))).toThrow('32 bytes');
});
