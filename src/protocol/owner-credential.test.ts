// An owner's half: what its maker and its verifier must not be asked, and whom the verifier asks.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createNodeCrypto } from '../crypto/node.ts';
import { formatDateTime } from './date-time.ts';
import { type Did, didKeyOf, parseDid } from './did.ts';
import { buildDidWebDocument } from './did-document.ts';
import type { JsonObject } from './json.ts';
import {
  createBitstring,
  createOwnerCredential,
  createStatusList,
  type OwnerClaim,
  ownerDidOfKey,
  verifyOwnerCredential,
} from './owner-credential.ts';
import { publicKeyToMultibase } from './public-key.ts';

const crypto = createNodeCrypto();
const secret = new Uint8Array(32).fill(8);
const publicKey = crypto.publicKeyOf(secret);
const key = { kind: 'Ed25519', secret } as const;
const multibase = publicKeyToMultibase({ kind: 'Ed25519', bytes: publicKey });
const owner = ownerDidOfKey({ kind: 'Ed25519', bytes: publicKey });
const signer = { key, keyId: `${owner}#${multibase}` };
const agent = didKeyOf(crypto.publicKeyOf(new Uint8Array(32).fill(7)));
const now = 1_795_000_000;
const list = 'https://owner.example/status/1';
const claim: OwnerClaim = {
  owner,
  agent,
  validFrom: now,
  validUntil: now + 86_400,
  mediaType: 'application/vc',
};
const asked = (changes: Partial<OwnerClaim> = {}) =>
  createOwnerCredential({ ...claim, ...changes }, signer, crypto);
const expected = { agent, now, crypto, mediaType: 'application/vc' } as const;
const refusal = { name: 'ProtocolError', code: 'invalid_argument' };

describe('createOwnerCredential', () => {
  test.each([
    ['an end before the beginning', { validUntil: now - 1 }],
    ['367 days', { validUntil: now + 367 * 86_400 }],
    ['half seconds', { validFrom: now + 0.5 }],
    ['an owner of themselves', { agent: owner as Did }],
    ['a role nobody knows', { role: 'landlord' as never }],
    ['a status list by plain http', { status: { list: 'http://owner.example/1', index: 5 } }],
    ['an index below zero', { status: { list, index: -1 } }],
    ['half an index', { status: { list, index: 0.5 } }],
    ['an index beyond every list', { status: { list, index: 8_388_608 } }],
  ])('refuses %s', async (_, wrong) => {
    await expect(asked(wrong)).rejects.toMatchObject(refusal);
  });

  test('refuses a proof inside by a key that is not Ed25519', async () => {
    const other = { ...signer, key: { kind: 'P-256', secret } as const };
    await expect(createOwnerCredential(claim, other, crypto)).rejects.toMatchObject(refusal);
  });

  test('takes a list on loopback', async () => {
    const status = { list: 'http://127.0.0.1:8080/list', index: 0 };
    expect(JSON.parse(await asked({ status })).credentialStatus.statusListIndex).toBe('0');
  });
});

describe('verifyOwnerCredential', () => {
  test('takes the map as well as its text', async () => {
    const text = await asked();
    const verdicts = [text, JSON.parse(text)].map((each) => verifyOwnerCredential(each, expected));
    for (const verdict of await Promise.all(verdicts)) {
      expect(verdict).toMatchObject({ ok: true, claim: { owner, agent, form: 'vc' } });
    }
  });

  test('a map that has no JSON form is malformed, and nothing is thrown', async () => {
    const map = { ...JSON.parse(await asked()), issuer: '\ud800' } as JsonObject;
    expect(await verifyOwnerCredential(map, expected)).toMatchObject({ reason: 'malformed' });
    const jwt = { ...expected, mediaType: 'application/vc+jwt' } as const;
    expect(await verifyOwnerCredential(map, jwt)).toMatchObject({ reason: 'malformed' });
  });

  test('refuses to work with a clock that does not tell the time', async () => {
    const broken = verifyOwnerCredential(await asked(), { ...expected, now: Number.NaN });
    await expect(broken).rejects.toMatchObject(refusal);
  });

  test('asks for the document once nothing else is wrong, and for the list once the signature is right', async () => {
    const did = parseDid('did:web:corp.example') as Did;
    const fragment = 'key-1';
    const keys = [{ publicKey, fragment, purposes: ['assertionMethod'] as const }];
    const document = buildDidWebDocument({ did, keys }, crypto);
    const from = { key, keyId: `${did}#${fragment}` };
    const status = { list, index: 9 };
    const text = await createOwnerCredential({ ...claim, owner: did, status }, from, crypto);
    const window = { validFrom: now, validUntil: now + 60 };
    const bits = createBitstring();
    const mediaType = 'application/vc';
    const published = await createStatusList(
      { issuer: did, url: list, bits, ...window, mediaType },
      from,
      crypto,
    );
    const calls: string[] = [];
    const verify = (credential: string, changes: object = {}) =>
      verifyOwnerCredential(credential, {
        ...expected,
        ...changes,
        resolveDocument: async (which) => {
          calls.push(which);
          return { ok: true, document };
        },
        statusList: async (url) => {
          calls.push(url);
          return { ok: true, credential: published, mediaType };
        },
      });
    expect(await verify(text, { now: now + 86_400 })).toMatchObject({ reason: 'expired' });
    expect(await verify(text, { agent: did })).toMatchObject({ ok: false });
    expect(calls).toEqual([]);
    const role = { credentialSubject: { id: agent, ownershipRole: 'creator' } };
    const changed = JSON.stringify({ ...JSON.parse(text), ...role });
    expect(await verify(changed)).toMatchObject({ reason: 'signature_invalid' });
    expect(calls.splice(0)).toEqual([did]);
    expect(await verify(text)).toMatchObject({
      ok: true,
      claim: { domain: 'corp.example', statusList: list },
    });
    expect(calls).toEqual([did, list, did]);
  });

  test('is undecided about a did:web and about a list when it has nobody to ask', async () => {
    const did = parseDid('did:web:corp.example') as Did;
    const from = { key, keyId: `${did}#key-1` };
    const web = await createOwnerCredential({ ...claim, owner: did }, from, crypto);
    expect(await verifyOwnerCredential(web, expected)).toMatchObject({
      outcome: 'indeterminate',
      reason: 'key_unresolvable',
    });
    const listed = await asked({ status: { list, index: 1 } });
    expect(await verifyOwnerCredential(listed, expected)).toMatchObject({
      outcome: 'indeterminate',
      reason: 'status_unknown',
    });
  });

  test.each(['application/vc', 'application/vc+jwt'] as const)(
    'refuses %s in which any character is another or gone',
    async (mediaType) => {
      const text = await asked({ mediaType, role: 'operator' });
      const place = fc.nat({ max: text.length - 1 });
      const property = fc.asyncProperty(
        place,
        fc.constantFrom(...'AZaz09-_."'),
        async (at, put) => {
          const changed = [
            text.slice(0, at) + put + text.slice(at + 1),
            text.slice(0, at) + text.slice(at + 1),
          ];
          for (const each of changed.filter((other) => other !== text)) {
            const verdict = await verifyOwnerCredential(each, { ...expected, mediaType });
            expect(verdict).toMatchObject({ ok: false });
          }
        },
      );
      await fc.assert(property, { numRuns: 150 });
    },
  );

  test('the times it gives are those of the credential', async () => {
    const verdict = await verifyOwnerCredential(await asked(), expected);
    expect(verdict.ok && formatDateTime(verdict.claim.validUntil)).toBe(
      formatDateTime(claim.validUntil),
    );
  });
});
