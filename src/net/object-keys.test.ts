// Keys of object proofs by did:key and did:web, with a document that changes and one that is not there.
import { describe, expect, it } from 'vitest';
import { createNodeCrypto } from '../crypto/node.ts';
import { type Did, didKeyOf, parseDid } from '../protocol/did.ts';
import { buildDidWebDocument } from '../protocol/did-document.ts';
import type { JsonObject } from '../protocol/json.ts';
import { createDidResolver } from './did-resolver.ts';
import { createDocumentCache } from './document-cache.ts';
import { NetError } from './error.ts';
import { createObjectKeys } from './object-keys.ts';

const crypto = createNodeCrypto();
const KEYS = [1, 2].map((n) => crypto.publicKeyOf(new Uint8Array(32).fill(n)));
const [FIRST, SECOND] = KEYS as [Uint8Array, Uint8Array];
const ALICE = parseDid('did:web:agents.example.com:alice') as Did;
const ALICE_URL = 'https://agents.example.com/alice/did.json';

function document(did: Did, ...keys: Uint8Array[]): JsonObject {
  const subject = {
    did,
    keys: keys.map((publicKey, i) => ({
      publicKey,
      fragment: `key-${i + 1}`,
      purposes: ['assertionMethod'] as const,
    })),
  };
  return JSON.parse(JSON.stringify(buildDidWebDocument(subject, crypto)));
}

function world(pages: Record<string, JsonObject | NetError>) {
  const asked: string[] = [];
  const clock = { now: 0 };
  const documents = createDocumentCache({
    now: () => clock.now,
    fetch: {
      async request(url) {
        asked.push(url);
        const page = pages[url];
        if (page instanceof NetError) throw page;
        const body = new TextEncoder().encode(JSON.stringify(page ?? null));
        const status = page === undefined ? 404 : 200;
        return { status, header: () => 'application/did+json', body };
      },
    },
  });
  const resolver = createDidResolver(documents);
  return { asked, clock, pages, resolver, keys: createObjectKeys(resolver) };
}

describe('object keys', () => {
  it('cannot have the keys of a did:webvh, and fetches nothing for it', async () => {
    const { asked, keys } = world({});
    const did = parseDid(
      'did:webvh:QmPEQVM1JPTyrvEgBcDXwjK4TeyLGSX1PxjgyeAisdWM1p:agents.example.com',
    ) as Did;
    for (const resolve of [keys.resolve, keys.cached]) {
      expect(await resolve(did, `${did}#key`)).toMatchObject({ reason: 'key_unresolvable' });
    }
    expect(asked).toEqual([]);
  });

  it('finds the key of a did:key in the DID itself', async () => {
    const { asked, keys } = world({});
    const did = didKeyOf(FIRST);
    const id = `${did}#${did.slice('did:key:'.length)}`;
    for (const resolve of [keys.resolve, keys.cached]) {
      expect(await resolve(did, id)).toEqual({ ok: true, publicKey: FIRST });
      expect(await resolve(did, `${did}#other`)).toMatchObject({ reason: 'key_not_found' });
    }
    expect(asked).toEqual([]);
  });

  it('finds the key of a did:web in its document, fetched once', async () => {
    const { asked, keys } = world({ [ALICE_URL]: document(ALICE, FIRST) });
    const ask = () => keys.resolve(ALICE, `${ALICE}#key-1`);
    const results = await Promise.all([ask(), ask()]);
    expect([...results, await ask()]).toEqual(Array(3).fill({ ok: true, publicKey: FIRST }));
    expect(asked).toEqual([ALICE_URL]);
  });

  it('fetches again for a key it does not know, once a minute', async () => {
    const { asked, clock, keys, pages } = world({ [ALICE_URL]: document(ALICE, FIRST) });
    await keys.resolve(ALICE, `${ALICE}#key-1`);
    pages[ALICE_URL] = document(ALICE, FIRST, SECOND);
    const unknown = { ok: false, reason: 'key_not_found', retryable: false };
    expect(await keys.resolve(ALICE, `${ALICE}#key-2`)).toMatchObject(unknown);
    expect(asked.length).toBe(1);
    clock.now += 60_000;
    expect(await keys.resolve(ALICE, `${ALICE}#key-2`)).toEqual({ ok: true, publicKey: SECOND });
    expect(await keys.resolve(ALICE, `${ALICE}#key-3`)).toMatchObject(unknown);
    expect(asked.length).toBe(2);
  });

  it('opens no connection when asked for what is cached', async () => {
    const { asked, clock, keys } = world({ [ALICE_URL]: document(ALICE, FIRST) });
    const unknown = { ok: false, reason: 'key_unresolvable', retryable: true };
    expect(await keys.cached(ALICE, `${ALICE}#key-1`)).toMatchObject(unknown);
    expect(asked).toEqual([]);
    await keys.resolve(ALICE, `${ALICE}#key-1`);
    expect(await keys.cached(ALICE, `${ALICE}#key-1`)).toEqual({ ok: true, publicKey: FIRST });
    clock.now += 60_000;
    // The document may have changed: whoever may fetch has to say.
    expect(await keys.cached(ALICE, `${ALICE}#key-2`)).toMatchObject({
      reason: 'key_not_found',
      retryable: true,
    });
    expect(asked.length).toBe(1);
  });

  it.each([
    ['another subject', document(parseDid('did:web:evil.example.com') as Did, FIRST), false],
    ['nothing', undefined, false],
    ['a private address', new NetError('address_refused', ''), false],
    ['no answer', new NetError('timed_out', ''), true],
  ])('refuses a did:web whose URL gives %s', async (_, page, retryable) => {
    const { keys } = world(page === undefined ? {} : { [ALICE_URL]: page });
    expect(await keys.resolve(ALICE, `${ALICE}#key-1`)).toMatchObject({
      ok: false,
      reason: 'key_unresolvable',
      retryable,
    });
  });

  it('refuses a verification method of another DID without asking anybody', async () => {
    const { asked, keys } = world({ [ALICE_URL]: document(ALICE, FIRST) });
    const found = await keys.resolve(ALICE, 'did:web:evil.example.com#key-1');
    expect(found).toMatchObject({ reason: 'did_mismatch', retryable: false });
    expect(asked).toEqual([]);
  });
});

describe('the DID resolver', () => {
  it('gives the document of a did:key and refuses DIDs of other spellings and methods', async () => {
    const { resolver } = world({});
    const did = didKeyOf(FIRST);
    expect((await resolver.resolve(did)).didDocument?.id).toBe(did);
    const refusals = await Promise.all(
      ['did:key:z6Mk', 'did:web:EXAMPLE.com', 'did:web:127.0.0.1', 'did:plc:abc'].map((text) =>
        resolver.resolve(text),
      ),
    );
    expect(refusals.map((refusal) => refusal.didResolutionMetadata.error)).toEqual([
      'invalidDid',
      'invalidDid',
      'invalidDid',
      'unsupportedDidMethod',
    ]);
  });
});
