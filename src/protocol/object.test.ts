// Objects under the strict profile: known attacks, the order of checks, keys by resolver, and signing.
import { describe, expect, test } from 'vitest';
import { createNodeCrypto } from '../crypto/node.ts';
import type { ActivityDraft } from './activity.ts';
import { decodeUtf8 } from './bytes.ts';
import { SIGNED_CONTEXT } from './contexts.ts';
import { type Did, didKeyOf, parseDid } from './did.ts';
import { ProtocolError } from './error.ts';
import type { JsonObject, JsonValue } from './json.ts';
import {
  didKeyResolver,
  type KeyResolver,
  type Signer,
  signObject,
  verifyObject,
  verifyObjectBytes,
} from './object.ts';
import { nameFromHash, nameOf } from './object-name.ts';
import { createProof, verifyProof } from './proof.ts';

const crypto = createNodeCrypto();
const context = { crypto, resolveKey: didKeyResolver };
const created = '2026-11-20T10:00:00Z';
const SUBMOLT = nameFromHash(new Uint8Array(32).fill(1));
const POST = nameFromHash(new Uint8Array(32).fill(2));
const like = { type: 'Like', audience: SUBMOLT, object: POST } as const;

function signer(n: number): Signer {
  const seed = new Uint8Array(32).fill(n);
  return { did: didKeyOf(crypto.publicKeyOf(seed)), seed, created };
}

const alice = signer(1);
const bob = signer(2);
const signed = signObject(like, alice, crypto);

async function reasonOf(value: JsonValue): Promise<string> {
  const verdict = await verifyObject(value, context);
  return verdict.ok ? 'ok' : verdict.reason;
}

describe('verifyObject', () => {
  test('gives name, bytes, key and the activity itself', async () => {
    const verdict = await verifyObject(signed.object, context);
    if (!verdict.ok) throw new Error(verdict.detail);
    const { object } = verdict;
    expect(object.bytes).toEqual(signed.bytes);
    expect(object.name).toBe(nameOf(object.bytes, crypto));
    expect(object.keyId).toBe(`${alice.did}#${alice.did.slice('did:key:'.length)}`);
    expect(object.activity).toEqual(signed.object);
  });

  test('waits for a platform that verifies asynchronously', async () => {
    const verify = async (...args: Parameters<typeof crypto.verify>) => crypto.verify(...args);
    const patient = { crypto: { ...crypto, verify }, resolveKey: didKeyResolver };
    expect(await verifyObject(signed.object, patient)).toMatchObject({ ok: true });
    const swapped = { ...signed.object, type: 'Dislike' };
    expect(await verifyObject(swapped, patient)).toMatchObject({ reason: 'proof_invalid' });
  });

  test('speaks of the map as it was handed in, whatever becomes of it while a key is fetched', async () => {
    const changing = (n: number) => {
      const value = structuredClone(signed.object);
      let left = n;
      const change = async <T>(result: T): Promise<T> => {
        left -= 1;
        if (left === 0) value.type = 'Dislike';
        return result;
      };
      const resolveKey: KeyResolver = async (...asked) => change(await didKeyResolver(...asked));
      const verify = async (...args: Parameters<typeof crypto.verify>) =>
        change(await crypto.verify(...args));
      return verifyObject(value, { crypto: { ...crypto, verify }, resolveKey });
    };
    for (const n of [1, 2]) {
      const verdict = await changing(n);
      expect(verdict.ok && verdict.object.bytes).toEqual(signed.bytes);
    }
  });

  test('refuses a vote whose type was swapped, which an RDF signature would let through', async () => {
    expect(await reasonOf({ ...signed.object, type: 'Dislike' })).toBe('proof_invalid');
  });

  test('refuses an appended context, which the prefix rule of the suite would let through', async () => {
    const evil = { object: 'https://evil.example/object' };
    const appended = { ...signed.object, '@context': [...SIGNED_CONTEXT, evil] };
    const publicKey = crypto.publicKeyOf(alice.seed);
    expect(await verifyProof(appended, publicKey, crypto)).toMatchObject({ ok: true });
    expect(await reasonOf(appended)).toBe('unknown_context');
  });

  test('does not ask for a key until all else is right', async () => {
    let asked = 0;
    const counting: KeyResolver = (did, method) => {
      asked += 1;
      return didKeyResolver(did, method);
    };
    const proof = signed.object.proof as JsonObject;
    const wrong: JsonObject[] = [
      { ...signed.object, '@context': [] },
      { ...signed.object, type: 'Upvote' },
      { ...signed.object, extra: 1 },
      { ...signed.object, proof: { ...proof, created: '2026-11-20' } },
      { ...signed.object, proof: { ...proof, proofValue: 'z1' } },
      { ...signed.object, actor: bob.did },
    ];
    for (const value of wrong) {
      expect(await verifyObject(value, { crypto, resolveKey: counting })).toMatchObject({
        ok: false,
      });
    }
    expect(asked).toBe(0);
    await verifyObject(signed.object, { crypto, resolveKey: counting });
    expect(asked).toBe(1);
  });

  test('passes on why there is no key, and whether to ask again', async () => {
    const resolveKey: KeyResolver = async () => ({
      ok: false,
      reason: 'key_unresolvable',
      detail: 'timed out',
      retryable: true,
    });
    expect(await verifyObject(signed.object, { crypto, resolveKey })).toEqual({
      ok: false,
      reason: 'key_unresolvable',
      detail: 'timed out',
      retryable: true,
      path: 'proof.verificationMethod',
    });
  });

  test('accepts a did:web author by the key its resolver finds, and by no other', async () => {
    const did = parseDid('did:web:agents.example.com:alice') as Did;
    const verificationMethod = `${did}#key-1`;
    const { object } = signObject(like, { ...alice, did, verificationMethod }, crypto);
    const seen: string[] = [];
    const keyed =
      (publicKey: Uint8Array): KeyResolver =>
      async (asked, method) => {
        seen.push(asked, method);
        return { ok: true, publicKey };
      };
    const resolveKey = keyed(crypto.publicKeyOf(alice.seed));
    const verdict = await verifyObject(object, { crypto, resolveKey });
    expect(verdict).toMatchObject({ ok: true, object: { keyId: verificationMethod } });
    expect(seen).toEqual([did, verificationMethod]);
    const other = { crypto, resolveKey: keyed(crypto.publicKeyOf(bob.seed)) };
    expect(await verifyObject(object, other)).toMatchObject({ reason: 'proof_invalid' });
    const broken = { crypto, resolveKey: keyed(new Uint8Array(5)) };
    expect(await verifyObject(object, broken)).toMatchObject({ reason: 'proof_key_rejected' });
  });

  test('does not need published and proof.created to be equal', async () => {
    const draft = { ...like, published: '2026-11-19T00:00:00Z' } as ActivityDraft;
    expect(await reasonOf(signObject(draft, alice, crypto).object)).toBe('ok');
  });

  test.each<[string, JsonValue]>([
    ['null', null],
    ['a number', 1],
    ['an empty map', {}],
    ['a list nested deeper than the stack', nested(200_000)],
    ['a member nested deeper than the stack', { ...signed.object, deep: nested(200_000) }],
    ['a context nested deeper than the stack', { '@context': nested(200_000) }],
    ['text without UTF-8 form', { ...signed.object, summary: '\ud800' }],
  ])('refuses %s and does not throw', async (_, value) => {
    expect(await verifyObject(value, context)).toMatchObject({ ok: false });
  });

  test('refuses a title without UTF-8 form, which has no canonical bytes', async () => {
    const object = { type: 'Article', name: 'a\ud800' };
    const value = { ...signed.object, type: 'Create', object };
    const verdict = await verifyObject(value, context);
    expect(verdict).toMatchObject({ reason: 'malformed', path: 'object.name' });
  });
});

function nested(depth: number): JsonValue {
  let value: JsonValue = [];
  for (let i = 0; i < depth; i++) value = [value];
  return value;
}

describe('verifyObjectBytes', () => {
  test('accepts the canonical bytes and nothing else that says the same', async () => {
    expect(await verifyObjectBytes(signed.bytes, context)).toMatchObject({ ok: true });
    const spaced = new TextEncoder().encode(` ${decodeUtf8(signed.bytes)}`);
    const verdict = await verifyObjectBytes(spaced, context);
    expect(verdict).toMatchObject({ ok: false, reason: 'not_canonical' });
  });

  test('refuses bytes that are not UTF-8, and more bytes than any object has', async () => {
    const cut = signed.bytes.slice();
    cut[20] = 0xff;
    expect(await verifyObjectBytes(cut, context)).toMatchObject({ reason: 'invalid_utf8' });
    const flood = await verifyObjectBytes(new Uint8Array(300_000).fill(0x20), context);
    expect(flood).toMatchObject({ reason: 'too_large' });
  });
});

describe('didKeyResolver', () => {
  const method = `${alice.did}#${alice.did.slice('did:key:'.length)}`;

  test('finds the one key of a did:key', async () => {
    const publicKey = crypto.publicKeyOf(alice.seed);
    expect(await didKeyResolver(alice.did, method)).toEqual({ ok: true, publicKey });
  });

  test.each([
    ['another fragment', alice.did, `${alice.did}#key-1`, 'key_not_found'],
    ['a key of somebody else', bob.did, method, 'did_mismatch'],
    [
      'a method that has to be fetched',
      'did:web:a.example',
      'did:web:a.example#key',
      'key_unresolvable',
    ],
  ])('refuses %s for good', async (_, did, verificationMethod, reason) => {
    const found = await didKeyResolver(parseDid(did)!, verificationMethod);
    expect(found).toMatchObject({ ok: false, reason, retryable: false });
  });
});

describe('signObject', () => {
  function codeOf(draft: ActivityDraft | JsonObject, by = alice): string {
    try {
      signObject(draft, by, crypto);
    } catch (error) {
      if (error instanceof ProtocolError) return error.code;
      throw error;
    }
    return 'signed';
  }

  test('adds context, actor, instant and proof', () => {
    const { proof, ...rest } = signed.object;
    expect(rest).toEqual({
      '@context': SIGNED_CONTEXT,
      actor: alice.did,
      published: created,
      ...like,
    });
    expect(proof).toMatchObject({ '@context': SIGNED_CONTEXT, created });
  });

  test('does not change the draft', () => {
    const draft = Object.freeze({ ...like });
    expect(signObject(draft, alice, crypto).name).toBe(signed.name);
  });

  test.each<[string, string, JsonObject]>([
    ['an unknown act', 'unknown_type', { ...like, type: 'Upvote' }],
    ['a misspelt member', 'unknown_member', { ...like, audiense: SUBMOLT }],
    ['another context', 'unknown_context', { ...like, '@context': [SIGNED_CONTEXT[0]] }],
    ['a context inside', 'nested_context', { ...like, object: { '@context': [] } }],
    ['another actor', 'proof_actor_mismatch', { ...like, actor: bob.did }],
    ['an object that is signed already', 'proof_malformed', signed.object],
    ['an unsafe number', 'unsafe_number', { ...like, seq: 2 ** 53 }],
    ['a lone surrogate', 'not_json', { ...like, summary: '\ud800' }],
    [
      'a title with a noncharacter, which every gate would refuse',
      'noncharacter',
      { type: 'Create', audience: SUBMOLT, object: { type: 'Article', name: 'a\uffff' } },
    ],
  ])('does not sign %s', (_, code, draft) => {
    expect(codeOf(draft)).toBe(code);
  });

  test('says which member is wrong', () => {
    expect(() => signObject({ ...like, object: 'x' }, alice, crypto)).toThrow(/^object must be/);
  });

  test('does not sign for a did:key with the seed of another', () => {
    expect(codeOf({ ...like }, { ...alice, did: bob.did })).toBe('did_mismatch');
  });

  test('does not name a key of somebody else', () => {
    const verificationMethod = `${bob.did}#${bob.did.slice('did:key:'.length)}`;
    expect(codeOf({ ...like }, { ...alice, verificationMethod })).toBe('proof_actor_mismatch');
  });

  test('does not write an instant that is none', () => {
    expect(codeOf({ ...like }, { ...alice, created: '2026-11-20T10:00:00.000Z' })).toBe(
      'instant_malformed',
    );
  });

  test('makes the proof that the generic suite makes', () => {
    const { proof, ...document } = signed.object;
    const { verificationMethod } = proof as { verificationMethod: string };
    const options = { verificationMethod, created };
    expect(createProof(document, options, alice.seed, crypto)).toEqual(signed.object);
  });
});
