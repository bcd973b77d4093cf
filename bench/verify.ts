// What one signature check costs by itself, in a request, and in an object.
import { createPublicKey, verify } from 'node:crypto';
import { agentUrlOf, keyFromSeed } from '../src/client/keys.ts';
import { loadCrypto } from '../src/crypto/platform.ts';
import { decodeUtf8, toBase64url, utf8 } from '../src/protocol/bytes.ts';
import type { Crypto } from '../src/protocol/crypto.ts';
import { didKeyResolver, signObject, verifyObjectBytes } from '../src/protocol/object.ts';
import { nameFromId } from '../src/protocol/object-name.ts';
import { REQUEST_WINDOW } from '../src/protocol/request-policy.ts';
import { signRequest, verifyRequest } from '../src/protocol/request-signature.ts';
import { COMPAT_ALL } from '../src/protocol/signature-agent.ts';
import { measure, type Rate, repeat } from './measure.ts';

const NODE = 'https://node.example';
const SEED = new Uint8Array(32).fill(7);
const NOW = 1_763_600_000;

/** R: single-thread Ed25519 verification by `node:crypto`, what all other figures are ratios of. */
export async function rawVerify(): Promise<Rate> {
  const crypto = await loadCrypto();
  const message = new Uint8Array(64).fill(1);
  const signature = crypto.sign(SEED, message);
  const x = toBase64url(crypto.publicKeyOf(SEED));
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
  return measure('R: node:crypto, Ed25519 verify', () =>
    repeat(() => verify(null, message, key, signature)),
  );
}

export async function platformVerify(): Promise<Rate> {
  const crypto = await loadCrypto();
  const message = new Uint8Array(64).fill(1);
  const signature = crypto.sign(SEED, message);
  const publicKey = crypto.publicKeyOf(SEED);
  return measure(`verifier in use: ${crypto.name}`, () =>
    repeat(() => crypto.verify(publicKey, message, signature)),
  );
}

export async function requestVerify(): Promise<Rate> {
  const crypto = await loadCrypto();
  const key = keyFromSeed(SEED, crypto);
  const body = utf8(JSON.stringify({ text: 'x'.repeat(1000) }));
  const url = `${NODE}/api/v1/activities`;
  const toSign = { method: 'POST', url, body, contentType: 'application/json' };
  const nonce = toBase64url(new Uint8Array(64).fill(9));
  const signatureAgent = agentUrlOf(key, NODE);
  const signer = { seed: SEED, signatureAgent, created: NOW, expires: NOW + 120, nonce };
  const fields = signRequest(toSign, signer, crypto);
  const headers = [['host', 'node.example'], ...Object.entries(fields)] as [string, string][];
  const target = '/api/v1/activities';
  const request = {
    method: 'POST',
    target,
    scheme: 'https',
    authority: 'node.example',
    headers,
  } as const;
  const policy = {
    ...REQUEST_WINDOW,
    write: true,
    hasBody: true,
    now: NOW,
    loopback: false,
    compat: COMPAT_ALL,
    authorities: ['node.example'],
  };
  const lookup = async () => {
    throw new Error('a did:key needs no look-up');
  };
  return measure('request verify (1 KB POST)', () =>
    repeat(async () => {
      const verdict = await verifyRequest(request, policy, lookup, crypto);
      if (!verdict.ok) throw new Error(verdict.detail);
    }),
  );
}

function signedPost(crypto: Crypto): Uint8Array {
  const key = keyFromSeed(SEED, crypto);
  const audience = nameFromId('A'.repeat(43));
  if (audience === null) throw new Error('not an id');
  const content = 'x'.repeat(600);
  const object = { type: 'Article', name: 'A title', content, mediaType: 'text/markdown' } as const;
  const draft = { type: 'Create', audience, object } as const;
  return signObject(draft, { ...key, created: '2026-11-20T10:00:00Z' }, crypto).bytes;
}

/** What no verifier of an archive can do without: a signature, six hashes of an object and its parts, and reading it. */
export async function leastOfAnArchive(): Promise<Rate> {
  const crypto = await loadCrypto();
  const bytes = signedPost(crypto);
  const [message, leaf, config] = [64, 85, 330].map((size) => new Uint8Array(size).fill(1)) as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ];
  const signature = crypto.sign(SEED, message);
  const publicKey = crypto.publicKeyOf(SEED);
  // As in the segment, for the commitment, for the name, without the proof; then the proof, and the entry.
  const hashed = [bytes, bytes, bytes, bytes.subarray(300), config, leaf];
  return measure('the least for an object of an archive: signature, SHA-256, JSON.parse', () =>
    repeat(() => {
      for (const one of hashed) crypto.sha256(one);
      JSON.parse(decodeUtf8(bytes));
      return crypto.verify(publicKey, message, signature);
    }),
  );
}

export async function proofVerify(): Promise<Rate> {
  const crypto = await loadCrypto();
  const bytes = signedPost(crypto);
  return measure(`object verify (${bytes.length} bytes: gate, schema, JCS, proof)`, () =>
    repeat(async () => {
      const verdict = await verifyObjectBytes(bytes, { crypto, resolveKey: didKeyResolver });
      if (!verdict.ok) throw new Error(verdict.detail);
    }),
  );
}
