// Keys of object proofs by did:key and did:web, with a document that changes and one that is not there.
import { describe, expect, it } from 'vitest';
import { RotatingAgent } from '../../test/rotating-agent.ts';
import { createNodeCrypto } from '../crypto/node.ts';
import { type Did, didKeyOf, parseDid } from '../protocol/did.ts';
import { buildDidWebDocument } from '../protocol/did-document.ts';
import { createWitnessProof } from '../protocol/did-log-witness.ts';
import type { JsonObject } from '../protocol/json.ts';
import { NetError } from './error.ts';
import { createResolution } from './resolution.ts';

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

function world(pages: Record<string, JsonObject | string | NetError>) {
  const asked: string[] = [];
  const clock = { now: 0 };
  const stated = new Map<Did, string>();
  const { didLogs, objectKeys, resolver } = createResolution({
    crypto,
    now: () => clock.now,
    loopback: false,
    findDidLog: async (subject) => stated.get(subject) ?? null,
    fetch: {
      async request(url) {
        asked.push(url);
        const page = pages[url];
        if (page instanceof NetError) throw page;
        const text = typeof page === 'string' ? page : JSON.stringify(page ?? null);
        const body = new TextEncoder().encode(text);
        const status = page === undefined ? 404 : 200;
        return { status, header: () => 'application/did+json', body };
      },
    },
  });
  return { asked, clock, didLogs, pages, resolver, stated, keys: objectKeys };
}

describe('object keys', () => {
  it('has the keys of a did:webvh from the log that is known, and fetches nothing for it', async () => {
    const { asked, keys, stated } = world({});
    const ada = new RotatingAgent('ada', 'agents.example.com', 0);
    const { did, keyId } = ada;
    expect(await keys.resolve(did, keyId)).toMatchObject({ reason: 'identity_unknown' });
    stated.set(ada.log.subject, ada.text);
    expect(await keys.resolve(did, keyId)).toMatchObject({ ok: true });
    expect(await keys.resolve(did, `${did}#other`)).toMatchObject({
      reason: 'key_not_found',
      retryable: false,
    });
    // What counts in a log is what the log has stated.
    expect(await keys.cached(did, keyId)).toMatchObject({ reason: 'identity_unknown' });
    expect(asked).toEqual([]);
  });

  it('takes a new key at once, and an old one no longer once the statement is announced', async () => {
    const { clock, didLogs, keys, stated } = world({});
    const ada = new RotatingAgent('ada', 'agents.example.com', 0);
    const { did, keyId: old } = ada;
    stated.set(ada.log.subject, ada.text);
    await keys.resolve(did, old);
    stated.set(ada.log.subject, ada.rotate(0).text);
    expect(await keys.resolve(did, ada.keyId)).toMatchObject({ ok: true });
    expect(await keys.resolve(did, old)).toMatchObject({ reason: 'key_not_found' });
    stated.set(ada.log.subject, ada.rotate(0).text);
    didLogs.known.forget();
    expect(await keys.resolve(did, old)).toMatchObject({ reason: 'key_not_found' });
    const { keyId } = ada;
    await keys.resolve(did, keyId);
    stated.set(ada.log.subject, ada.rotate(0).text);
    // Announced in another process: soon.
    clock.now += 2_000;
    expect(await keys.resolve(did, keyId)).toMatchObject({ reason: 'key_not_found' });
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

  it('refuses a key that the document lists for another controller', async () => {
    const page = document(ALICE, FIRST) as { verificationMethod: object[] };
    const verificationMethod = page.verificationMethod.map((method) => ({
      ...method,
      controller: 'did:web:evil.example.com',
    }));
    const { keys } = world({ [ALICE_URL]: { ...page, verificationMethod } as never });
    expect(await keys.resolve(ALICE, `${ALICE}#key-1`)).toMatchObject({ reason: 'did_mismatch' });
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

  it('gives the document of a did:webvh from its own host, and of one that is known without asking', async () => {
    const ada = new RotatingAgent('ada', 'agents.example.com', 0);
    const { did, log } = ada;
    const url = `https://agents.example.com/dids/${log.scid}/did.jsonl`;
    const { asked, resolver, stated } = world({ [url]: ada.text });
    const found = await resolver.resolve(did);
    expect(found.didDocument).toEqual(log.versions[0]?.document);
    expect((await resolver.resolve(did, { mode: 'cached' })).didDocument).toEqual(
      found.didDocument,
    );
    expect(asked).toEqual([url]);
    stated.set(log.subject, ada.rotate(0, { host: 'other.example.com' }).text);
    const moved = await resolver.resolve(did);
    expect(moved.didResolutionMetadata).toMatchObject({ error: 'notFound', retryable: false });
    expect((await resolver.resolve(ada.did)).didDocument?.id).toBe(ada.did);
    stated.set(log.subject, ada.rotate(0, { deactivate: true }).text);
    await new Promise((resolve) => setTimeout(resolve));
    expect(asked).toEqual([url]);
  });

  it.each([
    ['nothing', () => undefined, 'notFound'],
    ['no DID log', () => '{}', 'notFound'],
    ['the log of somebody else', () => agent('bob').text, 'notFound'],
    ['a log that was changed', () => agent('ada').text.replace('true', 'false'), 'notFound'],
    ['no answer', () => new NetError('timed_out', ''), 'unavailable'],
  ])('has no document of a did:webvh whose host gives %s', async (_, page, error) => {
    const { did, log } = agent('ada');
    const url = `https://agents.example.com/dids/${log.scid}/did.jsonl`;
    const given = page();
    const { resolver } = world(given === undefined ? {} : { [url]: given });
    const found = await resolver.resolve(did);
    expect(found).toMatchObject({ didDocument: null, didResolutionMetadata: { error } });
  });

  it('reads the witness proofs beside the log where it has witnesses', async () => {
    const witness = new Uint8Array(32).fill(1);
    const policy = { threshold: 1, witnesses: [{ id: didKeyOf(FIRST) }] };
    const ada = agent('ada').rotate(0, { witness: policy });
    const approve = () => {
      const { versionId } = ada.log.versions.at(-1)!;
      const proof = [createWitnessProof(versionId, witness, 0, crypto)];
      return JSON.stringify([{ versionId, proof }]);
    };
    const before = approve();
    const folder = `https://agents.example.com/dids/${ada.log.scid}`;
    const log = { [`${folder}/did.jsonl`]: ada.rotate(0).text };
    const resolved = (pages: Record<string, string>) => world(pages).resolver.resolve(ada.did);
    const proofs = `${folder}/did-witness.json`;
    expect((await resolved(log)).didDocument).toBeNull();
    expect((await resolved({ ...log, [proofs]: before })).didDocument).toBeNull();
    expect((await resolved({ ...log, [proofs]: approve() })).didDocument?.id).toBe(ada.did);
  });
});

function agent(name: string): RotatingAgent {
  return new RotatingAgent(name, 'agents.example.com', 0);
}
