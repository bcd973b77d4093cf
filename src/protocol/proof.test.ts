// The generic proof: what a verifier may act on, and what it refuses without throwing.
import { describe, expect, test } from 'vitest';
import { createNodeCrypto } from '../crypto/node.ts';
import type { JsonObject, JsonValue } from './json.ts';
import { createProof, decodeProofValue, encodeProofValue, verifyProof } from './proof.ts';

const crypto = createNodeCrypto();
const seed = new Uint8Array(32).fill(1);
const publicKey = crypto.publicKeyOf(seed);
const options = { verificationMethod: 'https://a.example/#key', created: '2026-11-20T10:00:00Z' };
const document: JsonObject = { '@context': ['https://a.example/v1'], name: 'a', x: 25.27 };
const secured = createProof(document, options, seed, crypto);

function withProof(change: Record<string, JsonValue>): JsonObject {
  return { ...secured, proof: { ...(secured.proof as JsonObject), ...change } };
}

describe('verifyProof', () => {
  test('accepts what createProof made and hands back the document without proof', async () => {
    expect(await verifyProof(secured, publicKey, crypto)).toEqual({ ok: true, document });
  });

  test('hands back the context that was signed when another was appended to it', async () => {
    const appended = {
      ...secured,
      '@context': ['https://a.example/v1', { name: 'https://evil.example/' }],
    };
    expect(await verifyProof(appended, publicKey, crypto)).toEqual({ ok: true, document });
  });

  test('compares contexts that are maps by their content', async () => {
    const inline = { '@context': [{ b: 'https://b.example/', a: 'https://a.example/' }], a: 'x' };
    const signed = createProof(inline, options, seed, crypto);
    const received = {
      ...signed,
      '@context': [{ a: 'https://a.example/', b: 'https://b.example/' }],
    };
    expect(await verifyProof(received, publicKey, crypto)).toMatchObject({ ok: true });
  });

  test('takes a context that is one string for a list of one', async () => {
    const signed = createProof({ '@context': 'https://a.example/v1' }, options, seed, crypto);
    expect(await verifyProof(signed, publicKey, crypto)).toMatchObject({ ok: true });
  });

  test.each([
    ['a context put before the signed one', ['https://evil.example/', 'https://a.example/v1']],
    ['the signed context taken away', []],
    ['another context', 'https://b.example/'],
  ])('refuses %s', async (_, context) => {
    const verdict = await verifyProof({ ...secured, '@context': context }, publicKey, crypto);
    expect(verdict).toMatchObject({ ok: false, reason: 'proof_context' });
  });

  test('refuses a document without proof', async () => {
    const verdict = await verifyProof(document, publicKey, crypto);
    expect(verdict).toMatchObject({ ok: false, reason: 'proof_missing' });
  });

  test.each<[string, JsonObject]>([
    ['a list of proofs', { ...secured, proof: [secured.proof as JsonValue] }],
    ['null', { ...secured, proof: null }],
    ['another type', withProof({ type: 'Ed25519Signature2020' })],
    ['another cryptosuite', withProof({ cryptosuite: 'eddsa-rdfc-2022' })],
    ['another purpose', withProof({ proofPurpose: 'authentication' })],
    ['no verification method', withProof({ verificationMethod: null })],
    ['a date that is none', withProof({ created: 'yesterday' })],
    ['a date as a number', withProof({ created: 1 })],
    ['a signature in hex', withProof({ proofValue: 'f00' })],
    ['no signature', withProof({ proofValue: null })],
    ['a very long signature', withProof({ proofValue: `z${'2'.repeat(100_000)}` })],
    ['text without UTF-8 form', { ...secured, name: '\ud800' }],
  ])('refuses %s as malformed', async (_, value) => {
    const verdict = await verifyProof(value, publicKey, crypto);
    expect(verdict).toMatchObject({ ok: false, reason: 'proof_malformed' });
  });

  test.each<[string, JsonObject]>([
    ['an added member', { ...secured, y: 1 }],
    ['an added proof option', withProof({ nonce: 'a' })],
    ['a changed fraction', { ...secured, x: 25.28 }],
    ['another instant', withProof({ created: '2026-11-20T10:00:00.000Z' })],
  ])('refuses %s as invalid', async (_, value) => {
    const verdict = await verifyProof(value, publicKey, crypto);
    expect(verdict).toMatchObject({ ok: false, reason: 'proof_invalid' });
  });

  test('refuses another key, and a key of the wrong length', async () => {
    for (const key of [crypto.publicKeyOf(new Uint8Array(32).fill(2)), new Uint8Array(31)]) {
      const verdict = await verifyProof(secured, key, crypto);
      expect(verdict).toMatchObject({ ok: false, reason: 'proof_invalid' });
    }
  });
});

describe('proof values', () => {
  test('keep signatures that begin with zero bytes', () => {
    const signature = new Uint8Array(64).fill(7, 2);
    expect(decodeProofValue(encodeProofValue(signature))).toEqual(signature);
  });

  test('have 64 bytes and the letter z', () => {
    for (const length of [0, 63, 65]) {
      expect(decodeProofValue(encodeProofValue(new Uint8Array(length).fill(255)))).toBeNull();
    }
    expect(decodeProofValue(encodeProofValue(new Uint8Array(64)).replace('z', 'Z'))).toBeNull();
    expect(decodeProofValue(undefined)).toBeNull();
  });
});
