// did:web: a DID and a URL of its document give one another, in one spelling each.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Did,
  didMethod,
  didWebToUrl,
  parseDid,
  publicKeyOfDidKey,
  urlToDidWeb,
} from './did.ts';

describe.each([
  ['did:web:agents.example', 'https://agents.example/.well-known/did.json'],
  ['did:web:agents.example%3A8443', 'https://agents.example:8443/.well-known/did.json'],
  ['did:web:agents.example:alice', 'https://agents.example/alice/did.json'],
  ['did:web:agents.example%3A8443:u:Alice_1', 'https://agents.example:8443/u/Alice_1/did.json'],
  ['did:web:localhost%3A8443', 'https://localhost:8443/.well-known/did.json'],
  ['did:web:xn--bcher-kva.example', 'https://xn--bcher-kva.example/.well-known/did.json'],
  ['did:web:1.example', 'https://1.example/.well-known/did.json'],
  ['did:web:a.example:.hidden:...', 'https://a.example/.hidden/.../did.json'],
  ['did:web:a.example:%40alice', 'https://a.example/%40alice/did.json'],
  ['did:web:a.example:%C3%A9', 'https://a.example/%C3%A9/did.json'],
  ['did:web:a.example:.well-known:x', 'https://a.example/.well-known/x/did.json'],
  ['did:web:a.example%3A80', 'https://a.example:80/.well-known/did.json'],
])('%s', (text, url) => {
  test(`has its document at ${url}`, () => {
    const did = parseDid(text) as Did;
    expect(did).toBe(text);
    expect(didMethod(did)).toBe('web');
    expect(publicKeyOfDidKey(did)).toBeNull();
    expect(didWebToUrl(did)).toBe(url);
    expect(urlToDidWeb(url)).toBe(did);
    // Every client that parses the URL fetches this very text.
    expect(new URL(url).href).toBe(url);
  });
});

test("a host's key directory stands for the host", () => {
  expect(urlToDidWeb('https://a.example/.well-known/http-message-signatures-directory')).toBe(
    'did:web:a.example',
  );
  expect(
    urlToDidWeb('https://a.example/x/.well-known/http-message-signatures-directory'),
  ).toBeNull();
});

test.each([
  'did:web:',
  'did:web:Agents.example',
  'did:web:agents.example.',
  'did:web:.example',
  'did:web:agents..example',
  'did:web:-agents.example',
  'did:web:agents-.example',
  'did:web:agents_1.example',
  'did:web:bücher.example',
  `did:web:${'a'.repeat(64)}.example`,
  `did:web:${'abcdefg.'.repeat(32)}example`,
  'did:web:127.0.0.1',
  'did:web:127.1',
  'did:web:2130706433',
  'did:web:0x7f.1',
  'did:web:0x7f000001',
  'did:web:example.0x',
  'did:web:%5B::1%5D',
  'did:web:[::1]',
  'did:web:user@agents.example',
  'did:web:user%40agents.example',
  'did:web:agents.example%3a8443',
  'did:web:agents.example%3A',
  'did:web:agents.example%3A0',
  'did:web:agents.example%3A08443',
  'did:web:agents.example%3A443',
  'did:web:agents.example%3A65536',
  'did:web:agents.example%3A8443%3A1',
  'did:web:agents.example%3A8443x',
  'did:web:agents.example:',
  'did:web:agents.example::alice',
  'did:web:agents.example:alice:',
  'did:web:agents.example:.',
  'did:web:agents.example:..:alice',
  'did:web:agents.example:%2E%2E',
  'did:web:agents.example:%2e%2e',
  'did:web:agents.example:a%2Fb',
  'did:web:agents.example:a%5Cb',
  'did:web:agents.example:a%3Ab',
  'did:web:agents.example:a%3Fb',
  'did:web:agents.example:a%23b',
  'did:web:agents.example:a%25b',
  'did:web:agents.example:%41lice',
  'did:web:agents.example:%7Ealice',
  'did:web:agents.example:%c3%a9',
  'did:web:agents.example:a%0Ab',
  'did:web:agents.example:a%7Fb',
  'did:web:agents.example:a%',
  'did:web:agents.example:a%4',
  'did:web:agents.example:a b',
  'did:web:agents.example:~alice',
  'did:web:agents.example:@alice',
  'did:web:agents.example:é',
  'did:web:agents.example:.well-known',
  'did:web:agents.example/alice',
  'did:web:agents.example?x=1',
  'did:web:agents.example#key',
  'did:web:agents.example\n',
  ` did:web:agents.example`,
  'DID:web:agents.example',
  'did:WEB:agents.example',
  `did:web:agents.example:${'a'.repeat(500)}`,
  'did:webvh:agents.example',
  'did:plc:ewvi7nxzyoun6zhxrhs64oiz',
  'did:example:123',
  'agents.example',
])('%j is no DID of ours', (text) => {
  expect(parseDid(text)).toBeNull();
});

test.each([
  'http://agents.example/alice/did.json',
  'HTTPS://agents.example/alice/did.json',
  'https://Agents.example/alice/did.json',
  'https://user@agents.example/alice/did.json',
  'https://user:secret@agents.example/alice/did.json',
  'https://agents.example:443/alice/did.json',
  'https://agents.example:/alice/did.json',
  'https://127.0.0.1/alice/did.json',
  'https://[::1]/alice/did.json',
  'https://agents.example/did.json',
  'https://agents.example/',
  'https://agents.example',
  'https://agents.example/alice/',
  'https://agents.example/alice/did.json/',
  'https://agents.example/alice/DID.json',
  'https://agents.example/alice/did.json?x=1',
  'https://agents.example/alice/did.json#key',
  'https://agents.example/alice/did.json#',
  'https://agents.example//did.json',
  'https://agents.example//alice/did.json',
  'https://agents.example/alice//did.json',
  'https://agents.example/./did.json',
  'https://agents.example/alice/../did.json',
  'https://agents.example/%2e%2e/did.json',
  'https://agents.example/a%2Fb/did.json',
  'https://agents.example/a%2fb/did.json',
  'https://agents.example/a:b/did.json',
  'https://agents.example/~alice/did.json',
  'https://agents.example\\alice/did.json',
  'https://agents.example%3A8443/alice/did.json',
  'https://agents.example:8443:90/did.json',
  'https://agents.example:8443:90/.well-known/did.json',
  'https://agents.example/alice/did.json ',
  ' https://agents.example/alice/did.json',
  'https://agents.example/dids/did:key:z6Mkh4LmfP1ev9MNPGr7JbEbtD6BD4fsu1duEj83PMCs3xHG/did.json',
])('%j is the URL of no did:web', (url) => {
  expect(urlToDidWeb(url)).toBeNull();
});

const label = fc.stringMatching(/^[a-z][a-z0-9-]{0,8}[a-z0-9]$/);
const host = fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => labels.join('.'));
const port = fc.option(fc.integer({ min: 1, max: 65535 }).filter((n) => n !== 443));
const segment = fc
  .stringMatching(/^[A-Za-z0-9._-]{1,8}$/)
  .filter((text) => !['.', '..', '.well-known'].includes(text));

test('for any host, port and path: DID → URL → DID, and the URL is in normal form', () => {
  fc.assert(
    fc.property(host, port, fc.array(segment, { maxLength: 4 }), (name, number, path) => {
      const authority = number === null ? name : `${name}%3A${number}`;
      const did = parseDid(['did:web', authority, ...path].join(':')) as Did;
      const url = didWebToUrl(did) as string;
      expect(urlToDidWeb(url)).toBe(did);
      expect(new URL(url).href).toBe(url);
    }),
  );
});

test('whatever URL stands for a did:web is that DID’s own document', () => {
  const part = fc.constantFrom(
    'a.example',
    ':8443',
    '/',
    '..',
    'did.json',
    '.well-known',
    '%2F',
    '%C3%A9',
    '@',
    '?',
    'x',
  );
  const urls = fc.array(part, { maxLength: 8 }).map((parts) => `https://${parts.join('')}`);
  fc.assert(
    fc.property(urls, (url) => {
      const did = urlToDidWeb(url);
      expect(did === null ? url : didWebToUrl(did)).toBe(url);
    }),
    { numRuns: 2000 },
  );
});
