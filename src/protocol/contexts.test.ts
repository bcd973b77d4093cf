// The pinned contexts are the files in contexts/, and nothing but their exact array is accepted.
import { expect, test } from 'vitest';
import { contextFile, loadContext } from '../../test/contexts.ts';
import { createNodeCrypto } from '../crypto/node.ts';
import { toHex } from './bytes.ts';
import { CONTEXT_HASHES, EXUVIA_CONTEXT, isSignedContext, SIGNED_CONTEXT } from './contexts.ts';
import { canonicalize } from './jcs.ts';

const { sha256 } = createNodeCrypto();

test.each(SIGNED_CONTEXT)('%s has the pinned hash', (iri) => {
  expect(toHex(sha256(canonicalize(loadContext(iri))))).toBe(CONTEXT_HASHES[iri]);
});

test('each signed context has a hash and no other has', () => {
  expect(Object.keys(CONTEXT_HASHES)).toEqual([...SIGNED_CONTEXT]);
});

test('our own context has 527 bytes', () => {
  expect(canonicalize(loadContext(EXUVIA_CONTEXT))).toHaveLength(527);
  expect(CONTEXT_HASHES[EXUVIA_CONTEXT]).toMatch(/^9bd0d1a4.*03b5$/);
});

test.each([
  ['w3id.org_security_data_integrity_v2.jsonld', /^7ba3c50a.*e305$/],
  ['w3id.org_security_multikey_v1.jsonld', /^be20c3ee.*7cdc$/],
  ['www.w3.org_ns_cid_v1.jsonld', /^9fc257da.*15c8$/],
])('%s is the pinned copy', (file, hash) => {
  expect(toHex(sha256(canonicalize(JSON.parse(contextFile(file)))))).toMatch(hash);
});

test('only the exact array is the signed context', () => {
  const [first, second, third] = SIGNED_CONTEXT;
  expect(isSignedContext([first, second, third])).toBe(true);
  const others = [
    first,
    [first],
    [first, second],
    [second, first, third],
    [first, second, third, third],
    [first, second, { ...{ '@import': third } }],
    { 0: first, 1: second, 2: third, length: 3 },
    null,
    undefined,
  ];
  for (const other of others) expect(isSignedContext(other)).toBe(false);
});
