// Documents of one DID over time: which key counts when, and how long that takes to say of very many.
import { expect, test } from 'vitest';
import { webAgent } from '../../test/sample-log.ts';
import type { JsonObject } from '../protocol/json.ts';
import { DatedDocuments, DOCUMENT_LIFE } from './dated-documents.ts';

const { did, document } = webAgent('author.example');
const listed = document as JsonObject & { readonly assertionMethod: readonly string[] };
const id = listed.assertionMethod.at(-1)!;
/** Another key under the same id. */
const other = JSON.parse(
  JSON.stringify(webAgent('other.example').document).replaceAll('other.example', 'author.example'),
);
other.verificationMethod.at(-1).id = id;
other.assertionMethod = [id];

const keyAt = (documents: DatedDocuments, t: number | null) => {
  const found = documents.find(id, t);
  return found.ok ? found.publicKey : found.reason;
};

test('of documents that list a key under one id the first that ends later decides, and the last for a day more', () => {
  const documents = new DatedDocuments(did);
  expect(keyAt(documents, 0)).toBe('key_not_found');
  documents.add({}, 5);
  documents.add(document, 10);
  documents.add(other, 10);
  documents.add(other, 20);
  documents.add({}, null);
  expect(documents.count).toBe(5);
  const [first, second] = [keyAt(documents, 0), keyAt(documents, 15)];
  expect(first).toBeInstanceOf(Uint8Array);
  expect(second).toBeInstanceOf(Uint8Array);
  expect(second).not.toEqual(first);
  expect([keyAt(documents, 9), keyAt(documents, null)]).toEqual([first, first]);
  expect([keyAt(documents, 10), keyAt(documents, 20 + DOCUMENT_LIFE)]).toEqual([second, second]);
  expect(keyAt(documents, 21 + DOCUMENT_LIFE)).toBe('key_not_found');
});

test('very many documents are not looked through for each object', () => {
  const documents = new DatedDocuments(did);
  for (let i = 0; i < 100_000; i++) documents.add({}, i);
  documents.add(document, null);
  const wanted = keyAt(documents, 0);
  for (let i = 0; i < 100_000; i++) if (keyAt(documents, i) !== wanted) expect.fail(`${i}`);
  expect(wanted).toBeInstanceOf(Uint8Array);
});
