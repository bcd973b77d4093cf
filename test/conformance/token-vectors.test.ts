// Runs spec/vectors/tokens with each cryptography, with did-jwt as it comes, and with nothing but node:crypto.
import { createPublicKey, type JsonWebKeyInput, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { verifyJWT } from 'did-jwt';
import type { DIDDocument } from 'did-resolver';
import { describe, expect, test } from 'vitest';
import { createNoble } from '../../src/crypto/noble.ts';
import { createNodeCrypto } from '../../src/crypto/node.ts';
import { loadCrypto } from '../../src/crypto/platform.ts';
import { fromHex } from '../../src/protocol/bytes.ts';
import { type Did, parseDid } from '../../src/protocol/did.ts';
import { buildDidKeyDocument, keysFor } from '../../src/protocol/did-document.ts';
import { createIdentityToken, verifyIdentityToken } from '../../src/protocol/identity-token.ts';
import { TOKEN_REFUSALS } from '../../src/protocol/token-claims.ts';

interface Case {
  readonly comment: string;
  readonly audience: string;
  readonly nonce?: string;
  readonly now: number;
  readonly document?: DIDDocument;
  readonly token: string;
}

interface Accepted extends Case {
  readonly made?: {
    readonly seed: string;
    readonly verificationMethod: string;
    readonly audience: string;
    readonly nonce?: string;
    readonly lifetime: number;
    readonly now: number;
    readonly random: string;
  };
  readonly expected: { readonly did: string; readonly keyId: string };
}

interface Refused extends Case {
  readonly outcome: 'invalid' | 'indeterminate';
  readonly error: string;
}

const root = join(import.meta.dirname, '../..');

function load<C>(file: string): C[] {
  return JSON.parse(readFileSync(join(root, 'spec/vectors/tokens', file), 'utf8')).cases;
}

const accepted = load<Accepted>('accepted.json');
const refused = load<Refused>('refused.json');
const cryptos = [createNodeCrypto(), createNoble(), await loadCrypto()];

function check(each: Case, crypto = cryptos[0]!) {
  const { audience, nonce, now, document } = each;
  return verifyIdentityToken(each.token, {
    audience,
    ...(nonce !== undefined && { nonce }),
    now,
    crypto,
    resolveDocument: async () =>
      document === undefined ? { ok: false, detail: 'not to be had' } : { ok: true, document },
  });
}

/** The document that a case has, or that its did:key is. */
function documentOf({ document }: Case, did: string): DIDDocument {
  return document ?? (buildDidKeyDocument(parseDid(did) as Did) as DIDDocument);
}

/** did-jwt as a third party uses it, with no rule of ours. */
async function verifyByDidJwt(each: Case): Promise<{ signer: string }> {
  const { iss } = JSON.parse(Buffer.from(each.token.split('.')[1]!, 'base64url').toString());
  const didDocument = documentOf(each, iss);
  const result = await verifyJWT(each.token, {
    audience: each.audience,
    proofPurpose: 'authentication',
    policies: { now: each.now },
    skewTime: 30,
    resolver: {
      resolve: async () => ({ didDocument, didDocumentMetadata: {}, didResolutionMetadata: {} }),
    },
  });
  return { signer: result.signer.id };
}

describe.each(cryptos.map((crypto) => ({ name: crypto.name, crypto })))('$name', ({ crypto }) => {
  test.each(accepted)('accepts: $comment', async (each) => {
    expect(await check(each, crypto)).toEqual({ ok: true, identity: each.expected });
  });

  test.each(refused)('refuses: $comment', async (each) => {
    const { outcome, error: reason } = each;
    expect(await check(each, crypto)).toMatchObject({ ok: false, outcome, reason });
  });
});

const made = accepted.flatMap(({ made: request, ...each }) =>
  request ? [{ ...each, request }] : [],
);

test.each(made)('is made byte for byte: $comment', async ({ request, expected, token }) => {
  const { seed, verificationMethod, random, ...rest } = request;
  const signer = { did: parseDid(expected.did) as Did, seed: fromHex(seed)!, verificationMethod };
  const from = { ...rest, random: () => fromHex(random)! };
  expect(await createIdentityToken(signer, from, cryptos[0]!)).toBe(token);
});

test.each(accepted)('did-jwt alone verifies: $comment', async (each) => {
  const { signer } = await verifyByDidJwt(each);
  // It tries the keys in their order, and one key can stand in a document under two names.
  const keys = keysFor(
    documentOf(each, each.expected.did),
    each.expected.did as Did,
    'authentication',
  );
  const bytes = (id: string) => keys.ok && keys.keys.find((key) => key.id === id)?.publicKey;
  expect(bytes(signer)).toBeTruthy();
  expect(bytes(signer)).toEqual(bytes(each.expected.keyId));
});

test.each(accepted)('node:crypto alone verifies: $comment', (each) => {
  const { did, keyId } = each.expected;
  const method = documentOf(each, did).verificationMethod?.find(({ id }) => id === keyId);
  const [header, payload, signature] = each.token.split('.');
  const jwk = method?.publicKeyJwk ?? {
    kty: 'OKP',
    crv: 'Ed25519',
    x: Buffer.from(publicKeyOf(method!.publicKeyMultibase!)).toString('base64url'),
  };
  const key = createPublicKey({ key: jwk as JsonWebKeyInput['key'], format: 'jwk' });
  const data = Buffer.from(`${header}.${payload}`);
  expect(verify(null, data, key, Buffer.from(signature!, 'base64url'))).toBe(true);
});

/** base58btc by schoolbook arithmetic, without our decoder. */
function publicKeyOf(multibase: string): Uint8Array {
  const alphabet = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
  let value = 0n;
  for (const character of multibase.slice(1)) {
    value = value * 58n + BigInt(alphabet.indexOf(character));
  }
  return Buffer.from(value.toString(16).padStart(68, '0'), 'hex').subarray(2);
}

test('did-jwt alone takes what is refused here for the key, the kid and the header', async () => {
  const taken: string[] = [];
  for (const each of refused) {
    if (!['key_rejected', 'signature_invalid', 'header_malformed'].includes(each.error)) continue;
    await verifyByDidJwt(each).then(
      () => taken.push(each.comment),
      () => undefined,
    );
  }
  expect(taken).toEqual(
    expect.arrayContaining([
      'forged without a secret: a key of order 8, R the identity, S = 0',
      'signed by another key of the issuer than kid names',
      'crit with an extension nobody knows',
      'R with a component of order 8',
    ]),
  );
});

test('each reason is in a vector and on the page, and so is its outcome', () => {
  const page = readFileSync(join(root, 'spec/identity.md'), 'utf8');
  const section = page.split(/^## /m).find((text) => /^\d+\. Identity tokens\n/.test(text)) ?? '';
  const seen = new Map(refused.map(({ error, outcome }) => [error, outcome]));
  expect(Object.fromEntries(seen)).toEqual(TOKEN_REFUSALS);
  const rows = [...section.matchAll(/^\|.*\| `([a-z_]+)` \|$/gm)].map(([, reason]) => reason);
  expect(rows).toEqual(Object.keys(TOKEN_REFUSALS));
});
