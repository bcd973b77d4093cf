// A did:web node knows its own keys without asking anybody, least of all whoever answers at its name.
import { expect, test } from 'vitest';
import { crypto, identityOf } from '../../test/sandbox.ts';
import { createDidResolver } from '../net/did-resolver.ts';
import { createDocumentCache } from '../net/document-cache.ts';
import { createObjectKeys } from '../net/object-keys.ts';
import { createRequestKeys } from '../net/request-keys.ts';
import { parseDid } from '../protocol/did.ts';
import { jwkThumbprint } from '../protocol/thumbprint.ts';
import { ownDocuments } from './node-document.ts';

const did = parseDid('did:web:node.example')!;
const publicKey = (seed: Uint8Array) => crypto.publicKeyOf(seed);

function keysOf(own: ReturnType<typeof ownDocuments>) {
  const asked: string[] = [];
  const request = async (url: string) => {
    asked.push(url);
    throw new Error('this node asks nobody about itself');
  };
  const documents = createDocumentCache({ fetch: { request }, now: () => 0, own });
  const objects = createObjectKeys(createDidResolver(documents));
  return { asked, objects, requests: createRequestKeys(documents, crypto) };
}

test('requests and objects of the node itself', async () => {
  const other = identityOf('own');
  const keyid = jwkThumbprint(publicKey(other.seed), crypto);
  const node = { ...other, did, origin: 'https://node.example', keyId: `${did}#${keyid}` };
  const { asked, objects, requests } = keysOf(ownDocuments(node, crypto));
  for (const path of ['did.json', 'http-message-signatures-directory']) {
    const url = `https://node.example/.well-known/${path}`;
    expect(await requests(url, keyid)).toMatchObject({ ok: true, did });
    const logKey = jwkThumbprint(publicKey(node.logSeed), crypto);
    expect(await requests(url, logKey)).toMatchObject({ reason: 'key_not_in_directory' });
  }
  for (const find of [objects.resolve, objects.cached]) {
    expect(await find(did, node.keyId)).toMatchObject({ ok: true });
  }
  expect(asked).toEqual([]);
});

test('a did:key needs none', () => {
  expect(ownDocuments(identityOf('own'), crypto).size).toBe(0);
});
