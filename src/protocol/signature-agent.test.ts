// Which URLs spell out a did:key, and how an agent's own URL is made.
import { describe, expect, it } from 'vitest';
import { createNodeCrypto } from '../crypto/node.ts';
import { didKeyOf } from './did.ts';
import {
  agentUrlOfDidKey,
  agentUrlOfScid,
  didKeyOfAgentUrl,
  scidOfAgentUrl,
} from './signature-agent.ts';

const did = didKeyOf(createNodeCrypto().publicKeyOf(new Uint8Array(32).fill(1)));

describe('didKeyOfAgentUrl', () => {
  it.each([
    `https://node.example/dids/${did}/did.json`,
    `https://node.example:8443/dids/${did}/did.json`,
    agentUrlOfDidKey('https://another.example', did),
  ])('reads %s', (url) => {
    expect(didKeyOfAgentUrl(url, { loopback: false })).toBe(did);
  });

  it.each(['http://127.0.0.1:8787', 'http://127.1.2.3', 'http://localhost:1', 'http://[::1]:2'])(
    'takes %s only where the node is on loopback itself',
    (origin) => {
      const url = agentUrlOfDidKey(origin, did);
      expect(didKeyOfAgentUrl(url, { loopback: true })).toBe(did);
      expect(didKeyOfAgentUrl(url, { loopback: false })).toBeNull();
    },
  );

  it.each([
    `http://node.example/dids/${did}/did.json`,
    `http://localhost.example/dids/${did}/did.json`,
    `https://node.example/dids/${did}/did.json?x`,
    `https://node.example/dids/${did}/did.json#x`,
    `https://a@node.example/dids/${did}/did.json`,
    `https://node.example/x/../dids/${did}/did.json`,
    `https://NODE.example/dids/${did}/did.json`,
    `https://node.example/dids/${encodeURIComponent(did)}/did.json`,
    `https://node.example/dids/${did}`,
    `https://node.example/dids/${did}/jwks.json`,
    `https://node.example/dids/${did.slice(0, -1)}/did.json`,
    'https://node.example/dids/did:web:node.example/did.json',
    `ftp://node.example/dids/${did}/did.json`,
    did,
    '',
  ])('refuses %s', (url) => {
    expect(didKeyOfAgentUrl(url, { loopback: true })).toBeNull();
  });
});

describe('scidOfAgentUrl', () => {
  const scid = 'QmPEQVM1JPTyrvEgBcDXwjK4TeyLGSX1PxjgyeAisdWM1p';

  it.each([
    `https://node.example/dids/${scid}/did.json`,
    agentUrlOfScid('https://another.example:8443', scid),
    agentUrlOfScid('http://127.0.0.1:8787', scid),
  ])('reads %s', (url) => {
    expect(scidOfAgentUrl(url)).toBe(scid);
    expect(didKeyOfAgentUrl(url, { loopback: true })).toBeNull();
  });

  it.each([
    `http://node.example/dids/${scid}/did.json`,
    `https://node.example/dids/${scid}/did.jsonl`,
    `https://node.example/dids/${scid}/did.json?x`,
    `https://node.example/dids/${scid}/did.json#x`,
    `https://a@node.example/dids/${scid}/did.json`,
    `https://NODE.example/dids/${scid}/did.json`,
    `https://node.example/x/dids/${scid}/did.json`,
    `https://node.example/dids/${scid.slice(0, -1)}/did.json`,
    `https://node.example/dids/${scid}1/did.json`,
    `https://node.example/dids/${did}/did.json`,
    `ftp://node.example/dids/${scid}/did.json`,
    scid,
    '',
  ])('refuses %s', (url) => {
    expect(scidOfAgentUrl(url)).toBeNull();
  });
});
