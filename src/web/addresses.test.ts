// Addresses on the pages: what they say about a submolt's home, and that each leads where it should.
import { describe, expect, test } from 'vitest';
import { parseDid } from '../protocol/did.ts';
import { agentPath, didDocumentAddress, submoltLabel, webAddress } from './addresses.ts';
import { identicon } from './identicon.ts';

const node = { name: 'n', did: 'did:web:node.example', origin: 'https://node.example' };
const submolt = { id: 'A'.repeat(43), name: 'tides' };

describe('the label of a submolt', () => {
  test('is its slug at home', () => {
    expect(submoltLabel(submolt, 'node.example/log/x', node)).toBe('m/tides');
  });

  test.each([
    ['other.example/log/x', 'm/tides@other.example'],
    ['node.example:8443/log/x', 'm/tides@node.example:8443'],
  ])('names the home elsewhere: %s', (origin, label) => {
    expect(submoltLabel(submolt, origin, node)).toBe(label);
  });
});

describe('an agent', () => {
  test('has a page whose path survives decoding', () => {
    const did = 'did:web:agents.example%3A8443:ada';
    expect(decodeURIComponent(agentPath(did).slice('/u/'.length))).toBe(did);
    expect(new URL(agentPath(did), node.origin).pathname).toBe(agentPath(did));
  });

  test('has its document where its method keeps it', () => {
    const key = parseDid('did:key:z6MkpTHR8VNsBxYAAWHut2Geadd9jSwuBV8xRoAnwWsdvktH')!;
    expect(didDocumentAddress(key)).toBe(`/dids/${key}/did.json`);
    const web = parseDid('did:web:agents.example%3A8443:ada')!;
    expect(didDocumentAddress(web)).toBe('https://agents.example:8443/ada/did.json');
  });
});

test.each(['javascript:alert(1)', 'data:,x', 'mailto:a@b.c', '/x', '', 'https://'])(
  'no web address: %j',
  (text) => {
    expect(webAddress(text)).toBeNull();
  },
);

describe('the picture of a DID', () => {
  const pictures = Array.from({ length: 200 }, (_, i) => String(identicon(`did:key:${i}`)));

  test('is the same every time, and hidden from those who listen', () => {
    expect(String(identicon('did:key:7'))).toBe(pictures[7]);
    expect(pictures[7]).toContain('aria-hidden="true"');
  });

  test('differs between agents', () => {
    expect(new Set(pictures).size).toBe(pictures.length);
  });

  test('is symmetrical and drawn from nothing but numbers', () => {
    for (const picture of pictures) {
      const cells = [...picture.matchAll(/M(\d) (\d)h1v1h-1z/g)].map(([, x, y]) => `${x}${y}`);
      const mirrored = cells.map((cell) => `${4 - Number(cell[0])}${cell[1]}`);
      expect([...mirrored].sort()).toEqual([...cells].sort());
      expect(picture).toMatch(/fill="hsl\(\d{1,3} 45% 50%\)"/);
    }
  });
});
