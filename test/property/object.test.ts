// What holds of every signed object: it verifies, no byte of it can change, the order of members is free.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createNodeCrypto } from '../../src/crypto/node.ts';
import { concatBytes, decodeUtf8, utf8 } from '../../src/protocol/bytes.ts';
import { didKeyOf } from '../../src/protocol/did.ts';
import type { JsonValue } from '../../src/protocol/json.ts';
import {
  didKeyResolver,
  type SignedObject,
  signObject,
  verifyObject,
  verifyObjectBytes,
} from '../../src/protocol/object.ts';
import { undefinedTerms } from '../../src/protocol/rdf.ts';
import { activityDraft } from '../activities.ts';
import { loadContext } from '../contexts.ts';

const crypto = createNodeCrypto();
const context = { crypto, resolveKey: didKeyResolver };
const authors = [1, 2, 3].map((n) => {
  const seed = new Uint8Array(32).fill(n);
  return { seed, did: didKeyOf(crypto.publicKeyOf(seed)), created: '2026-11-20T10:00:00Z' };
});

const signed: fc.Arbitrary<SignedObject> = fc
  .tuple(activityDraft(authors.map(({ did }) => did)), fc.constantFrom(...authors))
  .map(([draft, author]) => signObject(draft, author, crypto));

/** The same JSON value with the members of each object in an order of its own. */
function shuffled(value: JsonValue, random: () => number): JsonValue {
  if (Array.isArray(value)) return value.map((entry) => shuffled(entry, random));
  if (typeof value !== 'object' || value === null) return value;
  const keyed = Object.entries(value).map(([key, member]) => {
    return [random(), key, shuffled(member, random)] as const;
  });
  keyed.sort(([a], [b]) => a - b);
  return Object.fromEntries(keyed.map(([, key, member]) => [key, member]));
}

const numbers = fc.infiniteStream(fc.nat());

function next(stream: Iterator<number>): () => number {
  return () => stream.next().value;
}

describe('a signed object', () => {
  test('verifies, as value and as bytes, under one name', async () => {
    await fc.assert(
      fc.asyncProperty(signed, async ({ object, bytes, name }) => {
        const expected = { ok: true, object: { name, bytes } };
        expect(await verifyObject(object, context)).toMatchObject(expected);
        expect(await verifyObjectBytes(bytes, context)).toMatchObject(expected);
      }),
      { numRuns: 300 },
    );
  });

  test('has no byte that can change', async () => {
    await fc.assert(
      fc.asyncProperty(
        signed,
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        async (made, at, flip) => {
          const bytes = made.bytes.slice();
          const index = at % bytes.length;
          bytes[index] = bytes[index]! ^ flip;
          expect(await verifyObjectBytes(bytes, context)).toMatchObject({ ok: false });
        },
      ),
      { numRuns: 1000 },
    );
  });

  test('has no byte that can be left out or doubled', async () => {
    await fc.assert(
      fc.asyncProperty(signed, fc.nat(), fc.boolean(), async ({ bytes }, at, doubled) => {
        const index = at % bytes.length;
        const before = bytes.slice(0, doubled ? index + 1 : index);
        const after = bytes.slice(doubled ? index : index + 1);
        const changed = concatBytes(before, after);
        expect(await verifyObjectBytes(changed, context)).toMatchObject({ ok: false });
      }),
      { numRuns: 300 },
    );
  });

  test('has one name whatever the order of its members, and one order of bytes', async () => {
    await fc.assert(
      fc.asyncProperty(signed, numbers, async ({ object, bytes, name }, stream) => {
        const other = shuffled(object, next(stream));
        expect(await verifyObject(other, context)).toMatchObject({ ok: true, object: { name } });
        const text = JSON.stringify(other);
        const verdict = await verifyObjectBytes(utf8(text), context);
        expect(verdict).toMatchObject(
          text === decodeUtf8(bytes) ? { ok: true } : { ok: false, reason: 'not_canonical' },
        );
      }),
      { numRuns: 200 },
    );
  });

  test('is nobody else’s: another actor or key is refused', async () => {
    await fc.assert(
      fc.asyncProperty(signed, async ({ object }) => {
        const thief = authors.find(({ did }) => did !== object.actor)!;
        const verificationMethod = `${thief.did}#${thief.did.slice('did:key:'.length)}`;
        const proof = { ...(object.proof as object), verificationMethod };
        const claims = [
          { ...object, actor: thief.did },
          { ...object, actor: thief.did, proof },
          { ...object, proof },
        ];
        for (const claim of claims) {
          expect(await verifyObject(claim as JsonValue, context)).toMatchObject({ ok: false });
        }
      }),
      { numRuns: 100 },
    );
  });

  test('means something to every reader of JSON-LD', async () => {
    await fc.assert(
      fc.asyncProperty(signed, async ({ object }) => {
        expect(await undefinedTerms(object, loadContext)).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });
});

test('no single bit of an object can change', async () => {
  const [author] = authors;
  const draft = { type: 'Update', object: { type: 'Service', name: 'a' } };
  const { bytes } = signObject(draft, author!, crypto);
  const accepted: string[] = [];
  for (let index = 0; index < bytes.length; index++) {
    for (let bit = 1; bit < 256; bit <<= 1) {
      const changed = bytes.slice();
      changed[index] = changed[index]! ^ bit;
      if ((await verifyObjectBytes(changed, context)).ok) accepted.push(`${index}:${bit}`);
    }
  }
  expect(accepted).toEqual([]);
});

test('no value makes the verifier throw', async () => {
  await fc.assert(
    fc.asyncProperty(fc.jsonValue({ maxDepth: 4 }), signed, numbers, async (any, made, stream) => {
      const random = next(stream);
      const members = Object.keys(made.object);
      const member = members[random() % members.length]!;
      const values = [any, { ...made.object, [member]: any }] as JsonValue[];
      for (const value of values) {
        const verdict = await verifyObject(value, context);
        expect(typeof verdict.ok).toBe('boolean');
      }
    }),
    { numRuns: 300 },
  );
});
