// Which URLs spell out a did:key, and how an agent's own URL is made.
import { describe, expect, it } from 'vitest';
import { createNodeCrypto } from '../crypto/node.ts';
import { didKeyOf } from './did.ts';
import { agentUrlOfDidKey, didKeyOfAgentUrl } from './signature-agent.ts';

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
