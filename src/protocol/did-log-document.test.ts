// did.json of a DID log: the document of anybody, with the keys that its requests may be signed with.
import { expect, test } from 'vitest';
import { crypto, ForgedDidLog, multikey, seed } from '../../test/did-log-forge.ts';
import { readDidLog } from './did-log.ts';
import { documentOfDidLog } from './did-log-document.ts';
import type { JsonObject } from './json.ts';
import { jwkThumbprint } from './thumbprint.ts';

const DID_V1 = 'https://www.w3.org/ns/did/v1';

function served(state: JsonObject): JsonObject {
  const { text } = new ForgedDidLog().next({ state });
  return documentOfDidLog(readDidLog(text), crypto) as JsonObject;
}

const { did } = new ForgedDidLog();
const method = (n: number) => ({
  id: `${did}#${n}`,
  type: 'Multikey',
  controller: did,
  publicKeyMultibase: multikey(n),
});
const kid = (n: number) => jwkThumbprint(crypto.publicKeyOf(seed(n)), crypto);

test('has each key for requests once, and no other', () => {
  const { keys } = served({
    verificationMethod: [method(21), { ...method(21), id: `${did}#again` }, method(22), method(23)],
    authentication: [`${did}#21`, `${did}#again`, `${did}#23`],
    assertionMethod: [`${did}#22`],
  });
  expect(keys).toMatchObject([{ kid: kid(21) }, { kid: kid(23) }]);
});

test('has no keys where none can be read', () => {
  expect(served({}).keys).toEqual([]);
  expect(served({ verificationMethod: 'none', authentication: [method(21)] }).keys).toEqual([]);
});

test('keeps the contexts of the document, whether in a list or not', () => {
  const term = { keys: expect.objectContaining({ '@type': '@json' }) };
  expect(served({ '@context': DID_V1 })['@context']).toEqual([DID_V1, term]);
  expect(served({ '@context': [DID_V1] })['@context']).toEqual([DID_V1, term]);
});

test('puts its own keys where the document has a member of that name', () => {
  const { keys } = served({ keys: [{ kty: 'OKP' }], authentication: [method(21)] });
  expect(keys).toMatchObject([{ kid: kid(21) }]);
});
