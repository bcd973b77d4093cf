// Owners with the SDK: accepted, withdrawn by either side, and checked by whoever asks rather than believed.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ExuviaClient } from '../../src/client/exuvia-client.ts';
import { type AgentKey, keyFromSeed } from '../../src/client/keys.ts';
import type { KeyResolver } from '../../src/protocol/object.ts';
import { credentialName } from '../../src/protocol/owner-acceptance.ts';
import { verifyOwnerCredential } from '../../src/protocol/owner-credential.ts';
import { OwnerKey } from '../owner-keys.ts';
import { RotatingAgent } from '../rotating-agent.ts';
import { crypto, seedOf } from '../sandbox.ts';
import { HttpNode } from './http-node.ts';
import { JwksSite } from './jwks-site.ts';

let node: HttpNode;
let site: JwksSite;
beforeAll(async () => {
  [node, site] = await Promise.all([HttpNode.open({ name: 'owned' }), JwksSite.open()]);
});
afterAll(() => Promise.all([node.close(), site.close()]));

const keyOf = (name: string) => keyFromSeed(seedOf(name), crypto);
const clientOf = (key: AgentKey) =>
  new ExuviaClient({ origin: node.origin, key, crypto, now: () => node.clock.now });
const reader = keyOf('reader');
const seconds = () => node.clock.now / 1000;

test('an agent accepts, anybody checks, the owner withdraws', async () => {
  const [ada, corp] = [keyOf('ada'), keyOf('corp')];
  const owner = new OwnerKey('corp');
  const text = await owner.claim(ada.did, { now: seconds(), role: 'principal' });
  const accepted = await clientOf(ada).acceptOwner(text);
  expect(await clientOf(reader).read.owners(ada.did, verifyOwnerCredential)).toMatchObject([
    {
      ...{ did: owner.did, domain: null, role: 'principal', object: accepted.id },
      acceptance: 'signed',
      verdict: { ok: true, claim: { owner: corp.did, agent: ada.did } },
    },
  ]);
  await clientOf(corp).withdrawOwner(text);
  expect(await clientOf(reader).read.owners(ada.did, verifyOwnerCredential)).toEqual([]);
  const withdrawing = clientOf(ada).withdrawOwner(credentialName(text, crypto));
  await expect(withdrawing).rejects.toMatchObject({ code: 'ownership_ended' });
});

test('nothing is signed for a credential about somebody else, or for none', async () => {
  const ada = clientOf(keyOf('ada'));
  const text = await new OwnerKey('corp').claim(reader.did, { now: seconds() });
  for (const wrong of [text, 'words', '{}']) {
    await expect(ada.acceptOwner(wrong)).rejects.toMatchObject({ code: 'invalid_argument' });
  }
});

test('a refusal of the node comes through', async () => {
  const ada = keyOf('ada');
  const text = await new OwnerKey('corp').claim(ada.did, { now: seconds() - 172_800 });
  await expect(clientOf(ada).acceptOwner(text)).rejects.toMatchObject({ code: 'owner_expired' });
});

test('what was revoked since is told, though the node shows it still', async () => {
  const ada = keyOf('revoked agent');
  const owner = new OwnerKey('corp');
  const url = `${site.origin}/list`;
  let list = await owner.statusList(url, seconds());
  site.pages.set('/list', (outgoing) => outgoing.end(list));
  const text = await owner.claim(ada.did, { now: seconds(), status: { list: url, index: 9 } });
  await clientOf(ada).acceptOwner(text);
  const verdicts = async () =>
    (await clientOf(reader).read.owners(ada.did, verifyOwnerCredential)).map(
      ({ verdict }) => verdict,
    );
  expect(await verdicts()).toMatchObject([{ ok: true, claim: { statusList: url } }]);
  list = await owner.statusList(url, seconds(), 9);
  expect(await verdicts()).toMatchObject([{ outcome: 'invalid', reason: 'revoked' }]);
  site.pages.delete('/list');
  expect(await verdicts()).toMatchObject([{ outcome: 'indeterminate', reason: 'status_unknown' }]);
});

test('an acceptance outlasts the key and the host of the agent', async () => {
  const host = `localhost%3A${new URL(node.origin).port}`;
  const eve = new RotatingAgent('sdk eve', host, node.clock.now);
  const clientNow = () => {
    const { did, keyId: verificationMethod, seed, text: didLog } = eve;
    return clientOf({ did, seed, verificationMethod, didLog });
  };
  const text = await new OwnerKey('corp').claim(eve.did, { now: seconds() });
  await clientNow().acceptOwner(text);
  const [before] = await clientOf(reader).read.owners(eve.did, verifyOwnerCredential);
  expect(before).toMatchObject({ acceptance: 'signed', verdict: { ok: true } });
  eve.rotate(node.clock.now, { host: 'elsewhere.example' });
  await clientNow().publishIdentity();
  const [after] = await clientOf(reader).read.owners(eve.did, verifyOwnerCredential);
  expect(after).toMatchObject({ acceptance: 'signed', verdict: { ok: true } });
});

test('an acceptance whose key nobody can be asked for is said to be the word of the node', async () => {
  const ada = keyOf('without a document');
  const text = await new OwnerKey('corp').claim(ada.did, { now: seconds() });
  await clientOf(ada).acceptOwner(text);
  const resolveKey: KeyResolver = async () => {
    return { ok: false, reason: 'key_not_found', detail: 'not listed', retryable: false };
  };
  const options = { origin: node.origin, key: reader, crypto, now: () => node.clock.now };
  const owners = await new ExuviaClient({ ...options, resolveKey }).read.owners(
    ada.did,
    verifyOwnerCredential,
  );
  expect(owners).toMatchObject([{ acceptance: 'told', verdict: { ok: true } }]);
});

test('an owner whose DID log the node does not know is found at the log’s own address', async () => {
  const ada = keyOf('owned by webvh');
  const made = new RotatingAgent(
    'sdk owner',
    `localhost%3A${new URL(site.origin).port}`,
    node.clock.now,
  );
  site.pages.set(`/dids/${made.log.scid}/did.jsonl`, (outgoing) =>
    outgoing.writeHead(200, { 'content-type': 'text/jsonl' }).end(made.text),
  );
  const owner = new OwnerKey('', 'Ed25519', made.did, made.seed);
  await clientOf(ada).acceptOwner(await owner.claim(ada.did, { now: seconds() }));
  const owners = await clientOf(reader).read.owners(ada.did, verifyOwnerCredential);
  expect(owners).toMatchObject([{ did: made.did, domain: null, verdict: { ok: true } }]);
});

test('a node that shows what nobody has accepted is found out', async () => {
  const ada = keyOf('honest');
  const text = await new OwnerKey('corp').claim(ada.did, { now: seconds() });
  await clientOf(ada).acceptOwner(text);
  const lying: typeof fetch = async (input, init) => {
    const response = await fetch(input, init);
    if (!String(input).includes('/agents/')) return response;
    const forged = (await response.text()).replace(
      /"credential":"ni:[^"]*/,
      `"credential":"${credentialName('x', crypto)}`,
    );
    return new Response(forged, { headers: response.headers });
  };
  const options = { origin: node.origin, key: reader, crypto, now: () => node.clock.now };
  const deceived = new ExuviaClient({ ...options, fetch: lying });
  await expect(deceived.read.owners(ada.did, verifyOwnerCredential)).rejects.toMatchObject({
    code: 'verification_failed',
  });
});
