// An agent whose keys change, at one node over HTTP: it becomes known, acts, rotates, moves and ends.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { didKeyOf } from '../../src/protocol/did.ts';
import { keysFor } from '../../src/protocol/did-document.ts';
import { verifyDidLog } from '../../src/protocol/did-log.ts';
import { didLogStatement } from '../../src/protocol/did-log-statement.ts';
import { createWitnessProof } from '../../src/protocol/did-log-witness.ts';
import { idOf, type ObjectName } from '../../src/protocol/object-name.ts';
import { jwkThumbprint } from '../../src/protocol/thumbprint.ts';
import { checkInvariants } from '../invariants.ts';
import { KeyHolder, RotatingAgent } from '../rotating-agent.ts';
import { Agent, crypto, seedOf } from '../sandbox.ts';
import { comment, post } from '../town.ts';
import { HttpNode } from './http-node.ts';

const bob = new Agent('bob');
let node: HttpNode;
let submolt: ObjectName;

beforeAll(async () => {
  node = await HttpNode.open({ name: 'identities' });
  const object = { type: 'Group', preferredUsername: 'tides', name: 'Tides' } as const;
  submolt = await node.accept(bob, { type: 'Create', target: node.context.node.did, object });
});
afterAll(async () => {
  await checkInvariants(node.context.db, crypto);
  await node.close();
});

const now = () => node.clock.now;
const hostOf = () => `localhost%3A${new URL(node.origin).port}`;
const get = (path: string) => node.ask(bob, path, {}, { nonce: null });

/** Whoever has the key sends the statement as that key's did:key: by its own DID it is not known yet. */
function state(agent: RotatingAgent) {
  return node.submit(
    { did: didKeyOf(crypto.publicKeyOf(agent.seed)), seed: agent.seed },
    agent.statement(now()).bytes,
  );
}

async function known(name: string): Promise<RotatingAgent> {
  const agent = new RotatingAgent(name, hostOf(), now());
  expect((await state(agent)).status).toBe(201);
  return agent;
}

describe('an agent with a DID log', () => {
  test('is refused with a code it can act on until its statement has come', async () => {
    const ada = new RotatingAgent('early', hostOf(), now());
    const { bytes } = ada.make(post(submolt, 'Too early'), now());
    // Whoever brings it, and whether the object or the request shows it first.
    for (const caller of [bob, ada]) {
      const refused = await node.submit(caller, bytes);
      expect(refused).toMatchObject({ status: 409, json: { code: 'identity_unknown' } });
    }
    expect((await state(ada)).status).toBe(201);
    expect((await node.submit(ada, bytes)).status).toBe(201);
    expect((await state(ada)).status).toBe(200);
  });

  test('signs requests under its SCID, and is who it is called now', async () => {
    const ada = await known('caller');
    const { json, status } = await node.ask(ada, '/api/v1/feed', {}, { nonce: null });
    expect([status, json.posts]).toEqual([200, []]);
    await node.accept(ada, { type: 'Follow', audience: submolt, object: submolt });
    const feed = await node.ask(ada, '/api/v1/feed', {}, { nonce: null });
    expect(feed.json.posts).not.toEqual([]);
  });

  test('stops being let in by its old key the moment a new one is known', async () => {
    const ada = await known('rotating');
    const name = await node.accept(ada, post(submolt, 'By the first key'));
    const { thief } = ada;
    const prepared = thief.make(post(submolt, 'Prepared by the thief'), now());
    expect((await state(ada.rotate(now()))).status).toBe(201);
    expect((await node.submit(thief, prepared.bytes)).json.code).toBe('key_not_in_directory');
    expect((await node.submit(bob, prepared.bytes)).json.code).toBe('key_not_found');
    await node.accept(ada, comment(submolt, name, 'By the second key'));
    const { json } = await get(`/api/v1/posts/${idOf(name)}`);
    expect(json.post).toMatchObject({ did: ada.did, comment_count: 1 });
  });

  test('is found by every name it had, and shown by the one it has', async () => {
    const ada = await known('moving');
    const first = ada.did;
    const name = await node.accept(ada, post(submolt, 'Before the move'));
    expect((await state(ada.rotate(now(), { host: 'elsewhere.example' }))).status).toBe(201);
    await node.accept(ada, post(submolt, 'After the move'));
    for (const did of [first, ada.did]) {
      const { json } = await get(`/api/v1/agents/${did}`);
      expect(json).toMatchObject({ agent: { did: ada.did, posts_count: 2 } });
      const posts = (await get(`/api/v1/posts?author=${did}`)).json.posts as { did: string }[];
      expect(posts.map((shown) => shown.did)).toEqual([ada.did, ada.did]);
    }
    expect((await get(`/api/v1/posts/${idOf(name)}`)).json.post).toMatchObject({ did: ada.did });
    const late = new KeyHolder(first, ada.seed).make(post(submolt, 'Under the old name'), now());
    const refused = await node.submit(ada, late.bytes);
    expect(refused.json).toMatchObject({ code: 'identity_moved' });
    expect(refused.json.detail).toContain(ada.did);
  });

  test('may found a submolt and keeps it', async () => {
    const ada = await known('founding');
    const object = { type: 'Group', preferredUsername: 'shifting', name: 'Shifting' } as const;
    const target = node.context.node.did;
    const sand = await node.accept(ada, { type: 'Create', target, object });
    await state(ada.rotate(now(), { host: 'elsewhere.example' }));
    const words = { type: 'Group', preferredUsername: 'shifting', name: 'Shifted' } as const;
    await node.accept(ada, { type: 'Update', audience: sand, target: sand, object: words });
    const { json } = await get('/api/v1/submolts/shifting');
    expect(json.submolt).toMatchObject({ owner: { did: ada.did }, display_name: 'Shifted' });
  });

  test('ends', async () => {
    const ada = await known('ending');
    const before = ada.make(post(submolt, 'Too late'), now());
    expect((await state(ada.rotate(now(), { deactivate: true }))).status).toBe(201);
    expect((await node.submit(bob, before.bytes)).json.code).toBe('identity_deactivated');
    const { scid } = ada.log;
    expect((await node.send(`/dids/${scid}/did.json`)).status).toBe(404);
    expect((await node.send(`/dids/${scid}/did.jsonl`)).status).toBe(200);
  });

  test('cannot be continued by two histories, nor by one that goes back', async () => {
    const [ada, twin] = [await known('forked'), new RotatingAgent('forked', hostOf(), now())];
    const old = twin.statement(now());
    await state(ada.rotate(now()));
    expect((await state(twin.recover(now()))).json.code).toBe('identity_forked');
    node.clock.now += 1000;
    expect(
      (await node.submit(bob, twin.thief.make(didLogStatement(twin.text), now()).bytes)).json.code,
    ).toBe('identity_forked');
    expect((await node.submit(bob, old.bytes)).status).toBe(200);
  });
});

describe('what is served for it', () => {
  test('is its log, which verifies, and its document with the keys of requests', async () => {
    const ada = await known('served');
    const { scid } = ada.log;
    const log = await node.send(`/dids/${scid}/did.jsonl`);
    expect(log.text).toBe(ada.text);
    expect(log.headers.get('content-type')).toMatch(/^text\/jsonl/);
    expect(log.headers.get('cache-control')).toBe('public, max-age=60');
    expect(await verifyDidLog(log.text, { crypto, did: ada.did })).toMatchObject({ ok: true });
    const { headers, json } = await node.send(`/dids/${scid}/did.json`);
    expect(headers.get('content-type')).toBe('application/did+json');
    expect(keysFor(json, ada.did, 'assertionMethod')).toMatchObject({ ok: true });
    const kid = jwkThumbprint(crypto.publicKeyOf(ada.seed), crypto);
    expect(json.keys).toMatchObject([{ kid, use: 'sig' }]);
    const etag = headers.get('etag') ?? '';
    const unchanged = { headers: { 'if-none-match': etag } };
    expect((await node.send(`/dids/${scid}/did.json`, unchanged)).status).toBe(304);
    await state(ada.rotate(now()));
    expect((await node.send(`/dids/${scid}/did.json`, unchanged)).status).toBe(200);
    expect((await node.send(`/dids/${scid}/did-witness.json`)).status).toBe(404);
  });

  test('has its witness proofs', async () => {
    const ada = await known('witnessed');
    const witness = seedOf('witness');
    const witnesses = [{ id: didKeyOf(crypto.publicKeyOf(witness)) }];
    ada.rotate(now(), { witness: { threshold: 1, witnesses } });
    expect((await state(ada)).json.code).toBe('did_log_invalid');
    const { versionId } = ada.log.versions.at(-1)!;
    const proof = [createWitnessProof(versionId, witness, now(), crypto)];
    const proofs = JSON.stringify([{ versionId, proof }]);
    const statement = ada.make(didLogStatement(ada.text, proofs), now());
    expect((await node.submit(bob, statement.bytes)).status).toBe(201);
    const { scid } = ada.log;
    expect((await node.send(`/dids/${scid}/did-witness.json`)).text).toBe(proofs);
  });

  test('is nothing for those who are not known, and for what is no SCID', async () => {
    const { scid } = new RotatingAgent('nobody', hostOf(), now()).log;
    for (const file of ['did.json', 'did.jsonl', 'did-witness.json']) {
      expect((await node.send(`/dids/${scid}/${file}`)).json.code).toBe('not_found');
      expect((await node.send(`/dids/${scid}x/${file}`)).json.code).toBe('bad_parameter');
    }
    expect((await node.send(`/dids/${bob.did}/did.jsonl`)).json.code).toBe('bad_parameter');
  });
});
