// A key links a URL and a DID only if the documents at both ends say so: every case of spec/vectors/requests/key-links.json.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createNoble } from '../crypto/noble.ts';
import { createNodeCrypto } from '../crypto/node.ts';
import { type Did, didKeyOf, parseDid, subjectOfScid } from './did.ts';
import { checkKeyLink, didOfAgentUrl, type KeyLinkRefusal } from './key-link.ts';
import { agentUrlOfDidKey, agentUrlOfScid } from './signature-agent.ts';
import { jwkThumbprint } from './thumbprint.ts';

interface LinkVector {
  readonly comment: string;
  readonly url: string;
  readonly keyid: string;
  readonly did: Did;
  readonly jwks: Record<string, unknown>;
  readonly did_document: Record<string, unknown>;
  readonly expected?: { readonly verification_method: string };
  readonly error?: KeyLinkRefusal;
}

const file = join(import.meta.dirname, '../../spec/vectors/requests/key-links.json');
const { cases } = JSON.parse(readFileSync(file, 'utf8')) as { cases: LinkVector[] };
const crypto = createNodeCrypto();
const publicKey = crypto.publicKeyOf(new Uint8Array(32).fill(0x11));

describe.each([crypto, createNoble()])('with $name', (each) => {
  test.each(cases)('$comment', ({ url, keyid, did, jwks, did_document, expected, error }) => {
    const documents = { jwks, didDocument: did_document };
    const verdict = checkKeyLink({ url, keyid, did }, documents, each);
    const verificationMethod = expected?.verification_method;
    expect(verdict).toMatchObject(
      error === undefined
        ? { ok: true, did, publicKey, verificationMethod }
        : { ok: false, reason: error },
    );
  });
});

test('the vectors name keys by their thumbprints and DIDs that are DIDs', () => {
  const keyid = jwkThumbprint(publicKey, crypto);
  expect(cases.filter((each) => each.keyid !== keyid || parseDid(each.did) === null)).toEqual([]);
});

test('whatever is found at the two ends, there is a verdict', () => {
  const { url, keyid, did, jwks, did_document: didDocument } = cases[0]!;
  const odd = [null, 1, 'text', [], {}, { keys: [null, 1, {}] }, { keys: Array(101).fill({}) }];
  for (const other of odd) {
    for (const pair of [
      { jwks: other, didDocument },
      { jwks, didDocument: other },
      { jwks, didDocument: { ...didDocument, service: other } },
      { jwks, didDocument: { ...didDocument, service: [other] } },
    ]) {
      expect(checkKeyLink({ url, keyid, did }, pair, crypto).ok).toBe(false);
    }
  }
  const crowd = { ...didDocument, service: Array(101).fill((didDocument.service as unknown[])[0]) };
  expect(checkKeyLink({ url, keyid, did }, { jwks, didDocument: crowd }, crypto)).toMatchObject({
    reason: 'service_not_linked',
  });
});

test('a URL stands for a DID if it is a did:key’s, a did:webvh’s, a did:web document’s or a host’s directory', () => {
  const did = didKeyOf(publicKey);
  expect(didOfAgentUrl(agentUrlOfDidKey('https://any.example', did))).toBe(did);
  expect(didOfAgentUrl(agentUrlOfDidKey('http://127.0.0.1:8787', did))).toBe(did);
  expect(didOfAgentUrl('https://a.example/b/did.json')).toBe('did:web:a.example:b');
  const scid = 'QmfGEUAcMpzo25kF2Rhn8L5FAXysfGnkzjwdKoNPi615XQ';
  expect(didOfAgentUrl(agentUrlOfScid('http://127.0.0.1:8787', scid))).toBe(subjectOfScid(scid));
  expect(didOfAgentUrl('https://a.example/b/jwks.json')).toBeNull();
});
