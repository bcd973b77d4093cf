// did:webvh: one spelling for each name, the log's address, and the subject that stays when the name changes.
import { describe, expect, test } from 'vitest';
import { createNodeCrypto } from '../crypto/node.ts';
import { toBase58btc } from './base58.ts';
import { utf8 } from './bytes.ts';
import {
  type Did,
  didMethod,
  didWebToUrl,
  didWebvhToUrl,
  parseDid,
  parseSubject,
  publicKeyOfDidKey,
  scidOf,
  subjectOf,
} from './did.ts';
import { multihashOf } from './multihash.ts';
import { didKeyResolver } from './object.ts';

const SCID = multihashOf(utf8('the first entry'), createNodeCrypto());

describe.each([
  [`did:webvh:${SCID}:agents.example`, 'https://agents.example/.well-known/did.jsonl'],
  [`did:webvh:${SCID}:agents.example%3A8443`, 'https://agents.example:8443/.well-known/did.jsonl'],
  [`did:webvh:${SCID}:agents.example:ada`, 'https://agents.example/ada/did.jsonl'],
  [
    `did:webvh:${SCID}:localhost%3A8080:dids:${SCID}`,
    `https://localhost:8080/dids/${SCID}/did.jsonl`,
  ],
  [`did:webvh:${SCID}:a.example:%C3%A9`, 'https://a.example/%C3%A9/did.jsonl'],
])('%s', (text, url) => {
  test(`has its log at ${url}`, () => {
    const did = parseDid(text) as Did;
    expect(did).toBe(text);
    expect(didMethod(did)).toBe('webvh');
    expect(didWebvhToUrl(did)).toBe(url);
    expect(new URL(url).href).toBe(url);
    expect(didWebToUrl(did)).toBeNull();
    expect(publicKeyOfDidKey(did)).toBeNull();
  });

  test('is named by its SCID, whatever its host', () => {
    const did = parseDid(text) as Did;
    expect(scidOf(did)).toBe(SCID);
    expect(subjectOf(did)).toBe(`did:scid:vh:1:${SCID}`);
    expect(parseDid(subjectOf(did))).toBeNull();
  });

  test('needs its log before anything by it can be verified', async () => {
    expect(await didKeyResolver(parseDid(text) as Did, `${text}#key`)).toMatchObject({
      ok: false,
      reason: 'key_unresolvable',
    });
  });
});

test.each(['did:key:z6Mkon3Necd6NkkyfoGoHxid2znGc59LU3K7mubaRcFbLfLX', 'did:web:a.example'])(
  '%s is its own subject and has no log',
  (text) => {
    const did = parseDid(text) as Did;
    expect([subjectOf(did), scidOf(did), didWebvhToUrl(did)]).toEqual([did, null, null]);
  },
);

test('a subject is read back as nodes write it down, and never in place of a DID', () => {
  const key = 'did:key:z6Mkh4LmfP1ev9MNPGr7JbEbtD6BD4fsu1duEj83PMCs3xHG';
  for (const text of [`did:scid:vh:1:${SCID}`, key, 'did:web:agents.example']) {
    expect(parseSubject(text)).toBe(text);
  }
  const others = [
    `did:webvh:${SCID}:agents.example`,
    `did:scid:vh:1:${SCID.slice(0, -1)}`,
    `did:scid:vh:2:${SCID}`,
    `did:scid:vh:1:${SCID}?src=agents.example`,
    '',
  ];
  for (const text of others) expect(parseSubject(text)).toBeNull();
});

const digest = createNodeCrypto().sha256(utf8('x'));
const multihash = (...prefix: number[]) => toBase58btc(Uint8Array.of(...prefix, ...digest));

test.each([
  ['no SCID', 'did:webvh:agents.example'],
  ['no host', `did:webvh:${SCID}`],
  ['an empty host', `did:webvh:${SCID}:`],
  ['the placeholder', 'did:webvh:{SCID}:agents.example'],
  ['the id of an older draft of the method', `did:tdw:${SCID}:agents.example`],
  ['a SCID one character short', `did:webvh:${SCID.slice(0, -1)}:agents.example`],
  ['a SCID one character long', `did:webvh:${SCID}1:agents.example`],
  ['a character outside base58btc', `did:webvh:${SCID.slice(0, -1)}0:agents.example`],
  ['a multibase prefix', `did:webvh:z${SCID.slice(0, -1)}:agents.example`],
  ['a hash by SHA-512 (0x13)', `did:webvh:${multihash(0x13, 32)}:agents.example`],
  ['a multihash that states 31 bytes', `did:webvh:${multihash(0x12, 31)}:agents.example`],
  ['a longer spelling of the code', `did:webvh:${multihash(0x92, 0, 32)}:agents.example`],
  ['the largest text of 46 characters', `did:webvh:${'z'.repeat(46)}:agents.example`],
  ['an IPv4 address', `did:webvh:${SCID}:127.0.0.1`],
  ['an IPv4 address in disguise', `did:webvh:${SCID}:0x7f000001`],
  ['an IPv6 address', `did:webvh:${SCID}:%5B::1%5D`],
  ['a host in capitals', `did:webvh:${SCID}:Agents.example`],
  ['a port after %3a', `did:webvh:${SCID}:agents.example%3a8443`],
  ['two ports', `did:webvh:${SCID}:agents.example%3A8443%3A1`],
  ['port 0', `did:webvh:${SCID}:agents.example%3A0`],
  ['port 65536', `did:webvh:${SCID}:agents.example%3A65536`],
  ['the default port', `did:webvh:${SCID}:agents.example%3A443`],
  ['an empty segment', `did:webvh:${SCID}:agents.example:`],
  ['a dot segment', `did:webvh:${SCID}:agents.example:..:x`],
  ['an encoded slash', `did:webvh:${SCID}:agents.example:a%2Fb`],
  ['the folder of the bare host', `did:webvh:${SCID}:agents.example:.well-known`],
  ['a path', `did:webvh:${SCID}:agents.example/whois`],
  ['a query', `did:webvh:${SCID}:agents.example?versionId=1`],
  ['a fragment', `did:webvh:${SCID}:agents.example#key`],
  ['a subject', `did:scid:vh:1:${SCID}`],
])('%s is refused', (_, text) => {
  expect(parseDid(text)).toBeNull();
});
