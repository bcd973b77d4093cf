// Keys of request signatures: by URL and keyid, in documents that are both DID document and JWK Set.
import { describe, expect, it } from 'vitest';
import { RotatingAgent } from '../../test/rotating-agent.ts';
import { createNodeCrypto } from '../crypto/node.ts';
import { type Did, didKeyOf, parseDid } from '../protocol/did.ts';
import { buildDidWebDocument } from '../protocol/did-document.ts';
import type { JsonObject } from '../protocol/json.ts';
import { agentUrlOfDidKey, agentUrlOfScid, DIRECTORY_TYPE } from '../protocol/signature-agent.ts';
import { jwkThumbprint } from '../protocol/thumbprint.ts';
import { NetError } from './error.ts';
import { createResolution } from './resolution.ts';

const crypto = createNodeCrypto();
const [KEY, OTHER] = [3, 4].map((n) => crypto.publicKeyOf(new Uint8Array(32).fill(n))) as [
  Uint8Array,
  Uint8Array,
];
const KEYID = jwkThumbprint(KEY, crypto);
const OTHER_KEYID = jwkThumbprint(OTHER, crypto);
const HOST = parseDid('did:web:node.example.com') as Did;
/** Of the node that looks for the keys. */
const OWN = 'https://own.example.com';
const HOST_DID_JSON = 'https://node.example.com/.well-known/did.json';
const DIRECTORY = 'https://node.example.com/.well-known/http-message-signatures-directory';

function polyglot(did: Did, ...keys: Uint8Array[]): JsonObject {
  const purposes = ['authentication'] as const;
  const subject = { did, keys: keys.map((publicKey) => ({ publicKey, purposes })) };
  return JSON.parse(JSON.stringify(buildDidWebDocument(subject, crypto)));
}

const usualType = (url: string): string =>
  url === DIRECTORY ? DIRECTORY_TYPE : 'application/did+json; charset=utf-8';

function world(pages: Record<string, JsonObject | string | NetError>, typeOf = usualType) {
  const asked: string[] = [];
  const clock = { now: 0 };
  const stated = new Map<Did, string>();
  const { didLogs, requestKeys } = createResolution({
    crypto,
    now: () => clock.now,
    origin: OWN,
    loopback: true,
    findDidLog: async (subject) => stated.get(subject) ?? null,
    fetch: {
      async request(url) {
        asked.push(url);
        const page = pages[url];
        if (page instanceof NetError) throw page;
        const text = typeof page === 'string' ? page : JSON.stringify(page ?? null);
        const body = new TextEncoder().encode(text);
        return {
          status: page === undefined ? 404 : 200,
          header: (name) => (name === 'content-type' ? typeOf(url) : null),
          body,
        };
      },
    },
  });
  return { asked, clock, didLogs, pages, stated, lookup: requestKeys };
}

describe('request keys', () => {
  it('finds a key by the URL of the document and its thumbprint, fetched once', async () => {
    const { asked, lookup } = world({ [HOST_DID_JSON]: polyglot(HOST, KEY) });
    for (let i = 0; i < 3; i++) {
      expect(await lookup(HOST_DID_JSON, KEYID)).toMatchObject({
        ok: true,
        did: HOST,
        publicKey: KEY,
      });
    }
    expect(asked).toEqual([HOST_DID_JSON]);
  });

  it('reads a host’s key directory, with the DID document beside it if it is a plain JWK Set', async () => {
    const document = polyglot(HOST, KEY);
    const own = world({ [DIRECTORY]: document });
    expect(await own.lookup(DIRECTORY, KEYID)).toMatchObject({ ok: true, did: HOST });
    expect(own.asked).toEqual([DIRECTORY]);
    const plain = world({
      [DIRECTORY]: { keys: document.keys ?? null },
      [HOST_DID_JSON]: document,
    });
    expect(await plain.lookup(DIRECTORY, KEYID)).toMatchObject({ ok: true, did: HOST });
    expect(await plain.lookup(DIRECTORY, KEYID)).toMatchObject({ ok: true, did: HOST });
    expect(plain.asked).toEqual([DIRECTORY, HOST_DID_JSON]);
  });

  it.each([
    [DIRECTORY, 'application/json', false],
    [DIRECTORY, 'application/jwk-set+json', false],
    [DIRECTORY, `${DIRECTORY_TYPE}; charset=utf-8`, true],
    [DIRECTORY, DIRECTORY_TYPE.toUpperCase(), true],
    [HOST_DID_JSON, DIRECTORY_TYPE, true],
    [HOST_DID_JSON, 'text/html', false],
  ])('%s as %s: %s', async (url, type, ok) => {
    const { lookup } = world({ [url]: polyglot(HOST, KEY) }, () => type);
    const reason = ok ? {} : { reason: 'directory_media_type' };
    expect(await lookup(url, KEYID)).toMatchObject({ ok, ...reason });
  });

  it('does not take a key from one URL for another', async () => {
    const elsewhere = 'https://other.example.com/.well-known/did.json';
    const other = parseDid('did:web:other.example.com') as Did;
    const { lookup } = world({
      [HOST_DID_JSON]: polyglot(HOST, KEY),
      [elsewhere]: polyglot(other, OTHER),
    });
    expect((await lookup(HOST_DID_JSON, KEYID)).ok).toBe(true);
    expect(await lookup(elsewhere, KEYID)).toMatchObject({ reason: 'key_not_in_directory' });
  });

  it('fetches again for an unknown key, at most once a minute', async () => {
    const { asked, clock, pages, lookup } = world({ [HOST_DID_JSON]: polyglot(HOST, KEY) });
    await lookup(HOST_DID_JSON, KEYID);
    pages[HOST_DID_JSON] = polyglot(HOST, OTHER);
    expect((await lookup(HOST_DID_JSON, OTHER_KEYID)).ok).toBe(false);
    clock.now += 60_000;
    expect((await lookup(HOST_DID_JSON, OTHER_KEYID)).ok).toBe(true);
    expect((await lookup(HOST_DID_JSON, KEYID)).ok).toBe(false);
    expect(asked.length).toBe(2);
  });

  it('keeps a good key when the document cannot be fetched again', async () => {
    const { clock, pages, lookup } = world({ [HOST_DID_JSON]: polyglot(HOST, KEY) });
    await lookup(HOST_DID_JSON, KEYID);
    pages[HOST_DID_JSON] = new NetError('timed_out', '');
    clock.now += 3 * 60 * 60_000;
    expect((await lookup(HOST_DID_JSON, KEYID)).ok).toBe(true);
  });

  it('keeps a good key when a stranger’s unknown key has the document fetched in vain', async () => {
    const { asked, clock, pages, lookup } = world({ [HOST_DID_JSON]: polyglot(HOST, KEY) });
    await lookup(HOST_DID_JSON, KEYID);
    for (const code of ['address_refused', 'too_large', 'timed_out'] as const) {
      pages[HOST_DID_JSON] = new NetError(code, '');
      clock.now += 60_000;
      expect(await lookup(HOST_DID_JSON, OTHER_KEYID)).toMatchObject({
        reason: 'key_not_in_directory',
      });
      expect((await lookup(HOST_DID_JSON, KEYID)).ok).toBe(true);
    }
    expect(asked).toHaveLength(4);
  });

  it.each([
    [
      'a document of another subject',
      polyglot(parseDid('did:web:evil.example.com') as Did, KEY),
      'did_mismatch',
    ],
    ['a document without keys', { id: HOST }, 'directory_malformed'],
    ['a host that cannot be reached', new NetError('timed_out', ''), 'discovery_failed'],
    ['a host inside', new NetError('address_refused', ''), 'discovery_address_refused'],
    ['a URL that is not fetched', new NetError('url_refused', ''), 'discovery_refused'],
    ['a redirect', new NetError('redirect_refused', ''), 'directory_redirected'],
    ['a document that is too large', new NetError('too_large', ''), 'directory_too_large'],
    ['a compressed document', new NetError('encoding_refused', ''), 'directory_encoded'],
  ])('refuses %s', async (_, page, reason) => {
    const { lookup } = world({ [HOST_DID_JSON]: page as JsonObject | NetError });
    expect(await lookup(HOST_DID_JSON, KEYID)).toMatchObject({ ok: false, reason });
  });

  it('fetches nothing for what is no document URL, a did:key URL among them', async () => {
    const { asked, lookup } = world({});
    const urls = [
      agentUrlOfDidKey('https://node.example.com', didKeyOf(KEY)),
      'https://node.example.com/keys.json',
      'https://10.0.0.1/.well-known/did.json',
      'http://node.example.com/.well-known/did.json',
    ];
    const refusals = await Promise.all(urls.map((url) => lookup(url, KEYID)));
    expect(refusals.map((refusal) => !refusal.ok && refusal.reason)).toEqual(
      Array(4).fill('not_enrolled'),
    );
    expect(await lookup(null, KEYID)).toMatchObject({ reason: 'no_identifier' });
    expect(asked).toEqual([]);
  });
});

describe('request keys of an agent with a DID log', () => {
  const HOME = 'https://home.example.com';
  const ELSEWHERE = 'https://elsewhere.example.com';
  const agent = (name = 'ada') => new RotatingAgent(name, 'home.example.com', 0);
  const keyidOf = ({ seed }: RotatingAgent) => jwkThumbprint(crypto.publicKeyOf(seed), crypto);
  const urlOf = ({ log }: RotatingAgent, origin = HOME) => agentUrlOfScid(origin, log.scid);
  const logUrlOf = (ada: RotatingAgent, origin = HOME) => `${urlOf(ada, origin)}l`;

  it('are those of the log that is known, whatever host is named', async () => {
    const { asked, lookup, stated } = world({});
    const ada = agent();
    stated.set(ada.log.subject, ada.text);
    for (const origin of [HOME, ELSEWHERE]) {
      expect(await lookup(urlOf(ada, origin), keyidOf(ada))).toMatchObject({
        ok: true,
        did: ada.did,
        publicKey: crypto.publicKeyOf(ada.seed),
      });
    }
    expect(asked).toEqual([]);
  });

  it('stop with the rotation, and the caller has the name of now', async () => {
    const { asked, didLogs, lookup, stated } = world({});
    const ada = agent();
    const [url, old] = [urlOf(ada), keyidOf(ada)];
    stated.set(ada.log.subject, ada.text);
    await lookup(url, old);
    stated.set(ada.log.subject, ada.rotate(0, { host: 'new.example.com' }).text);
    didLogs.known.forget();
    expect(await lookup(url, old)).toMatchObject({ reason: 'key_not_in_directory' });
    expect(await lookup(url, keyidOf(ada))).toMatchObject({ ok: true, did: ada.did });
    stated.set(ada.log.subject, ada.rotate(0, { deactivate: true }).text);
    didLogs.known.forget();
    expect(await lookup(url, keyidOf(ada))).toMatchObject({ reason: 'key_not_in_directory' });
    expect(asked).toEqual([]);
  });

  it('come from the log beside the document where none is known, fetched once', async () => {
    const ada = agent();
    const { asked, clock, lookup, pages } = world({ [logUrlOf(ada)]: ada.text });
    const old = keyidOf(ada);
    for (let i = 0; i < 2; i++) {
      expect(await lookup(urlOf(ada), old)).toMatchObject({ ok: true, did: ada.did });
    }
    expect(asked).toEqual([logUrlOf(ada)]);
    pages[logUrlOf(ada)] = ada.rotate(0).text;
    clock.now += 60_000;
    expect(await lookup(urlOf(ada), keyidOf(ada))).toMatchObject({ ok: true });
    expect(await lookup(urlOf(ada), old)).toMatchObject({ reason: 'key_not_in_directory' });
  });

  it('come from the machine itself under the name localhost', async () => {
    const ada = new RotatingAgent('ada', 'localhost%3A8787', 0);
    const origin = 'http://127.0.0.1:8787';
    const { lookup } = world({ [logUrlOf(ada, origin)]: ada.text });
    expect(await lookup(urlOf(ada, origin), keyidOf(ada))).toMatchObject({ ok: true });
  });

  it('are not asked of the node itself', async () => {
    const ada = agent();
    const { asked, lookup } = world({ [logUrlOf(ada, OWN)]: ada.text });
    const unknown = { reason: 'identity_unknown', retryable: false };
    expect(await lookup(urlOf(ada, OWN), keyidOf(ada))).toMatchObject(unknown);
    expect(asked).toEqual([]);
  });

  it.each([
    [
      'a log that lies at a host that is not its own',
      (a: RotatingAgent) => a.text,
      ELSEWHERE,
      'did_mismatch',
    ],
    ['the log of another agent', () => agent('bob').text, HOME, 'did_mismatch'],
    [
      'a log that was changed',
      (a: RotatingAgent) => a.text.replace('true', 'false'),
      HOME,
      'discovery_failed',
    ],
    ['what is no log', () => '<html>', HOME, 'discovery_failed'],
    ['nothing', () => new NetError('timed_out', ''), HOME, 'identity_unknown'],
  ])('are not had from %s', async (_, page, origin, reason) => {
    const ada = agent();
    const { lookup } = world({ [logUrlOf(ada, origin)]: page(ada) });
    expect(await lookup(urlOf(ada, origin), keyidOf(ada))).toMatchObject({ ok: false, reason });
  });
});
