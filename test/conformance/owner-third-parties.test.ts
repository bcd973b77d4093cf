// Credentials and status lists pass between this code and libraries that share none with it, both ways.
import { generateKeyPairSync, sign as signWith } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DataIntegrityProof } from '@digitalbazaar/data-integrity';
import { driver } from '@digitalbazaar/did-method-key';
import * as Ed25519Multikey from '@digitalbazaar/ed25519-multikey';
import {
  createSignCryptosuite,
  createVerifyCryptosuite,
} from '@digitalbazaar/eddsa-jcs-2022-cryptosuite';
import * as vc from '@digitalbazaar/vc';
import * as vcStatus from '@digitalbazaar/vc-bitstring-status-list';
import { compactVerify, importJWK, SignJWT } from 'jose';
import jsonld from 'jsonld';
import { describe, expect, test } from 'vitest';
import { createNodeCrypto } from '../../src/crypto/node.ts';
import { decodeBitstring } from '../../src/protocol/bitstring.ts';
import { decodeUtf8, fromHex } from '../../src/protocol/bytes.ts';
import { type Did, didKeyOf } from '../../src/protocol/did.ts';
import type { JsonObject } from '../../src/protocol/json.ts';
import {
  createBitstring,
  createOwnerCredential,
  createStatusList,
  type OwnerDid,
  ownerDidOfKey,
  verifyOwnerCredential,
  verifyStatusList,
  withBit,
} from '../../src/protocol/owner-credential.ts';
import { draftOwnerCredential, OWNERSHIP_CONTEXT } from '../../src/protocol/ownership.ts';
import {
  ALGORITHMS,
  type KeyKind,
  publicKeyFromJwk,
  publicKeyToMultibase,
} from '../../src/protocol/public-key.ts';
import { secureCredential } from '../../src/protocol/secured-credential.ts';

const crypto = createNodeCrypto();
const agent = didKeyOf(crypto.publicKeyOf(new Uint8Array(32).fill(1)));
const now = Math.floor(Date.now() / 1000);
const window = { validFrom: now - 60, validUntil: now + 30 * 86_400 };
const url = 'https://owner.example/status/1';
const status = { list: url, index: 94_567 };

interface Party {
  readonly did: OwnerDid;
  readonly signer: Parameters<typeof createOwnerCredential>[1];
  readonly jwk: JsonObject;
}

/** An owner with a key that node:crypto has made. */
function party(kind: KeyKind): Party {
  const pair =
    kind === 'Ed25519'
      ? generateKeyPairSync('ed25519')
      : generateKeyPairSync('ec', { namedCurve: kind === 'P-256' ? 'prime256v1' : kind });
  const { d, ...publicJwk } = pair.privateKey.export({ format: 'jwk' });
  const key = publicKeyFromJwk(publicJwk)!;
  const did = ownerDidOfKey(key);
  const secret = Uint8Array.from(Buffer.from(d!, 'base64url'));
  const keyId = `${did}#${publicKeyToMultibase(key)}`;
  return { did, signer: { key: { kind, secret }, keyId }, jwk: { ...publicJwk, d: d! } };
}

const verifyOwn = (
  credential: string | JsonObject,
  mediaType: 'application/vc' | 'application/vc+jwt',
) => verifyOwnerCredential(credential, { mediaType, agent, now, crypto });

describe('Digital Bazaar', async () => {
  const owner = party('Ed25519');
  const mediaType = 'application/vc';
  const didKey = driver();
  didKey.use({ multibaseMultikeyHeader: 'z6Mk', fromMultibase: Ed25519Multikey.from });
  const context = JSON.parse(
    readFileSync(join(import.meta.dirname, '../../contexts/exuvia-ownership-v1.jsonld'), 'utf8'),
  );

  /** Knows contexts, did:keys and what is handed in; nothing is fetched. */
  function loader(published: Record<string, unknown> = {}) {
    return async (iri: string) => {
      const document = iri.startsWith('did:key:')
        ? await didKey.get({ url: iri })
        : iri === OWNERSHIP_CONTEXT
          ? context
          : published[iri];
      return document === undefined
        ? vc.defaultDocumentLoader(iri)
        : { contextUrl: null, documentUrl: iri, document };
    };
  }

  const suite = new DataIntegrityProof({ cryptosuite: createVerifyCryptosuite() });

  async function verified(credential: JsonObject, list?: JsonObject): Promise<boolean> {
    const result = await vc.verifyCredential({
      credential: structuredClone(credential),
      suite,
      documentLoader: loader(list && { [url]: list }),
      checkStatus: (options) => vcStatus.checkStatus({ ...options, suite }),
    });
    const statuses = result.statusResult?.results ?? [];
    return result.verified && statuses.every((each) => !each.status);
  }

  const claim = { owner: owner.did, agent, ...window, mediaType } as const;
  const signed = JSON.parse(
    await createOwnerCredential({ ...claim, role: 'operator' }, owner.signer, crypto),
  );
  const listed = JSON.parse(
    await createOwnerCredential({ ...claim, status }, owner.signer, crypto),
  );

  async function listWith(...indexes: number[]): Promise<JsonObject> {
    const bits = indexes.reduce(withBit, createBitstring());
    const list = { issuer: owner.did, url, bits, ...window, mediaType } as const;
    return JSON.parse(await createStatusList(list, owner.signer, crypto));
  }

  test('verifies our credential and refuses it with another end or owner', async () => {
    expect(await verified(signed)).toBe(true);
    expect(await verified({ ...signed, validUntil: '2035-01-01T00:00:00Z' })).toBe(false);
    expect(await verified({ ...signed, issuer: party('Ed25519').did })).toBe(false);
  });

  test('reads our status list: others are revoked, then this one', async () => {
    expect(await verified(listed, await listWith(94_566, 94_568))).toBe(true);
    expect(await verified(listed, await listWith(94_567))).toBe(false);
  });

  test('sets the bits that we set', async () => {
    const list = await vcStatus.createList({ length: 131_072 });
    for (const index of [0, 7, 8, 94_567, 131_071]) list.setStatus(index, true);
    const decoded = await decodeBitstring(await list.encode());
    const bits = [0, 7, 8, 94_567, 131_071].reduce(withBit, createBitstring());
    expect(decoded).toEqual({ ok: true, bits });
  });

  async function issued(credential: JsonObject): Promise<JsonObject> {
    const key = await Ed25519Multikey.from({
      type: 'Multikey',
      id: owner.signer.keyId,
      controller: owner.did,
      publicKeyMultibase: owner.signer.keyId.split('#')[1],
      secretKeyMultibase: secretMultibase(owner.signer.key.secret),
    });
    const signing = new DataIntegrityProof({
      signer: key.signer(),
      cryptosuite: createSignCryptosuite(),
    });
    return vc.issue({ credential, suite: signing, documentLoader: loader() });
  }

  test('issues a credential and a status list that we verify', async () => {
    const instants = {
      validFrom: new Date(window.validFrom * 1000).toISOString().replace('.000', ''),
      validUntil: new Date(window.validUntil * 1000).toISOString().replace('.000', ''),
    };
    const draft = draftOwnerCredential({ issuer: owner.did, agent, ...instants });
    expect(await verifyOwn(await issued(draft), mediaType)).toMatchObject({ ok: true });
    const list = await vcStatus.createList({ length: 131_072 });
    list.setStatus(5, true);
    const credential = await vcStatus.createCredential({
      id: url,
      list,
      statusPurpose: 'revocation',
    });
    const published = await issued({ ...credential, issuer: owner.did, ...instants });
    const from = { mediaType, issuer: owner.did, url, now, crypto } as const;
    const verdict = await verifyStatusList(published, from);
    expect(verdict).toEqual({
      ok: true,
      bits: withBit(createBitstring(), 5),
      until: window.validUntil,
    });
  });

  test('every term of the credential has a meaning', async () => {
    const { proof: _, ...credential } = signed;
    const options = { documentLoader: loader(), safe: true };
    const [expanded] = (await jsonld.expand(credential, options as object)) as JsonObject[];
    const ns = 'https://w3id.org/exuvia/ns#';
    expect(expanded!['@type']).toContain(`${ns}AgentOwnershipCredential`);
    expect(JSON.stringify(expanded)).toContain(`"${ns}ownershipRole":[{"@id":"${ns}operator"}]`);
    expect(JSON.stringify(expanded)).not.toContain('"_:');
  });
});

/** multicodec ed25519-priv 0x1300, then seed and public key, as Digital Bazaar's Multikey has it. */
function secretMultibase(seed: Uint8Array): string {
  const bytes = [...fromHex('8026')!, ...seed];
  const alphabet = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
  let value = BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
  let text = '';
  for (; value > 0n; value /= 58n) text = alphabet[Number(value % 58n)] + text;
  return `z${text}`;
}

describe('jose', () => {
  const mediaType = 'application/vc+jwt';
  const kinds = ['Ed25519', 'P-256'] as const;

  test.each(kinds)('verifies what a %s key signs here', async (kind) => {
    const owner = party(kind);
    const claim = { owner: owner.did, agent, ...window, mediaType } as const;
    const token = await createOwnerCredential(claim, owner.signer, crypto);
    const { d: _, ...publicJwk } = owner.jwk;
    const { payload, protectedHeader } = await compactVerify(
      token,
      await importJWK(publicJwk as never, ALGORITHMS[kind]),
    );
    expect(protectedHeader).toEqual({
      alg: ALGORITHMS[kind],
      typ: 'vc+jwt',
      kid: owner.signer.keyId,
    });
    expect(JSON.parse(decodeUtf8(payload))).toMatchObject({
      issuer: owner.did,
      credentialSubject: { id: agent },
    });
  });

  test.each(kinds)('signs with a %s key what is verified here, twenty times', async (kind) => {
    const owner = party(kind);
    const key = await importJWK(owner.jwk as never, ALGORITHMS[kind]);
    const draft = draftOwnerCredential({
      issuer: owner.did,
      agent,
      validFrom: '2026-01-01T00:00:00Z',
      validUntil: '2026-12-31T00:00:00Z',
    });
    // ECDSA is randomised there: half of the signatures have the higher S.
    for (let i = 0; i < 20; i++) {
      const token = await new SignJWT(draft)
        .setProtectedHeader({ alg: ALGORITHMS[kind], typ: 'vc+jwt', kid: owner.signer.keyId })
        .setIssuer(owner.did)
        .setExpirationTime(Date.parse('2026-12-30') / 1000)
        .sign(key);
      const verdict = await verifyOwnerCredential(token, {
        mediaType,
        agent,
        now: Date.parse('2026-06-01') / 1000,
        crypto,
      });
      expect(verdict).toMatchObject({
        ok: true,
        claim: { validUntil: Date.parse('2026-12-30') / 1000 },
      });
    }
  });
});

test('node:crypto signs with secp256k1 what is verified here, with both kinds of S', async () => {
  const owner = party('secp256k1');
  const claim = { owner: owner.did, agent, ...window, mediaType: 'application/vc+jwt' } as const;
  const token = await createOwnerCredential(claim, owner.signer, crypto);
  const data = token.slice(0, token.lastIndexOf('.'));
  const key = { key: owner.jwk, format: 'jwk', dsaEncoding: 'ieee-p1363' } as never;
  for (let i = 0; i < 20; i++) {
    const signature = signWith('sha256', Buffer.from(data), key).toString('base64url');
    expect(await verifyOwn(`${data}.${signature}`, 'application/vc+jwt')).toMatchObject({
      ok: true,
    });
  }
});

test('the two forms carry the same JSON', async () => {
  const owner = party('Ed25519');
  const claim = { owner: owner.did, agent: agent as Did, ...window };
  const [document, token] = await Promise.all(
    (['application/vc', 'application/vc+jwt'] as const).map((mediaType) =>
      createOwnerCredential({ ...claim, mediaType }, owner.signer, crypto),
    ),
  );
  const { proof, ...credential } = JSON.parse(document!);
  expect(proof).toMatchObject({ cryptosuite: 'eddsa-jcs-2022' });
  expect(JSON.parse(Buffer.from(token!.split('.')[1]!, 'base64url').toString())).toEqual(
    credential,
  );
  expect(await secureCredential(credential, 'application/vc+jwt', owner.signer, now, crypto)).toBe(
    token,
  );
});
