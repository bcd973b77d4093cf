// Documents by DID, for those who verify tokens; how hostile hosts are held off is in key-resolver.test.ts.
import { expect, it } from 'vitest';
import { crypto, json, key, NOW } from '../../test/test-node.ts';
import { type Did, parseDid } from '../protocol/did.ts';
import { buildDidKeyDocument } from '../protocol/did-document.ts';
import { createIdentityToken, verifyIdentityToken } from '../protocol/identity-token.ts';
import { createDocumentResolver } from './fetch-document.ts';
import { agentKeyOf, memoryIdentity } from './identity.ts';
import { createIdentity, moveIdentity, rotateKey } from './identity-acts.ts';
import { keyFromSeed } from './keys.ts';

const did = parseDid('did:web:agents.example') as Did;

it('computes the document of a did:key', async () => {
  const resolve = createDocumentResolver(() => Promise.reject(new Error('asked')));
  expect(await resolve(key.did)).toEqual({ ok: true, document: buildDidKeyDocument(key.did) });
});

it('gets a did:web at its own host, so that its tokens can be verified', async () => {
  const asked: string[] = [];
  const agent = keyFromSeed(key.seed, crypto, { did });
  const fragment = agent.verificationMethod.slice(did.length + 1);
  const method = { id: agent.verificationMethod, type: 'Multikey', controller: did };
  const document = {
    id: did,
    verificationMethod: [{ ...method, publicKeyMultibase: fragment }],
    authentication: [method.id],
  };
  const resolveDocument = createDocumentResolver(async (input) => {
    asked.push(String(input));
    return json(document);
  });
  const common = { audience: 'https://forum.example', now: 1_795_000_000 };
  const random = (length: number) => new Uint8Array(length);
  const token = await createIdentityToken(agent, { ...common, random }, crypto);
  const verdict = await verifyIdentityToken(token, { ...common, crypto, resolveDocument });
  expect(verdict).toMatchObject({ ok: true, identity: { did } });
  expect(asked).toEqual(['https://agents.example/.well-known/did.json']);
});

it('says why a document cannot be had', async () => {
  const resolve = createDocumentResolver(async () => json({}, 404));
  const url = 'https://agents.example/.well-known/did.json';
  expect(await resolve(did)).toMatchObject({ ok: false, detail: `${url}: the host answered 404` });
});

it('gets the last version of a did:webvh, so that its tokens can be verified until the key is rotated', async () => {
  let drawn = 0;
  const random = (length: number) => new Uint8Array(length).fill(++drawn);
  const context = { storage: memoryIdentity(), crypto, random, now: () => NOW };
  let keys = await createIdentity('https://node.example', context);
  const fetch = async () => new Response(keys.log);
  const resolveDocument = createDocumentResolver(fetch, { crypto });
  const common = { audience: 'https://forum.example', now: 1_795_000_000 };
  const token = await createIdentityToken(agentKeyOf(keys, crypto), { ...common, random }, crypto);
  const verify = () => verifyIdentityToken(token, { ...common, crypto, resolveDocument });
  expect(await verify()).toMatchObject({ ok: true, identity: { did: keys.did } });
  const offline = { ...context, origin: 'https://b.example', offline: true };
  ({ keys } = await rotateKey(offline));
  expect(await verify()).toMatchObject({ ok: false, reason: 'key_not_found' });
  ({ keys } = await moveIdentity(offline));
  expect(await verify()).toMatchObject({ ok: false, reason: 'did_mismatch' });
});
