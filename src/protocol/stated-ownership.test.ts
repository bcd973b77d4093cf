// What is read again of credentials that were accepted is what a verifier found in them.
import { describe, expect, test } from 'vitest';
import accepted from '../../spec/vectors/owners/accepted.json' with { type: 'json' };
import { createNodeCrypto } from '../crypto/node.ts';
import { toBase64url, utf8 } from './bytes.ts';
import type { CredentialMediaType } from './credential-form.ts';
import { type Did, subjectOf } from './did.ts';
import { verifyOwnerCredential } from './owner-credential.ts';
import { readStatedOwnership } from './stated-ownership.ts';

const crypto = createNodeCrypto();

test.each(accepted.cases)('$comment', async ({ agent, credential, mediaType, now, ...rest }) => {
  const lists = ('lists' in rest ? rest.lists : {}) as unknown as Record<
    string,
    { credential: string; mediaType: CredentialMediaType }
  >;
  const text = typeof credential === 'string' ? credential : JSON.stringify(credential);
  const verdict = await verifyOwnerCredential(text, {
    ...{ agent: agent as Did, mediaType: mediaType as CredentialMediaType, now, crypto },
    resolveDocument: async () => ({ ok: true, document: 'document' in rest && rest.document }),
    statusList: async (url) => ({ ok: true, ...(lists[url] as (typeof lists)[string]) }),
  });
  expect(verdict).toMatchObject({ ok: true });
  if (!verdict.ok) return;
  const { form, owner, role, statusList, validUntil } = verdict.claim;
  const expected = { agent: subjectOf(agent as Did), form, owner, role, statusList, validUntil };
  expect(readStatedOwnership(text, mediaType)).toEqual(expected);
});

describe('nothing is read from', () => {
  const payload = (value: unknown) => `e30.${toBase64url(utf8(JSON.stringify(value)))}.AA`;
  test.each([
    ['a text in the other form', 'words', 'application/vc'],
    ['words', 'words', 'application/vc+jwt'],
    ['a JWT of two parts', 'e30.e30', 'application/vc+jwt'],
    ['a JWT whose payload is no map', payload([]), 'application/vc+jwt'],
    ['a JWT whose payload is no credential', payload({ sub: 'x' }), 'application/vc+jwt'],
    ['a map that is no credential', '{}', 'application/vc'],
    ['a text without end', ' '.repeat(20_000), 'application/vc'],
  ])('%s', (_, text, mediaType) => {
    expect(readStatedOwnership(text, mediaType)).toBeNull();
  });
});
