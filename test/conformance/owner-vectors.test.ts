// Runs spec/vectors/owners with each cryptography; the JWTs also with nothing but node:crypto.
import { createPublicKey, type JsonWebKeyInput, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import acceptances from '../../spec/vectors/owners/acceptances.json' with { type: 'json' };
import keys from '../../spec/vectors/owners/keys.json' with { type: 'json' };
import { createNoble } from '../../src/crypto/noble.ts';
import { createNodeCrypto } from '../../src/crypto/node.ts';
import { loadCrypto } from '../../src/crypto/platform.ts';
import { fromHex, toHex } from '../../src/protocol/bytes.ts';
import { CREDENTIAL_REFUSALS } from '../../src/protocol/credential-findings.ts';
import { type Did, parseDid } from '../../src/protocol/did.ts';
import { canonicalize } from '../../src/protocol/jcs.ts';
import {
  credentialName,
  draftAcceptance,
  draftWithdrawal,
} from '../../src/protocol/owner-acceptance.ts';
import {
  type CredentialMediaType,
  createOwnerCredential,
  type OwnershipRole,
  ownerDidOfKey,
  parseOwnerDid,
  verifyOwnerCredential,
} from '../../src/protocol/owner-credential.ts';
import { type OwnerDid, publicKeyOfOwnerDid } from '../../src/protocol/owner-did.ts';
import { findOwnerKey } from '../../src/protocol/owner-document.ts';
import { acceptsPublicKey, type KeyKind, publicKeyToJwk } from '../../src/protocol/public-key.ts';

interface Case {
  readonly comment: string;
  readonly mediaType: CredentialMediaType;
  readonly agent: Did;
  readonly now: number;
  readonly document?: object;
  readonly lists?: Record<string, { credential: string; mediaType: CredentialMediaType }>;
  readonly credential: string;
}

interface Accepted extends Case {
  readonly made?: {
    readonly kind: KeyKind;
    readonly secret: string;
    readonly keyId: string;
    readonly owner: OwnerDid;
    readonly validFrom: number;
    readonly validUntil: number;
    readonly role?: OwnershipRole;
    readonly status?: { readonly list: string; readonly index: number };
  };
  readonly expected: { readonly owner: OwnerDid; readonly keyId: string };
}

interface Refused extends Case {
  readonly outcome: 'invalid' | 'indeterminate';
  readonly error: keyof typeof CREDENTIAL_REFUSALS;
}

const root = join(import.meta.dirname, '../..');

function load<C>(file: string): C[] {
  return JSON.parse(readFileSync(join(root, 'spec/vectors/owners', file), 'utf8')).cases;
}

const accepted = load<Accepted>('accepted.json');
const refused = load<Refused>('refused.json');
const cryptos = [createNodeCrypto(), createNoble(), await loadCrypto()];

async function documentOf({ document }: Case) {
  return document === undefined
    ? ({ ok: false, detail: 'not to be had' } as const)
    : ({ ok: true, document } as const);
}

function check(each: Case, crypto = cryptos[0]!) {
  const { mediaType, agent, now } = each;
  return verifyOwnerCredential(each.credential, {
    mediaType,
    agent,
    now,
    crypto,
    resolveDocument: () => documentOf(each),
    statusList: async (url) => {
      const list = each.lists?.[url];
      return list ? { ok: true, ...list } : { ok: false, detail: 'not to be had' };
    },
  });
}

describe.each(cryptos.map((crypto) => ({ name: crypto.name, crypto })))('$name', ({ crypto }) => {
  test.each(accepted)('accepts: $comment', async (each) => {
    expect(await check(each, crypto)).toEqual({ ok: true, claim: each.expected });
  });

  test.each(refused)('refuses: $comment', async (each) => {
    const { outcome, error: reason } = each;
    expect(await check(each, crypto)).toMatchObject({ ok: false, outcome, reason });
  });
});

const made = accepted.flatMap(({ made: request, ...each }) =>
  request ? [{ ...each, request }] : [],
);

test.each(made)('is made byte for byte: $comment', async (each) => {
  const { kind, secret, keyId, ...says } = each.request;
  const signer = { key: { kind, secret: fromHex(secret)! }, keyId };
  const claim = { ...says, agent: each.agent, mediaType: each.mediaType };
  expect(await createOwnerCredential(claim, signer, cryptos[0]!)).toBe(each.credential);
});

const jwts = accepted.filter(({ mediaType }) => mediaType === 'application/vc+jwt');

test.each(jwts)('node:crypto alone verifies: $comment', async (each) => {
  const { owner, keyId } = each.expected;
  const found = await findOwnerKey(owner, keyId, () => documentOf(each));
  const jwk = found.ok ? publicKeyToJwk(found.key) : null;
  const key = createPublicKey({ key: jwk as JsonWebKeyInput['key'], format: 'jwk' });
  const [header, payload, signature] = each.credential.split('.');
  const hash = jwk?.kty === 'OKP' ? null : 'sha256';
  const data = Buffer.from(`${header}.${payload}`);
  const raw = Buffer.from(signature!, 'base64url');
  expect(verify(hash, data, { key, dsaEncoding: 'ieee-p1363' }, raw)).toBe(true);
});

test.each(keys.cases)('did:key: $comment', ({ did, expected }) => {
  const parsed = parseOwnerDid(did);
  const key = parsed && publicKeyOfOwnerDid(parsed);
  const read = key && {
    kind: key.kind,
    publicKey: toHex(key.bytes),
    jwk: publicKeyToJwk(key),
    accepted: acceptsPublicKey(key, cryptos[0]!),
  };
  expect(read).toEqual(expected ?? null);
  expect(key && ownerDidOfKey(key)).toBe(expected ? did : null);
  // Whoever cannot sign as Ed25519 is no agent.
  expect(parseDid(did)).toBe(expected?.kind === 'Ed25519' ? did : null);
});

test.each(acceptances.cases)('is accepted: $comment', ({ content, mediaType, expected }) => {
  const crypto = cryptos[0]!;
  expect({
    acceptance: draftAcceptance(content, mediaType as CredentialMediaType, crypto),
    withdrawal: draftWithdrawal(credentialName(content, crypto)),
  }).toEqual(expected);
});

test('the page has the hash of the context', () => {
  const file = readFileSync(join(root, 'contexts/exuvia-ownership-v1.jsonld'), 'utf8');
  const hash = toHex(cryptos[0]!.sha256(canonicalize(JSON.parse(file))));
  expect(readFileSync(join(root, 'spec/identity.md'), 'utf8')).toContain(`\`${hash}\``);
});

test('each reason is in a vector and on the page, and so is its outcome', () => {
  const seen = Object.fromEntries(refused.map(({ error, outcome }) => [error, outcome]));
  expect(seen).toEqual(CREDENTIAL_REFUSALS);
  const page = readFileSync(join(root, 'spec/identity.md'), 'utf8');
  const section = page.split(/^## /m).find((text) => /^\d+\. Owners\n/.test(text)) ?? '';
  const rows = [...section.matchAll(/^\|.*\| `([a-z_]+)` \|$/gm)].map(([, reason]) => reason!);
  expect([...new Set(rows)]).toEqual(Object.keys(CREDENTIAL_REFUSALS));
});
