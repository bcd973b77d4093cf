// Enrolled keys: whose a request is by what was enrolled, how long that holds, and what ends it.
import { describe, expect, it } from 'vitest';
import { RotatingAgent } from '../../test/rotating-agent.ts';
import { createNodeCrypto } from '../crypto/node.ts';
import { type Did, didKeyOf, parseDid } from '../protocol/did.ts';
import { buildDidWebDocument } from '../protocol/did-document.ts';
import type { JsonObject } from '../protocol/json.ts';
import { DIRECTORY_SERVICE } from '../protocol/key-link.ts';
import { ed25519ToJwk, jwkThumbprint } from '../protocol/thumbprint.ts';
import type { HeldKey } from './enrolled-keys.ts';
import { NetError } from './error.ts';
import { createResolution } from './resolution.ts';

const crypto = createNodeCrypto();
const [KEY, OTHER] = [3, 4].map((n) => crypto.publicKeyOf(new Uint8Array(32).fill(n))) as [
  Uint8Array,
  Uint8Array,
];
const KEYID = jwkThumbprint(KEY, crypto);
const DID = parseDid('did:web:agents.example.com:alice') as Did;
const DID_URL = 'https://agents.example.com/alice/did.json';
const URL_ = 'https://keys.example.com/alice.json';
const HOUR = 60 * 60_000;

function setOf(...keys: Uint8Array[]): JsonObject {
  return { keys: keys.map((key) => ed25519ToJwk(key)) };
}

function didDocument(key: Uint8Array, endpoint = URL_): JsonObject {
  const services = [{ id: `${DID}#keys`, type: DIRECTORY_SERVICE, serviceEndpoint: endpoint }];
  const keys = [{ publicKey: key, purposes: ['authentication'] as const }];
  return JSON.parse(JSON.stringify(buildDidWebDocument({ did: DID, keys, services }, crypto)));
}

/** A node that has enrolled `KEY` for `DID` under `URL_`, just now. */
function world(pages: Record<string, JsonObject | NetError> = {}) {
  const asked: string[] = [];
  const notes: boolean[] = [];
  const clock = { now: 1_000_000 };
  const site: Record<string, JsonObject | NetError> = {
    [URL_]: setOf(KEY),
    [DID_URL]: didDocument(KEY),
    ...pages,
  };
  const stated = new Map<Did, string>();
  const key = { did: DID, publicKey: KEY, verificationMethod: `${DID}#${KEYID}` };
  const rows = new Map<string, HeldKey>([[`${URL_} ${KEYID}`, { ...key, agreedAt: clock.now }]]);
  const { didLogs, enrolledKeys: keys } = createResolution({
    crypto,
    now: () => clock.now,
    loopback: false,
    findDidLog: async (subject) => stated.get(subject) ?? null,
    fetch: {
      async request(url) {
        asked.push(url);
        const page = site[url];
        if (page instanceof NetError) throw page;
        const body = new TextEncoder().encode(JSON.stringify(page ?? null));
        return { status: page === undefined ? 404 : 200, header: () => 'application/json', body };
      },
    },
    held: {
      find: async (url, keyid) => rows.get(`${url} ${keyid}`) ?? null,
      async note(url, keyid, agreed) {
        notes.push(agreed);
        const row = rows.get(`${url} ${keyid}`)!;
        rows.set(`${url} ${keyid}`, { ...row, agreedAt: agreed ? clock.now : null });
      },
    },
  });
  const ask = (url: string | null = URL_, keyid = KEYID) => keys.lookup(url, keyid);
  return { asked, notes, clock, site, rows, stated, didLogs, keys, ask };
}

describe('an enrolled key', () => {
  it('is its DID’s for an hour without a look at any document', async () => {
    const { asked, clock, ask } = world();
    expect(await ask()).toMatchObject({ ok: true, did: DID, publicKey: KEY });
    clock.now += HOUR - 1;
    expect((await ask()).ok).toBe(true);
    expect(asked).toEqual([]);
  });

  it('has both documents looked at after an hour, once for all who ask, and then stands for another', async () => {
    const { asked, notes, clock, ask } = world();
    clock.now += HOUR;
    const found = await Promise.all([ask(), ask(), ask()]);
    expect(found.every(({ ok }) => ok)).toBe(true);
    expect(asked).toEqual([URL_, DID_URL]);
    expect(notes).toEqual([true]);
    clock.now += HOUR - 1;
    expect((await ask()).ok).toBe(true);
    expect(asked).toHaveLength(2);
  });

  it.each([
    ['the JWK Set drops it', { [URL_]: setOf(OTHER) }],
    ['the DID document drops it', { [DID_URL]: didDocument(OTHER) }],
    ['the service goes elsewhere', { [DID_URL]: didDocument(KEY, 'https://keys.example.com/b') }],
    ['another DID’s document is put at the URL', { [URL_]: { id: 'did:web:x.com', keys: [] } }],
  ])('stops counting when %s, and stays so through an outage', async (_, pages) => {
    const { notes, clock, site, ask } = world(pages as Record<string, JsonObject>);
    clock.now += HOUR;
    expect(await ask()).toMatchObject({ ok: false, reason: 'key_not_in_directory' });
    expect(notes).toEqual([false]);
    for (const url of [URL_, DID_URL]) site[url] = new NetError('timed_out', '');
    clock.now += 25 * HOUR;
    expect(await ask()).toMatchObject({ ok: false, reason: 'discovery_failed' });
    expect(notes).toEqual([false]);
  });

  it('counts again when both documents name it again', async () => {
    const { clock, site, ask } = world({ [URL_]: setOf(OTHER) });
    clock.now += HOUR;
    expect((await ask()).ok).toBe(false);
    site[URL_] = setOf(OTHER, KEY);
    clock.now += 60_000;
    expect((await ask()).ok).toBe(true);
  });

  it.each([[URL_], [DID_URL]])('outlives a day in which %s cannot be had', async (url) => {
    const { notes, clock, site, ask } = world();
    site[url] = new NetError('timed_out', '');
    clock.now += 24 * HOUR - 1;
    expect((await ask()).ok).toBe(true);
    clock.now += 1;
    expect(await ask()).toMatchObject({ reason: 'discovery_failed', retryable: true });
    expect(notes).toEqual([]);
    site[url] = url === URL_ ? setOf(KEY) : didDocument(KEY);
    clock.now += 60_000;
    expect((await ask()).ok).toBe(true);
  });

  it('is unknown under every other URL, and without one', async () => {
    const { asked, ask } = world();
    expect(await ask('https://keys.example.com/bob.json')).toMatchObject({
      reason: 'not_enrolled',
      detail: expect.stringContaining('/api/v1/enrolments'),
    });
    expect(await ask(null)).toMatchObject({
      reason: 'no_identifier',
      detail: expect.stringContaining('/api/v1/enrolments'),
    });
    expect(asked).toEqual([]);
  });

  it('may be withdrawn by its holder whatever the documents say by now, known as a key alone', async () => {
    const { asked, clock, keys } = world({ [URL_]: setOf(OTHER) });
    clock.now += 100 * HOUR;
    expect(await keys.held(URL_, KEYID)).toMatchObject({ ok: true, did: didKeyOf(KEY) });
    expect(await keys.held(null, KEYID)).toMatchObject({ reason: 'no_identifier' });
    expect(asked).toEqual([]);
  });
});

describe('a did:webvh', () => {
  const agent = new RotatingAgent('ada', 'home.example.com', 0, [
    { id: '#keys', type: DIRECTORY_SERVICE, serviceEndpoint: URL_ },
  ]);
  const first = crypto.publicKeyOf(agent.seed);
  const keyid = jwkThumbprint(first, crypto);
  const versions = { first: agent.text, did: agent.did, subject: agent.log.subject };
  const rotated = agent.rotate(0).text;
  const moved = agent.rotate(0, { host: 'new.example.com' }).text;
  const ended = agent.rotate(0, { deactivate: true }).text;

  async function enrolled() {
    const made = world({ [URL_]: setOf(first) });
    made.stated.set(versions.subject, versions.first);
    const link = { url: URL_, keyid, did: versions.did };
    const checked = await made.keys.check(link);
    if (!checked.ok) throw new Error(checked.detail);
    made.rows.set(`${URL_} ${keyid}`, { ...checked, agreedAt: made.clock.now });
    made.asked.length = 0;
    return made;
  }

  it('is linked to a JWK Set by its log', async () => {
    const { asked, ask } = await enrolled();
    expect(await ask(URL_, keyid)).toMatchObject({ ok: true, did: versions.did });
    expect(asked).toEqual([]);
  });

  it.each([
    ['rotates', rotated],
    ['moves', moved],
    ['ends', ended],
  ])('loses the key at once when it %s', async (_, text) => {
    const { stated, didLogs, notes, ask } = await enrolled();
    stated.set(versions.subject, text);
    didLogs.known.forget();
    expect(await ask(URL_, keyid)).toMatchObject({ ok: false, reason: 'key_not_in_directory' });
    expect(notes).toEqual([false]);
  });
});

it('knows a did:key that was enrolled without a URL for ever', async () => {
  const { asked, clock, rows, ask } = world();
  const did = didKeyOf(KEY);
  const held = { did, publicKey: KEY, verificationMethod: `${did}#x`, agreedAt: clock.now };
  rows.set(`${null} ${KEYID}`, held);
  clock.now += 10_000 * HOUR;
  expect(await ask(null)).toMatchObject({ ok: true, did, publicKey: KEY });
  expect(asked).toEqual([]);
});

describe('a key that is to be enrolled', () => {
  it('is found in the JWK Set at the URL under its thumbprint, and speaks for itself alone', async () => {
    const lying = { keys: [{ ...ed25519ToJwk(OTHER), kid: KEYID }] };
    const { site, clock, keys } = world({ [URL_]: lying });
    expect(await keys.published(URL_, KEYID)).toMatchObject({ reason: 'key_not_in_directory' });
    site[URL_] = { keys: [{ ...ed25519ToJwk(KEY), kid: 'mine' }] };
    clock.now += 60_000;
    expect(await keys.published(URL_, KEYID)).toMatchObject({ ok: true, did: didKeyOf(KEY) });
  });

  it.each([
    ['nothing is there', new NetError('connection_failed', ''), 'discovery_failed'],
    ['it is a redirect', new NetError('redirect_refused', ''), 'directory_redirected'],
    ['it is too large', new NetError('too_large', ''), 'directory_too_large'],
    ['it is no JWK Set', { id: 'x' }, 'directory_malformed'],
  ])('is not found where %s', async (_, page, reason) => {
    const { keys } = world({ [URL_]: page as JsonObject | NetError });
    expect(await keys.published(URL_, KEYID)).toMatchObject({ ok: false, reason });
  });

  it('is checked against documents as they are now, not as they are known', async () => {
    const { asked, site, clock, keys } = world({ [DID_URL]: didDocument(KEY, 'https://x.com/') });
    const link = { url: URL_, keyid: KEYID, did: DID };
    expect(await keys.check(link)).toMatchObject({ reason: 'service_not_linked' });
    site[DID_URL] = didDocument(KEY);
    clock.now += 60_000;
    expect(await keys.check(link)).toMatchObject({ ok: true, did: DID, listed: [KEYID, KEYID] });
    expect(asked).toHaveLength(4);
    site[DID_URL] = didDocument(OTHER);
    clock.now += 60_000;
    expect(await keys.check(link)).toMatchObject({ reason: 'key_not_listed' });
  });

  it('is not even looked for at a URL that stands for a DID', async () => {
    const { asked, keys } = world();
    for (const url of [
      `https://x.com/dids/${didKeyOf(KEY)}/did.json`,
      'https://x.com/a/did.json',
    ]) {
      const checked = await keys.check({ url, keyid: KEYID, did: DID });
      expect(checked).toMatchObject({ ok: false, reason: 'url_names_a_did' });
    }
    expect(asked).toEqual([]);
  });

  it('cannot be checked while a document cannot be had, or its method is not known', async () => {
    const { keys } = world({ [DID_URL]: new NetError('timed_out', '') });
    const link = { url: URL_, keyid: KEYID, did: DID };
    expect(await keys.check(link)).toMatchObject({ reason: 'did_unavailable' });
    const odd = { ...link, did: 'did:example:x' as Did };
    expect(await keys.check(odd)).toMatchObject({ reason: 'did_unavailable' });
    expect(await keys.check({ ...link, url: 'https://keys.example.com/gone' })).toMatchObject({
      reason: 'set_unavailable',
    });
  });
});
