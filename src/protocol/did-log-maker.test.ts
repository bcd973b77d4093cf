// Makers of DID logs: what they make verifies at every step, and what nobody would accept they do not make.
import { describe, expect, test } from 'vitest';
import { crypto, multikey, promise, START, seed } from '../../test/did-log-forge.ts';
import type { Did } from './did.ts';
import { keysFor } from './did-document.ts';
import { extendsDidLog, readDidLog, verifyDidLog } from './did-log.ts';
import { documentOfDidLog } from './did-log-document.ts';
import {
  appendToDidLog,
  createDidLog,
  type DidLogChange,
  HOSTED_PATH,
  type NewDidLog,
} from './did-log-maker.ts';
import { type MadeDidLog, promiseOf } from './did-log-publish.ts';
import { createWitnessProof } from './did-log-witness.ts';
import type { JsonObject } from './json.ts';
import { jwkThumbprint } from './thumbprint.ts';

const publicKey = (n: number) => crypto.publicKeyOf(seed(n));
const identity: NewDidLog = {
  host: 'node.example',
  path: HOSTED_PATH,
  updateSeed: seed(1),
  signingKeys: [publicKey(21)],
  nextKeyHashes: [promise(2), promise(9)],
  now: START,
};
const made = createDidLog(identity, crypto);
const append = ({ text }: MadeDidLog, change: Partial<DidLogChange>) =>
  appendToDidLog(
    text,
    {
      updateSeed: seed(2),
      nextKeyHashes: [promise(3), promise(9)],
      now: START + 60_000,
      ...change,
    } as DidLogChange,
    crypto,
  );
const verified = async ({ text }: MadeDidLog) => verifyDidLog(text, { crypto, now: START });

describe('a new DID', () => {
  test('is hosted under its own SCID, portable, with two promised keys', async () => {
    const { log } = made;
    expect(await verified(made)).toEqual({ ok: true, log });
    expect(readDidLog(made.text)).toEqual(log);
    expect(log.did).toBe(`did:webvh:${log.scid}:node.example:dids:${log.scid}`);
    expect(log.subject).toBe(`did:scid:vh:1:${log.scid}`);
    expect(log).toMatchObject({ portable: true, deactivated: false });
    expect(log.versions[0]).toMatchObject({
      number: 1,
      versionTime: '2025-01-01T00:00:00Z',
      updateKeys: [multikey(1)],
      nextKeyHashes: [promiseOf(seed(2), crypto), promiseOf(seed(9), crypto)],
    });
  });

  test('lists each key for proofs and requests, by thumbprint and by Multikey', () => {
    const { did, versions } = made.log;
    const ids = [jwkThumbprint(publicKey(21), crypto), multikey(21)].map((id) => `${did}#${id}`);
    for (const purpose of ['assertionMethod', 'authentication'] as const) {
      expect(keysFor(versions[0]?.document, did, purpose)).toEqual({
        ok: true,
        keys: ids.map((id) => ({ id, publicKey: publicKey(21) })),
      });
    }
    expect(versions[0]?.document).not.toHaveProperty('keys');
  });

  test('is served as a document that is a JWK Set too', () => {
    const document = documentOfDidLog(made.log, crypto) as JsonObject;
    const { keys, '@context': context, ...plain } = document;
    const { '@context': plainContext, ...logged } = made.log.versions[0]!.document;
    expect(plain).toEqual(logged);
    expect(context).toEqual([...(plainContext as string[]), { keys: expect.anything() }]);
    expect(keys).toMatchObject([
      { kty: 'OKP', crv: 'Ed25519', use: 'sig', kid: jwkThumbprint(publicKey(21), crypto) },
    ]);
  });

  test('may have a port, no path, services, and stay where it is', async () => {
    const services = [{ id: '#home', type: 'LinkedDomains', serviceEndpoint: 'https://a.example' }];
    const fixed = { ...identity, host: 'localhost%3A8080', path: [], portable: false, services };
    const other = createDidLog(fixed, crypto);
    expect(await verified(other)).toEqual({ ok: true, log: other.log });
    expect(other.log.did).toBe(`did:webvh:${other.log.scid}:localhost%3A8080`);
    expect(other.log).toMatchObject({
      portable: false,
      versions: [{ document: { service: services } }],
    });
  });
});

describe('the next version', () => {
  test('rotates: signed by the next key, with another key for objects', async () => {
    const next = append(made, { signingKeys: [publicKey(22)] });
    expect(await verified(next)).toEqual({ ok: true, log: next.log });
    expect(next.text.startsWith(made.text)).toBe(true);
    const { did, versions } = next.log;
    expect(versions[1]).toMatchObject({ did: made.log.did, updateKeys: [multikey(2)] });
    const keys = keysFor(versions[1]?.document, did, 'assertionMethod');
    expect(keys).toMatchObject({
      keys: [{ publicKey: publicKey(22) }, { publicKey: publicKey(22) }],
    });
    expect(extendsDidLog(next.log, made.log.versions[0]!)).toBe(true);
    expect(extendsDidLog(made.log, next.log.versions[1]!)).toBe(false);
  });

  test('recovers: signed by the recovery key, after any number of rotations', async () => {
    const rotated = append(made, {});
    const recovered = append(rotated, {
      updateSeed: seed(9),
      signingKeys: [publicKey(23)],
      nextKeyHashes: [promise(4), promise(10)],
    });
    expect(await verified(recovered)).toEqual({ ok: true, log: recovered.log });
    // What was promised to the key that is lost is taken back.
    expect(() => append(recovered, { updateSeed: seed(3) })).toThrow('nextKeyHashes');
  });

  test('moves: every id in the document and the alias follow', async () => {
    const { did, scid } = made.log;
    const moved = append(made, { host: 'other.example', path: HOSTED_PATH });
    expect(await verified(moved)).toEqual({ ok: true, log: moved.log });
    expect(moved.log).toMatchObject({
      did: `did:webvh:${scid}:other.example:dids:${scid}`,
      subject: made.log.subject,
    });
    const { alsoKnownAs, ...document } = moved.log.versions[1]!.document;
    expect(alsoKnownAs).toEqual([did]);
    expect(JSON.stringify(document)).not.toContain('node.example');
    expect(keysFor(document, moved.log.did, 'authentication')).toMatchObject({
      keys: [{ publicKey: publicKey(21) }, { publicKey: publicKey(21) }],
    });
    const back = append(moved, {
      updateSeed: seed(3),
      nextKeyHashes: [promise(4)],
      host: 'node.example',
      path: HOSTED_PATH,
    });
    expect(await verified(back)).toEqual({ ok: true, log: back.log });
    expect(back.log.did).toBe(did);
    expect(back.log.versions[2]?.document.alsoKnownAs).toEqual([moved.log.did]);
  });

  test('renames nothing that only begins like the DID', async () => {
    const { did } = made.log;
    const services = [
      { id: `${did}#home`, type: 'LinkedDomains', serviceEndpoint: `${did}:bob#home` },
    ];
    const withService = createDidLog({ ...identity, services }, crypto);
    const moved = append(withService, { host: 'other.example' });
    expect(moved.log.versions[1]?.document.service).toEqual(services);
  });

  test('deactivates: the last version, without document', async () => {
    const ended = append(made, { deactivate: true, nextKeyHashes: undefined as never });
    expect(await verified(ended)).toEqual({ ok: true, log: ended.log });
    expect(ended.log).toMatchObject({ deactivated: true, did: made.log.did });
    expect(documentOfDidLog(ended.log, crypto)).toBeNull();
    expect(() => append(ended, {})).toThrow('the version before was the last');
  });

  test('is always later than the one before', async () => {
    const next = append(made, { now: START });
    expect(next.log.versions[1]?.versionTime).toBe('2025-01-01T00:00:01Z');
    expect(await verified(next)).toMatchObject({ ok: true });
  });

  test('can do without promised keys', async () => {
    const plain = createDidLog({ ...identity, nextKeyHashes: [] }, crypto);
    const next = append(plain, { updateSeed: seed(1), nextKeyHashes: undefined as never });
    expect(await verified(next)).toEqual({ ok: true, log: next.log });
    const promised = append(next, { updateSeed: seed(1), nextKeyHashes: [promise(2)] });
    expect(await verified(append(promised, {}))).toMatchObject({ ok: true });
  });

  test('waits for its witnesses', async () => {
    const witness = { threshold: 1, witnesses: [{ id: `did:key:${multikey(31)}` }] };
    const { text, log } = append(createDidLog({ ...identity, witness }, crypto), {});
    expect(await verifyDidLog(text, { crypto })).toMatchObject({ reason: 'witness_threshold' });
    const versionId = log.versions[1]?.versionId as string;
    const proof = [createWitnessProof(versionId, seed(31), START, crypto)];
    const witnesses = JSON.stringify([{ versionId, proof }]);
    expect(await verifyDidLog(text, { crypto, witnesses })).toEqual({ ok: true, log });
    const dismissed = append({ text, log }, { updateSeed: seed(3), witness: null });
    expect(await verifyDidLog(dismissed.text, { crypto, witnesses })).toMatchObject({ version: 3 });
  });
});

describe('refuses to make', () => {
  test.each<[string, Partial<NewDidLog>]>([
    ['a DID at an IP address', { host: '192.0.2.1' }],
    ['a DID at a host with a plain colon', { host: 'localhost:8080' }],
    ['a DID at a path that climbs', { path: ['..'] }],
    ['a promise twice', { nextKeyHashes: [promise(2), promise(2)] }],
    ['a threshold nobody can reach', { witness: { threshold: 1, witnesses: [] } }],
  ])('%s', (_, change) => {
    expect(() => createDidLog({ ...identity, ...change }, crypto)).toThrow(
      expect.objectContaining({ code: 'invalid_argument' }),
    );
  });

  const fixed = createDidLog({ ...identity, portable: false }, crypto);
  test.each<[string, MadeDidLog, Partial<DidLogChange>]>([
    ['a version by a key that was not promised', made, { updateSeed: seed(3) }],
    ['a version by the key of the version before', made, { updateSeed: seed(1) }],
    ['a version that promises nothing', made, { nextKeyHashes: undefined as never }],
    ['a move of a DID that is not portable', fixed, { host: 'other.example' }],
  ])('%s', (_, log, change) => {
    expect(() => append(log, change)).toThrow(
      expect.objectContaining({ code: 'invalid_argument' }),
    );
  });

  test('a version of what is no log', () => {
    expect(() => append({ ...made, text: '{}' }, {})).toThrow();
    expect(() => readDidLog('')).toThrow(expect.objectContaining({ code: 'invalid_argument' }));
  });
});

test('a log asked for by a name it has or had', async () => {
  const moved = append(made, { host: 'other.example' });
  for (const did of [made.log.did, moved.log.did]) {
    expect(await verifyDidLog(moved.text, { crypto, did })).toMatchObject({ ok: true });
  }
  const did = 'did:web:node.example' as Did;
  expect(await verifyDidLog(moved.text, { crypto, did })).toMatchObject({ reason: 'did_mismatch' });
});

test('a log too long is not read', async () => {
  const long = `${made.text}${' '.repeat(200_001 - made.text.length)}`;
  expect(await verifyDidLog(long, { crypto })).toMatchObject({ reason: 'too_large' });
  expect(await verifyDidLog('{}\n'.repeat(501), { crypto })).toMatchObject({ reason: 'too_large' });
  expect(await verifyDidLog('[]\n'.repeat(500), { crypto })).toMatchObject({ reason: 'malformed' });
  const witnesses = `[${' '.repeat(50_000)}]`;
  expect(await verifyDidLog(made.text, { crypto, witnesses })).toMatchObject({
    reason: 'too_large',
  });
});
