// Owners over HTTP: an agent accepts the credential of somebody outside, the node checks it and shows who owns whom.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ActivityDraft } from '../../src/protocol/activity.ts';
import { type Did, didKeyOf, didWebToUrl, parseDid } from '../../src/protocol/did.ts';
import { buildDidWebDocument } from '../../src/protocol/did-document.ts';
import type { JsonObject } from '../../src/protocol/json.ts';
import { draftAcceptance, draftWithdrawal } from '../../src/protocol/owner-acceptance.ts';
import { credentialName, mediaTypeOf } from '../../src/protocol/owner-credential.ts';
import { derivedDigest } from '../../src/store/derived-digest.ts';
import { rebuildDerived } from '../../src/store/rebuild.ts';
import { checkInvariants } from '../invariants.ts';
import { OwnerKey } from '../owner-keys.ts';
import { RotatingAgent } from '../rotating-agent.ts';
import { Agent, type Author, crypto, seedOf } from '../sandbox.ts';
import { HttpNode } from './http-node.ts';
import { JwksSite } from './jwks-site.ts';

const DAY = 86_400;
const corp = parseDid('did:web:corp.example') as Did;
const documents = new Map<string, JsonObject>();
let node: HttpNode;
let site: JwksSite;
let count = 0;
let ada: Agent;

beforeAll(async () => {
  node = await HttpNode.open({ name: 'owners', documents });
  site = await JwksSite.open();
  publish(corp, 'corp');
});
afterAll(async () => {
  await checkInvariants(node.context.db, crypto);
  await Promise.all([node.close(), site.close()]);
});
beforeEach(() => {
  count += 1;
  ada = new Agent(`ada ${count}`);
});

const seconds = () => Math.floor(node.clock.now / 1000);
const hostOf = (origin: string) => `localhost%3A${new URL(origin).port}`;

/** Puts the document of a did:web where nodes find it, with the key that `name` signs credentials with. */
function publish(did: Did, name: string): void {
  const keys = [
    { publicKey: crypto.publicKeyOf(seedOf(name)), purposes: ['assertionMethod'] as const },
  ];
  const document = JSON.parse(JSON.stringify(buildDidWebDocument({ did, keys }, crypto)));
  documents.set(didWebToUrl(did) as string, document);
}

/** Puts a text at a path of the site and gives its URL. */
function put(path: string, type: string, text: () => string): string {
  site.pages.set(path, (outgoing) => outgoing.writeHead(200, { 'content-type': type }).end(text()));
  return site.origin + path;
}

const accepting = (text: string) => draftAcceptance(text, mediaTypeOf(text), crypto);
const ending = (text: string) => draftWithdrawal(credentialName(text, crypto));
const send = async (agent: Author & Agent, draft: ActivityDraft) =>
  node.submit(agent, (await agent.sign(draft, node.clock.now)).bytes);
async function ownersOf(did: Did, at = node) {
  const path = `/api/v1/agents/${did.replaceAll('%', '%25')}`;
  const { json } = await at.ask(new Agent('reader'), path, {}, { nonce: null });
  return (json.agent as { owners: JsonObject[] } | undefined)?.owners ?? null;
}

describe('an owner', () => {
  test.each([
    ['an Ed25519 did:key', () => new OwnerKey('some owner'), 'vc', null],
    ['a P-256 did:key', () => new OwnerKey('some owner', 'P-256'), 'jwt', null],
    ['a secp256k1 did:key', () => new OwnerKey('some owner', 'secp256k1'), 'jwt', null],
    ['a domain', () => new OwnerKey('corp', 'Ed25519', corp), 'vc', 'corp.example'],
  ])('who is %s counts once the agent has accepted them', async (_, make, form, domain) => {
    const owner = make();
    const now = seconds();
    const text = await owner.claim(ada.did, { now, role: 'operator' });
    await node.accept(ada, { type: 'Update', object: { type: 'Service', name: 'Ada' } });
    // One side alone is nothing: the credential is out, and nobody is owned.
    expect(await ownersOf(ada.did)).toEqual([]);
    const object = await node.accept(ada, accepting(text));
    expect(await ownersOf(ada.did)).toEqual([
      {
        ...{ did: owner.did, domain, role: 'operator', form, object },
        credential: credentialName(text, crypto),
        since: new Date(node.clock.now).toISOString(),
        until: new Date((now + DAY) * 1000).toISOString(),
      },
    ]);
  });

  test('with a DID log is known by the one published, and by the node once it has the log', async () => {
    const made = new RotatingAgent('webvh owner', hostOf(site.origin), node.clock.now);
    put(`/dids/${made.log.scid}/did.jsonl`, 'text/jsonl', () => made.text);
    const owner = () => new OwnerKey('', 'Ed25519', made.did, made.seed);
    const now = seconds();
    await node.accept(ada, accepting(await owner().claim(ada.did, { now })));
    expect(await ownersOf(ada.did)).toMatchObject([{ did: made.did, domain: null }]);
    const first = made.did;
    made.rotate(node.clock.now, { host: 'elsewhere.example' });
    const by = { did: didKeyOf(crypto.publicKeyOf(made.seed)), seed: made.seed };
    expect((await node.submit(by, made.statement(node.clock.now).bytes)).status).toBe(201);
    expect(made.did).not.toBe(first);
    expect(await ownersOf(ada.did)).toMatchObject([{ did: made.did }]);
    const second = await owner().claim(ada.did, { now });
    await node.accept(ada, accepting(second));
    const withdrawn = await node.submit(made, made.make(ending(second), node.clock.now).bytes);
    expect(withdrawn.status).toBe(201);
    expect(await ownersOf(ada.did)).toHaveLength(1);
  });

  test('ends when the credential does, and asks for nothing to be sent', async () => {
    const text = await new OwnerKey('brief').claim(ada.did, {
      now: seconds(),
      validUntil: seconds() + 60,
    });
    await node.accept(ada, accepting(text));
    expect(await ownersOf(ada.did)).toHaveLength(1);
    node.clock.now += 60_000;
    expect(await ownersOf(ada.did)).toEqual([]);
  });

  test.each(['owner', 'agent'])('is withdrawn by the %s alone, for good', async (party) => {
    const owner = new Agent(`withdrawing ${count}`);
    const key = new OwnerKey('', 'Ed25519', owner.did, owner.seed);
    const text = await key.claim(ada.did, { now: seconds() });
    await node.accept(ada, accepting(text));
    const stranger = await send(new Agent('stranger'), ending(text));
    expect(stranger).toMatchObject({ status: 403, json: { code: 'not_party' } });
    await node.accept(party === 'owner' ? owner : ada, ending(text));
    expect(await ownersOf(ada.did)).toEqual([]);
    node.clock.now += 1000;
    const again = await send(ada, accepting(text));
    expect(again).toMatchObject({ status: 409, json: { code: 'ownership_ended' } });
    await node.accept(ada, accepting(await key.claim(ada.did, { now: seconds() })));
    expect(await ownersOf(ada.did)).toHaveLength(1);
  });

  test('stays when the agent rotates its key and moves', async () => {
    const eve = new RotatingAgent(`eve ${count}`, hostOf(node.origin), node.clock.now);
    const state = () =>
      node.submit(
        { did: didKeyOf(crypto.publicKeyOf(eve.seed)), seed: eve.seed },
        eve.statement(node.clock.now).bytes,
      );
    expect((await state()).status).toBe(201);
    const owner = new OwnerKey('of eve');
    const now = seconds();
    await node.accept(eve, accepting(await owner.claim(eve.did, { now })));
    const old = eve.did;
    expect((await state()).status).toBe(200);
    eve.rotate(node.clock.now).rotate(node.clock.now, { host: 'elsewhere.example' });
    expect((await state()).status).toBe(201);
    for (const did of [old, eve.did])
      expect(await ownersOf(did)).toMatchObject([{ did: owner.did }]);
    // A credential that names the agent as it was called is still about the agent.
    const earlier = await owner.claim(old, { now, role: 'creator' });
    await node.accept(eve, accepting(earlier));
    expect(await ownersOf(eve.did)).toHaveLength(2);
  });
});

describe('a credential is refused', () => {
  const refusal = async (text: string, by: Agent = ada) => {
    const { json, status } = await send(by, accepting(text));
    return [status, json.code, json.retryable];
  };

  test('by another agent than it is about', async () => {
    const text = await new OwnerKey('o').claim(ada.did, { now: seconds() });
    const thief = new Agent('thief');
    expect(await refusal(text, thief)).toEqual([422, 'owner_subject_mismatch', false]);
    expect(await ownersOf(thief.did)).toBeNull();
  });

  test('when it is over, or has not begun', async () => {
    const owner = new OwnerKey('o');
    const past = seconds() - 2 * DAY;
    const over = await owner.claim(ada.did, { now: past, validUntil: past + DAY });
    expect(await refusal(over)).toEqual([422, 'owner_expired', false]);
    const early = await owner.claim(ada.did, { now: seconds() + 60 });
    expect(await refusal(early)).toEqual([422, 'owner_not_yet_valid', true]);
  });

  test('when somebody else signed it, or it was changed', async () => {
    const pretender = new OwnerKey('pretender', 'Ed25519', corp);
    const text = await pretender.claim(ada.did, { now: seconds() });
    expect(await refusal(text)).toEqual([422, 'owner_key_not_found', false]);
    const own = await new OwnerKey('o').claim(ada.did, { now: seconds(), role: 'creator' });
    const changed = own.replace('creator', 'operator');
    expect(await refusal(changed)).toEqual([422, 'owner_signature_invalid', false]);
    expect(await refusal('{}')).toEqual([422, 'owner_proof_missing', false]);
  });

  test('while nobody can be asked who the owner is', async () => {
    const lost = parseDid('did:web:lost.invalid') as Did;
    const text = await new OwnerKey('lost', 'Ed25519', lost).claim(ada.did, { now: seconds() });
    expect(await refusal(text)).toEqual([422, 'owner_key_unresolvable', true]);
  });

  test('under another name than its own', async () => {
    const text = await new OwnerKey('o').claim(ada.did, { now: seconds() });
    const other = credentialName('another', crypto);
    const { json, status } = await send(ada, {
      ...accepting(text),
      object: other,
    } as ActivityDraft);
    expect([status, json.code, json.path]).toEqual([422, 'owner_name_mismatch', 'object']);
  });

  test('when it is revoked, and while that cannot be found out', async () => {
    const owner = new OwnerKey('revoking', 'P-256');
    const path = `/status/${count}`;
    const list = site.origin + path;
    const claim = (index: number) =>
      owner.claim(ada.did, { now: seconds(), status: { list, index } });
    const [one, two] = [await claim(1), await claim(2)];
    expect(await refusal(one)).toEqual([422, 'owner_status_unknown', true]);
    let published = await owner.statusList(list, seconds(), 2);
    put(path, 'application/vc+jwt', () => `${published}\n`);
    // That it was not there is remembered for some minutes.
    node.clock.now += 600_000;
    expect(await refusal(two)).toEqual([422, 'owner_revoked', false]);
    await node.accept(ada, accepting(one));
    published = await owner.statusList(list, seconds(), 2, 3);
    node.clock.now += 60_000;
    expect(await refusal(await claim(3))).toEqual([422, 'owner_revoked', false]);
    published = await new OwnerKey('o', 'P-256').statusList(list, seconds());
    node.clock.now += 60_000;
    expect(await refusal(await claim(4))).toEqual([422, 'owner_status_unknown', true]);
    site.pages.delete(path);
    node.clock.now += 60_000;
    expect(await refusal(await claim(5))).toEqual([422, 'owner_status_unknown', true]);
  });

  test('a second time; the same acceptance gets its receipt, whatever has come of the credential', async () => {
    const now = seconds();
    const text = await new OwnerKey('o').claim(ada.did, { now, validUntil: now + 60 });
    const { bytes } = await ada.sign(accepting(text), node.clock.now);
    expect((await node.submit(ada, bytes)).status).toBe(201);
    node.clock.now += 1000;
    expect((await send(ada, accepting(text))).json.code).toBe('ownership_stands');
    node.clock.now += 60_000;
    expect((await node.submit(ada, bytes)).status).toBe(200);
  });
});

test('an acceptance that is sent to another node counts there too, and a withdrawal where it was sent', async () => {
  const other = await HttpNode.open({ name: 'other', documents });
  try {
    const text = await new OwnerKey('o').claim(ada.did, { now: seconds() - 60 });
    const { bytes } = await ada.sign(accepting(text), node.clock.now);
    other.clock.now = node.clock.now;
    for (const at of [node, other]) expect((await at.submit(ada, bytes)).status).toBe(201);
    await node.accept(ada, ending(text));
    expect(await ownersOf(ada.did)).toEqual([]);
    expect(await ownersOf(ada.did, other)).toHaveLength(1);
  } finally {
    await other.close();
  }
});

test('a rebuild finds the same owners without asking anybody', async () => {
  const { db } = node.context;
  const text = await new OwnerKey('corp', 'Ed25519', corp).claim(ada.did, { now: seconds() });
  await node.accept(ada, accepting(text));
  const before = await derivedDigest(db);
  documents.clear();
  await site.close();
  await rebuildDerived(db);
  expect(await derivedDigest(db)).toBe(before);
  expect(await ownersOf(ada.did)).toMatchObject([{ domain: 'corp.example' }]);
  site = await JwksSite.open();
});
