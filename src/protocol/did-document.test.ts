// DID documents: what we publish is what we and others read, and what is read is checked.
import { describe, expect, test } from 'vitest';
import { createNodeCrypto } from '../crypto/node.ts';
import { type Did, didKeyOf, parseDid } from './did.ts';
import { buildDidKeyDocument, buildDidWebDocument, keysFor } from './did-document.ts';
import { ProtocolError } from './error.ts';
import { canonicalize } from './jcs.ts';
import { ed25519ToMultibase } from './multikey.ts';
import { ed25519ToJwk, jwkThumbprint } from './thumbprint.ts';

const crypto = createNodeCrypto();
const keyOf = (n: number): Uint8Array => crypto.publicKeyOf(new Uint8Array(32).fill(n));
const did = parseDid('did:web:agents.example:alice') as Did;
const [first, second] = [keyOf(1), keyOf(2)];

describe('the document of a did:key', () => {
  const subject = didKeyOf(first);
  const multibase = ed25519ToMultibase(first);
  const id = `${subject}#${multibase}`;

  test('has one Multikey under every purpose of a signing key', () => {
    expect(buildDidKeyDocument(subject)).toEqual({
      '@context': ['https://www.w3.org/ns/did/v1', 'https://w3id.org/security/multikey/v1'],
      id: subject,
      verificationMethod: [
        { id, type: 'Multikey', controller: subject, publicKeyMultibase: multibase },
      ],
      authentication: [id],
      assertionMethod: [id],
      capabilityInvocation: [id],
      capabilityDelegation: [id],
    });
  });

  test('lists the key for both purposes', () => {
    const document = buildDidKeyDocument(subject);
    const listed = { ok: true, keys: [{ id, publicKey: first }] };
    expect(keysFor(document, subject, 'authentication')).toEqual(listed);
    expect(keysFor(document, subject, 'assertionMethod')).toEqual(listed);
  });

  test('is not made for another method', () => {
    expect(() => buildDidKeyDocument(did)).toThrow(ProtocolError);
  });
});

describe('the document of a did:web', () => {
  const document = buildDidWebDocument(
    {
      did,
      keys: [
        { publicKey: first, purposes: ['authentication', 'assertionMethod'] },
        { publicKey: second, fragment: 'log', purposes: [] },
      ],
      services: [
        { id: `${did}#log`, type: 'TransparencyLog', serviceEndpoint: 'https://x.example' },
      ],
    },
    crypto,
  );
  const kid = jwkThumbprint(first, crypto);

  test('lists each key by thumbprint and as Multikey', () => {
    for (const purpose of ['authentication', 'assertionMethod'] as const) {
      expect(keysFor(document, did, purpose)).toEqual({
        ok: true,
        keys: [
          { id: `${did}#${kid}`, publicKey: first },
          { id: `${did}#${ed25519ToMultibase(first)}`, publicKey: first },
        ],
      });
    }
  });

  test('is a JWK Set of the keys that sign requests, and of no others', () => {
    expect(document.keys).toEqual([{ ...ed25519ToJwk(first), kid, use: 'sig' }]);
  });

  test('names a key without purpose, for whoever looks it up', () => {
    expect(document.verificationMethod).toContainEqual({
      id: `${did}#log`,
      type: 'Multikey',
      controller: did,
      publicKeyMultibase: ed25519ToMultibase(second),
    });
  });

  test('has a context for every member that needs one', () => {
    expect(document['@context']).toEqual([
      'https://www.w3.org/ns/did/v1',
      'https://w3id.org/security/jwk/v1',
      'https://w3id.org/security/multikey/v1',
      { keys: { '@id': 'https://www.iana.org/assignments/jose#keys', '@type': '@json' } },
    ]);
  });

  test('has services only where there are some', () => {
    expect(document.service).toHaveLength(1);
    expect(buildDidWebDocument({ did, keys: [] }, crypto)).not.toHaveProperty('service');
  });

  test('is JSON as it stands', () => {
    expect(JSON.parse(new TextDecoder().decode(canonicalize(document)))).toEqual(document);
  });
});

const multibase = ed25519ToMultibase(first);
const multikey = {
  id: `${did}#a`,
  type: 'Multikey',
  controller: did,
  publicKeyMultibase: multibase,
};

/** What a document with these methods, all referred to, lists for assertions. */
function listed(
  methods: unknown[],
  references: unknown[] = methods.map((method) => (method as { id: unknown }).id),
) {
  const document = { id: did, verificationMethod: methods, assertionMethod: references };
  const result = keysFor(document, did, 'assertionMethod');
  return result.ok ? result.keys.map((key) => key.id) : result.reason;
}

describe('keysFor reads', () => {
  test.each([
    ['a Multikey', multikey],
    ['an Ed25519VerificationKey2020', { ...multikey, type: 'Ed25519VerificationKey2020' }],
    [
      'a JsonWebKey',
      {
        ...multikey,
        type: 'JsonWebKey',
        publicKeyMultibase: undefined,
        publicKeyJwk: ed25519ToJwk(first),
      },
    ],
    [
      'a JsonWebKey2020',
      {
        ...multikey,
        type: 'JsonWebKey2020',
        publicKeyMultibase: undefined,
        publicKeyJwk: ed25519ToJwk(first),
      },
    ],
  ])('%s, by reference and embedded', (_, method) => {
    const keys = [{ id: `${did}#a`, publicKey: first }];
    const referred = { id: did, verificationMethod: [method], authentication: [`${did}#a`] };
    expect(keysFor(referred, did, 'authentication')).toEqual({ ok: true, keys });
    expect(keysFor({ id: did, authentication: [method] }, did, 'authentication')).toEqual({
      ok: true,
      keys,
    });
  });

  test('relative ids as ids of the subject', () => {
    expect(listed([{ ...multikey, id: '#a' }], ['#a'])).toEqual([`${did}#a`]);
    expect(listed([multikey], ['#a'])).toEqual([`${did}#a`]);
    expect(listed([{ ...multikey, id: '#a' }], [`${did}#a`])).toEqual([`${did}#a`]);
  });

  test('several keys in the order in which the purpose lists them, each once', () => {
    const other = { ...multikey, id: `${did}#b`, publicKeyMultibase: ed25519ToMultibase(second) };
    const references = [`${did}#b`, `${did}#a`, '#b', `${did}#b`];
    expect(listed([multikey, other], references)).toEqual([`${did}#b`, `${did}#a`]);
  });

  test('no key where the purpose lists none', () => {
    expect(listed([multikey], [])).toEqual([]);
    expect(keysFor({ id: did }, did, 'assertionMethod')).toEqual({ ok: true, keys: [] });
  });

  test('a key embedded under one purpose not for another', () => {
    const document = { id: did, authentication: [multikey], assertionMethod: [] };
    expect(keysFor(document, did, 'assertionMethod')).toEqual({ ok: true, keys: [] });
  });
});

describe('keysFor passes over', () => {
  const jwk = ed25519ToJwk(first);
  test.each([
    ['another controller', { ...multikey, controller: 'did:web:mallory.example' }],
    ['no controller', { ...multikey, controller: undefined }],
    ['an id of another subject', { ...multikey, id: 'did:web:mallory.example#a' }],
    ['an id that only begins like the subject', { ...multikey, id: `${did}x#a` }],
    ['an id without a fragment', { ...multikey, id: did }],
    ['an id with an empty fragment', { ...multikey, id: `${did}#` }],
    ['an id that is no string', { ...multikey, id: 7 }],
    [
      'an X25519 key',
      { ...multikey, publicKeyMultibase: 'z6LSeu9HkTHSfLLeUs2nnzUSNedgDUevfNQgQjQC23ZCit6F' },
    ],
    ['a Multikey that is no string', { ...multikey, publicKeyMultibase: [multibase] }],
    ['a Multikey in another base', { ...multikey, publicKeyMultibase: `f${'0'.repeat(47)}` }],
    ['two kinds of key material', { ...multikey, publicKeyJwk: jwk }],
    [
      'a key on another curve',
      {
        ...multikey,
        type: 'JsonWebKey',
        publicKeyMultibase: undefined,
        publicKeyJwk: { ...jwk, crv: 'X25519' },
      },
    ],
    [
      'a published private key',
      {
        ...multikey,
        type: 'JsonWebKey',
        publicKeyMultibase: undefined,
        publicKeyJwk: { ...jwk, d: jwk.x },
      },
    ],
    ['a JsonWebKey without a JWK', { ...multikey, type: 'JsonWebKey' }],
    ['an unknown type', { ...multikey, type: 'Ed25519VerificationKey2018' }],
    ['several types', { ...multikey, type: ['Multikey'] }],
    ['a revoked key', { ...multikey, revoked: '2026-01-01T00:00:00Z' }],
    ['a key that expires', { ...multikey, expires: '2099-01-01T00:00:00Z' }],
  ])('%s', (_, method) => {
    expect(listed([method], [`${did}#a`, method.id])).toEqual([]);
    expect(listed([], [method])).toEqual([]);
  });

  test('an id that two methods share, wherever they stand', () => {
    const impostor = { ...multikey, publicKeyMultibase: ed25519ToMultibase(second) };
    expect(listed([multikey, impostor])).toEqual([]);
    expect(listed([multikey, { ...impostor, id: '#a' }])).toEqual([]);
    expect(listed([multikey], [impostor])).toEqual([]);
    expect(listed([multikey, impostor, multikey])).toEqual([]);
  });

  test('references to nothing, and entries that are neither reference nor method', () => {
    expect(
      listed([multikey], [`${did}#b`, 'did:web:mallory.example#a', null, 7, [multikey]]),
    ).toEqual([]);
    expect(listed([null, 7, 'x', multikey], [`${did}#a`])).toEqual([`${did}#a`]);
  });
});

describe('keysFor refuses', () => {
  test.each([
    [
      'another subject',
      { id: 'did:web:mallory.example', authentication: [multikey] },
      'did_mismatch',
    ],
    ['no subject', { authentication: [multikey] }, 'did_mismatch'],
    [
      'a subject in another spelling',
      { id: `${did}#`, authentication: [multikey] },
      'did_mismatch',
    ],
    ['null', null, 'malformed_document'],
    ['a list', [{ id: did }], 'malformed_document'],
    ['text', JSON.stringify({ id: did }), 'malformed_document'],
    ['a purpose that is no list', { id: did, authentication: multikey }, 'malformed_document'],
    ['methods that are no list', { id: did, verificationMethod: multikey }, 'malformed_document'],
    [
      '101 methods',
      { id: did, verificationMethod: Array(101).fill(multikey) },
      'malformed_document',
    ],
    ['101 references', { id: did, authentication: Array(101).fill('#a') }, 'malformed_document'],
  ])('%s', (_, document, reason) => {
    expect(keysFor(document, did, 'authentication')).toMatchObject({ ok: false, reason });
  });
});
