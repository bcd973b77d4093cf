// Runs every case of spec/vectors/objects: what is signed comes out byte for byte, what is wrong is refused for its reason.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createNodeCrypto } from '../../src/crypto/node.ts';
import { decodeUtf8, fromHex, utf8 } from '../../src/protocol/bytes.ts';
import { parseDid } from '../../src/protocol/did.ts';
import type { JsonObject, JsonValue } from '../../src/protocol/json.ts';
import {
  didKeyResolver,
  signObject,
  verifyObject,
  verifyObjectBytes,
} from '../../src/protocol/object.ts';

interface Vectors<Case> {
  readonly comment: string;
  readonly cases: readonly (Case & { readonly comment: string; readonly tags: string[] })[];
}

interface Signing {
  readonly input: { seed: string; actor: string; created: string; draft: JsonObject };
  readonly expected: { canonical: string; name: string };
}

interface Refusal {
  readonly input: JsonValue;
  readonly error: { reason: string; path: string };
}

interface Text {
  readonly text: string;
  readonly expected?: { name: string };
  readonly error?: { reason: string };
}

function load<Case>(file: string): Vectors<Case>['cases'] {
  const path = join(import.meta.dirname, '../../spec/vectors/objects', file);
  return (JSON.parse(readFileSync(path, 'utf8')) as Vectors<Case>).cases;
}

const crypto = createNodeCrypto();
const context = { crypto, resolveKey: didKeyResolver };
const signing = load<Signing>('signing.json');
const refusals = load<Refusal>('refusals.json');

describe('signing.json', () => {
  test.each(signing)('$comment', async ({ input, expected }) => {
    const did = parseDid(input.actor)!;
    const seed = fromHex(input.seed)!;
    const signed = signObject(input.draft, { did, seed, created: input.created }, crypto);
    expect(decodeUtf8(signed.bytes)).toBe(expected.canonical);
    expect(signed.name).toBe(expected.name);
    const verdict = await verifyObjectBytes(utf8(expected.canonical), context);
    expect(verdict).toMatchObject({ ok: true, object: { name: expected.name } });
  });

  test('has each act and each kind of object', () => {
    const kinds = ['Create', 'Like', 'Dislike', 'Undo', 'Follow', 'Update', 'Delete', 'Remove'];
    kinds.push('Add', 'Block', 'Flag', 'Move', 'Group', 'Article', 'Note', 'Service');
    const tags = new Set(signing.flatMap((each) => each.tags));
    expect(kinds.filter((kind) => !tags.has(kind))).toEqual([]);
  });
});

describe('refusals.json', () => {
  test.each(refusals)('$comment', async ({ input, error }) => {
    expect(await verifyObject(input, context)).toMatchObject({ ok: false, ...error });
  });

  test('has a case for each reason that needs no other resolver', () => {
    const reasons = new Set(refusals.map(({ error }) => error.reason));
    expect([...reasons].sort()).toEqual([
      'did_malformed',
      'instant_malformed',
      'key_not_found',
      'key_unresolvable',
      'malformed',
      'member_missing',
      'nested_context',
      'proof_actor_mismatch',
      'proof_context',
      'proof_invalid',
      'proof_key_rejected',
      'proof_malformed',
      'proof_missing',
      'proof_not_single',
      'proof_purpose_refused',
      'proof_suite_refused',
      'unknown_context',
      'unknown_member',
      'unknown_type',
    ]);
  });
});

describe('texts.json', () => {
  test.each(load<Text>('texts.json'))('$comment', async ({ text, expected, error }) => {
    const verdict = await verifyObjectBytes(utf8(text), context);
    expect(verdict).toMatchObject(
      expected ? { ok: true, object: expected } : { ok: false, ...error },
    );
  });
});
