// A did:web node knows its own keys without asking anybody, least of all whoever answers at its name.
import { expect, test } from 'vitest';
import { crypto, identityOf } from '../../test/sandbox.ts';
import { createResolution } from '../net/resolution.ts';
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
  const { objectKeys, requestKeys } = createResolution({
    crypto,
    fetch: { request },
    now: () => 0,
    loopback: false,
    findDidLog: async () => null,
    own,
  });
  return { asked, objects: objectKeys, requests: requestKeys };
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
