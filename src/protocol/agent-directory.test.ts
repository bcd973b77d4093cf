// A key counts only if the document at the URL offers it, authorises it, and is the right subject's.
import { describe, expect, it } from 'vitest';
import { createNodeCrypto } from '../crypto/node.ts';
import { readAgentDirectory } from './agent-directory.ts';
import { type Did, parseDid } from './did.ts';
import { buildDidWebDocument, type DidWebKey } from './did-document.ts';
import { ed25519ToJwk, jwkThumbprint } from './thumbprint.ts';

const crypto = createNodeCrypto();
const keyOf = (byte: number) => crypto.publicKeyOf(new Uint8Array(32).fill(byte));
const publicKey = keyOf(1);
const thumbprint = jwkThumbprint(publicKey, crypto);
const did = parseDid('did:web:agents.example') as Did;
const url = 'https://agents.example/.well-known/did.json';
const directory = 'https://agents.example/.well-known/http-message-signatures-directory';
const purposes = ['authentication', 'assertionMethod'] as const;
const document = buildDidWebDocument({ did, keys: [{ publicKey, purposes }] }, crypto);
const jwk = ed25519ToJwk(publicKey);

function keysOf(read: ReturnType<typeof readAgentDirectory>) {
  return read.ok ? [...read.keys.keys()] : read.reason;
}

describe('readAgentDirectory', () => {
  it.each([url, directory])('reads the polyglot document at %s', (url) => {
    expect(keysOf(readAgentDirectory({ url, document }, crypto))).toEqual([thumbprint]);
  });

  it('names the key by the first verification method that holds it', () => {
    const read = readAgentDirectory({ url, document }, crypto);
    const key = read.ok ? read.keys.get(thumbprint) : undefined;
    expect(key).toEqual({ did, publicKey, verificationMethod: `${did}#${thumbprint}` });
  });

  it('asks for the DID document beside a plain JWK Set, and takes what both list', () => {
    const jwks = { keys: [jwk, ed25519ToJwk(keyOf(2))] };
    expect(readAgentDirectory({ url: directory, document: jwks }, crypto)).toMatchObject({
      reason: 'did_document_needed',
      didDocumentUrl: url,
    });
    const both = { url: directory, document: jwks, didDocument: document };
    expect(keysOf(readAgentDirectory(both, crypto))).toEqual([thumbprint]);
  });

  it('does not let a host vouch with another host’s DID document', () => {
    const other = parseDid('did:web:other.example') as Did;
    const didDocument = buildDidWebDocument(
      { did: other, keys: [{ publicKey, purposes }] },
      crypto,
    );
    const both = { url: directory, document: { keys: [jwk] }, didDocument };
    expect(keysOf(readAgentDirectory(both, crypto))).toBe('did_mismatch');
  });

  it('leaves out a key that is for objects alone', () => {
    const keys: DidWebKey[] = [{ publicKey, purposes: ['assertionMethod'] }];
    const objects = { ...buildDidWebDocument({ did, keys }, crypto), keys: [jwk] };
    expect(keysOf(readAgentDirectory({ url, document: objects }, crypto))).toEqual([]);
  });

  it('leaves out a published private key', () => {
    const leaked = { ...document, keys: [{ ...jwk, d: jwk.x }] };
    expect(keysOf(readAgentDirectory({ url, document: leaked }, crypto))).toEqual([]);
  });

  it('holds a kid to the thumbprint at the well-known directory, and nowhere else', () => {
    const named = { ...document, keys: [{ ...jwk, kid: 'key-1' }] };
    expect(keysOf(readAgentDirectory({ url: directory, document: named }, crypto))).toEqual([]);
    expect(keysOf(readAgentDirectory({ url, document: named }, crypto))).toEqual([thumbprint]);
  });

  it('says of a key that it offers and that does not count why it does not', () => {
    const faultOf = (changed: object, at = url) => {
      const read = readAgentDirectory({ url: at, document: { ...document, ...changed } }, crypto);
      return read.ok && read.faults.get(thumbprint);
    };
    expect(faultOf({})).toBeUndefined();
    expect(faultOf({ keys: [{ ...jwk, kid: 'key-1' }] }, directory)).toBe('directory_kid_mismatch');
    expect(faultOf({ authentication: [] })).toBe('key_not_for_authentication');
    const verificationMethod = document.verificationMethod.map((method) => ({
      ...method,
      controller: 'did:web:mallory.example',
    }));
    expect(faultOf({ verificationMethod })).toBe('key_controller_mismatch');
    expect(faultOf({ keys: [] })).toBeUndefined();
  });

  it.each([
    ['a document without keys', { ...document, keys: undefined }, 'directory_malformed'],
    ['a list', [], 'directory_malformed'],
    ['null', null, 'directory_malformed'],
    [
      'more than 100 keys',
      { ...document, keys: new Array(101).fill(jwk) },
      'directory_too_many_keys',
    ],
    ['no id', { ...document, id: undefined }, 'did_mismatch'],
    ['another id', { ...document, id: 'did:web:mallory.example' }, 'did_mismatch'],
    ['methods that are no list', { ...document, verificationMethod: {} }, 'directory_malformed'],
  ])('refuses %s', (_what, document, reason) => {
    expect(keysOf(readAgentDirectory({ url, document }, crypto))).toBe(reason);
  });

  it.each([
    'https://agents.example/keys.json',
    'https://192.0.2.1/.well-known/did.json',
    'http://agents.example/.well-known/did.json',
    'https://agents.example/did.json',
  ])('refuses the URL %s', (url) => {
    expect(keysOf(readAgentDirectory({ url, document }, crypto))).toBe('discovery_refused');
  });
});
