// Our vocabulary as RDF: every signed example is defined through and through, and foreign shapes are not.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import jsonld from 'jsonld';
import { describe, expect, test } from 'vitest';
import { loadContext } from '../../test/contexts.ts';
import { EXUVIA_CONTEXT, SIGNED_CONTEXT } from './contexts.ts';
import type { JsonObject } from './json.ts';
import { toNQuads, undefinedTerms } from './rdf.ts';

interface Vectors {
  readonly cases: { readonly comment: string; readonly expected: { readonly canonical: string } }[];
}

const file = join(import.meta.dirname, '../../spec/vectors/objects/signing.json');
const examples = (JSON.parse(readFileSync(file, 'utf8')) as Vectors).cases.map(
  ({ comment, expected }) => ({ comment, object: JSON.parse(expected.canonical) as JsonObject }),
);
const example = (comment: string) =>
  examples.find((each) => each.comment.startsWith(comment))!.object;
const post = example('a post');

const documentLoader = async (iri: string) => {
  const document = loadContext(iri);
  if (document === null) throw new Error(`not pinned: ${iri}`);
  return { documentUrl: iri, document };
};

describe('every signed example', () => {
  test.each(examples)('$comment: has no undefined term', async ({ object }) => {
    expect(await undefinedTerms(object, loadContext)).toEqual([]);
  });

  test.each(examples)(
    '$comment: is itself again after expansion and compaction',
    async ({ object }) => {
      const options = { documentLoader, safe: true } as object;
      const expanded = await jsonld.expand(structuredClone(object) as object, options);
      const signedContext = { '@context': [...SIGNED_CONTEXT] } as jsonld.ContextDefinition;
      const compacted = await jsonld.compact(expanded as object, signedContext, options);
      expect(inShort(compacted)).toEqual(inShort(object));
    },
  );

  test.each(examples)('$comment: loses nothing as N-Quads', async ({ object }) => {
    const quads = await toNQuads(object, loadContext);
    const actor = `<https://www.w3.org/ns/activitystreams#actor> <${object.actor}> .`;
    expect(quads.split('\n').filter((quad) => quad.endsWith(actor))).toHaveLength(1);
    expect(quads).toContain('<https://w3id.org/security#proofValue>');
  });
});

/** Compaction writes a list of one as its entry, `Public` in short, and the one context on the outside. */
function inShort(value: unknown): unknown {
  if (value === 'https://www.w3.org/ns/activitystreams#Public') return 'as:Public';
  if (Array.isArray(value)) {
    const entries = value.map(inShort);
    return entries.length === 1 ? entries[0] : entries;
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => key !== '@context')
      .map(([key, member]) => [key, inShort(member)]),
  );
}

describe('toNQuads', () => {
  test('keeps seq a nonNegativeInteger and instants dateTimes', async () => {
    const quads = await toNQuads(post, loadContext);
    const xsd = 'http://www.w3.org/2001/XMLSchema#';
    expect(quads).toContain(`<https://w3id.org/exuvia/ns#seq> "0"^^<${xsd}nonNegativeInteger> .`);
    expect(quads).toContain(`#published> "2026-11-20T10:00:00Z"^^<${xsd}dateTime> .`);
  });

  test('writes labels and reasons as IRIs', async () => {
    const quads = await toNQuads(example('bans an agent for a while'), loadContext);
    expect(quads).toContain('<https://w3id.org/exuvia/ns#reason> <urn:example:spam> .');
    const pin = await toNQuads(example('pins a post'), loadContext);
    expect(pin).toContain('#target> <https://w3id.org/exuvia/label#featured> .');
  });

  test('refuses a document with an undefined term instead of dropping it', async () => {
    const refused = toNQuads({ ...post, evil: 'x' }, loadContext);
    await expect(refused).rejects.toMatchObject({ code: 'malformed' });
  });

  test('refuses a relative name', async () => {
    const refused = toNQuads({ ...post, id: 'posts/1' }, loadContext);
    await expect(refused).rejects.toMatchObject({ code: 'malformed' });
  });
});

describe('undefinedTerms', () => {
  test('reports properties, types and names that only a blank node would stand for', async () => {
    const object = {
      ...(post.object as JsonObject),
      type: ['Article', 'Essay'],
      id: '_:b',
      colour: 1,
    };
    const document = { ...post, object, audience: 'm/tea', sequ: 3 };
    const terms = await undefinedTerms(document, loadContext);
    expect(terms).toEqual(['_:Essay', '_:b', '_:colour', '_:sequ', 'm/tea']);
  });

  test('reports what expansion drops', async () => {
    expect(await undefinedTerms({ colour: 'x' }, loadContext)).toEqual(['colour']);
  });

  test('finds the types that a swap could exchange under an RDF signature', async () => {
    for (const type of ['Upvote', 'Downvote']) {
      expect(await undefinedTerms({ ...post, type }, loadContext)).toEqual([`_:${type}`]);
    }
  });

  test('does not change the document', async () => {
    const before = structuredClone(post);
    await undefinedTerms(post, loadContext);
    expect(post).toEqual(before);
  });
});

describe('contexts', () => {
  const operations = { undefinedTerms, toNQuads };

  test.each(Object.entries(operations))(
    '%s refuses one that is not pinned',
    async (_, operation) => {
      const asked: string[] = [];
      const loader = (iri: string) => {
        asked.push(iri);
        return loadContext(iri);
      };
      const document = { ...post, '@context': [...SIGNED_CONTEXT, 'https://evil.example/v1'] };
      const refused = operation(document, loader);
      await expect(refused).rejects.toMatchObject({
        code: 'unknown_context',
        message: 'no pinned copy of https://evil.example/v1',
      });
      expect(asked).toContain('https://evil.example/v1');
    },
  );

  test.each(Object.entries(operations))(
    '%s refuses another meaning for our terms',
    async (_, operation) => {
      const evil = { reason: 'https://evil.example/reason' };
      const document = { ...post, '@context': [...SIGNED_CONTEXT, evil] };
      await expect(operation(document, loadContext)).rejects.toMatchObject({ code: 'malformed' });
    },
  );

  test('ours goes with ActivityStreams alone', async () => {
    const context = [SIGNED_CONTEXT[0], EXUVIA_CONTEXT];
    const { proof: _, ...document } = post;
    expect(await undefinedTerms({ ...document, '@context': context }, loadContext)).toEqual([]);
  });
});
