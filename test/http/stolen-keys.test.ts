// Stolen keys against a real node: what a thief can do, what not, and what the owner can do about it.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { connect } from '../../src/client/connection.ts';
import { ExuviaClient } from '../../src/client/exuvia-client.ts';
import { agentKeyOf, type IdentityKeys, memoryIdentity } from '../../src/client/identity.ts';
import {
  createIdentity,
  publishIdentity,
  recoverIdentity,
  rotateKey,
} from '../../src/client/identity-acts.ts';
import { nextVersion } from '../../src/client/identity-version.ts';
import { type AgentKey, keyFromSeed } from '../../src/client/keys.ts';
import { decodeUtf8, utf8 } from '../../src/protocol/bytes.ts';
import { formatDateTime } from '../../src/protocol/date-time.ts';
import { scidOf } from '../../src/protocol/did.ts';
import { entryHashOf } from '../../src/protocol/did-log-hash.ts';
import { didLogStatement } from '../../src/protocol/did-log-statement.ts';
import { canonicalize } from '../../src/protocol/jcs.ts';
import type { JsonObject } from '../../src/protocol/json.ts';
import { ed25519ToMultibase } from '../../src/protocol/multikey.ts';
import { signObject } from '../../src/protocol/object.ts';
import type { ObjectName } from '../../src/protocol/object-name.ts';
import { createProof } from '../../src/protocol/proof.ts';
import { crypto } from '../sandbox.ts';
import { HttpNode } from './http-node.ts';

let node: HttpNode;
let other: HttpNode;
let submolt: ObjectName;
let drawn = 0;
const random = (length: number) =>
  crypto.sha256(utf8(`stolen keys ${drawn++}`)).subarray(0, length);

let owner: IdentityKeys;
let storage: ReturnType<typeof memoryIdentity>;

beforeAll(async () => {
  node = await HttpNode.open({ name: 'first' });
  other = await HttpNode.open({ name: 'second' });
  const founder = keyFromSeed(random(32), crypto);
  ({ id: submolt } = await clientOf(founder).foundSubmolt({ slug: 'shells', name: 'Shells' }));
});
afterAll(() => Promise.all([node.close(), other.close()]));

beforeEach(async () => {
  storage = memoryIdentity();
  owner = await createIdentity(node.origin, contextOf(storage));
  await clientOf(keyOf(owner)).post(submolt, { title: 'Mine' });
  node.clock.now += 60_000;
  other.clock.now = node.clock.now;
});

function contextOf(place: typeof storage, at = node) {
  return { storage: place, crypto, random, now: () => node.clock.now, origin: at.origin };
}

const keyOf = (keys: IdentityKeys) => agentKeyOf(keys, crypto);

function clientOf(key: AgentKey, at = node): ExuviaClient {
  return new ExuviaClient({ origin: at.origin, key, crypto, now: () => node.clock.now });
}

const say = (keys: IdentityKeys, at = node) => clientOf(keyOf(keys), at).join({ name: 'Ada' });

/** Somebody who may send requests brings an object of somebody else. */
function bring(bytes: Uint8Array) {
  const key = keyFromSeed(random(32), crypto);
  const { send } = connect({ origin: node.origin, key, crypto, now: () => node.clock.now });
  return send({ method: 'POST', path: '/api/v1/activities', body: bytes });
}

/** The version that the thief would like: all promises are the thief's own. */
function usurped(stolen: IdentityKeys, update: Uint8Array): IdentityKeys {
  const seeds = { key: random(32), next: random(32), recovery: random(32) };
  const version = { base: stolen.log, update, ...seeds };
  return { ...seeds, ...nextVersion(version, node.clock.now, crypto) };
}

describe('a thief of the key that signs', () => {
  it('speaks as the agent until it rotates the key, and not after', async () => {
    const stolen = { ...owner, next: null, recovery: null };
    await say(stolen);
    const { keys } = await rotateKey(contextOf(storage));
    await expect(say(stolen)).rejects.toMatchObject({
      code: 'identity_stale',
      remedy: expect.stringContaining('recovery key'),
    });
    await expect(clientOf(keyOf(stolen)).read.feed()).rejects.toMatchObject({
      code: 'identity_stale',
    });
    expect(await say(keys)).toMatchObject({ status: 'accepted' });
  });

  it('cannot rotate it', async () => {
    const stolen = { ...owner, next: null, recovery: null };
    const context = contextOf(memoryIdentity(stolen));
    await expect(rotateKey(context)).rejects.toMatchObject({ code: 'not_promised' });
    await expect(rotateKey(context, { next: stolen.key })).rejects.toMatchObject({
      code: 'not_promised',
    });
    const recover = recoverIdentity(context, { did: owner.did, recovery: owner.key });
    await expect(recover).rejects.toMatchObject({ code: 'not_promised' });
  });

  it('cannot replace the identity by a log that promises other keys', async () => {
    const forged = forgedSecondVersion(owner);
    const created = formatDateTime(Math.floor(node.clock.now / 1000));
    const { bytes } = signObject(didLogStatement(forged), { ...keyOf(owner), created }, crypto);
    await expect(bring(bytes)).rejects.toMatchObject({ code: 'did_log_invalid' });
    expect(await say(owner)).toMatchObject({ status: 'accepted' });
  });

  it('cannot backdate: what is published before the rotation and comes after it is refused', async () => {
    const published = formatDateTime(Math.floor(node.clock.now / 1000));
    node.clock.now += 60_000;
    await rotateKey(contextOf(storage));
    const draft = { type: 'Create', audience: submolt, object: { type: 'Article', name: 'Old' } };
    const { bytes } = signObject(draft, { ...keyOf(owner), created: published }, crypto);
    await expect(bring(bytes)).rejects.toMatchObject({ code: 'key_not_found' });
  });
});

describe('a thief of the promised key too', () => {
  it('is locked out by an owner who recovers first', async () => {
    const { keys } = await recoverIdentity(contextOf(storage), recoveryOf(owner));
    const late = usurped(owner, owner.next!);
    await expect(publishIdentity(keyOf(late), contextOf(storage))).rejects.toMatchObject({
      code: 'identity_forked',
    });
    await expect(say(owner)).rejects.toMatchObject({ code: 'identity_stale' });
    expect(await say(keys)).toMatchObject({ status: 'accepted' });
  });

  it('who leaves the recovery key promised is overruled by it', async () => {
    const thief = memoryIdentity({ ...owner, recovery: null });
    const { keys: taken } = await rotateKey(contextOf(thief));
    await expect(say(owner)).rejects.toMatchObject({ code: 'identity_stale' });
    const { keys } = await recoverIdentity(contextOf(storage), recoveryOf(owner));
    expect(await say(keys)).toMatchObject({ status: 'accepted' });
    await expect(say(taken)).rejects.toMatchObject({ code: 'identity_stale' });
  });

  it('who comes first and leaves it out keeps the identity where that version is known', async () => {
    const taken = usurped(owner, owner.next!);
    await publishIdentity(keyOf(taken), contextOf(storage));
    expect(await say(taken)).toMatchObject({ status: 'accepted' });
    const late = recoverIdentity(contextOf(storage), recoveryOf(owner));
    await expect(late).rejects.toMatchObject({ code: 'not_promised' });
    const rotation = rotateKey(contextOf(storage));
    await expect(rotation).rejects.toMatchObject({
      code: 'identity_forked',
      remedy: expect.stringContaining('recovery key'),
    });
    expect(await storage.loadPrepared()).toBeNull();
  });

  it('has won nothing on a node that heard of the owner first', async () => {
    const taken = usurped(owner, owner.next!);
    await publishIdentity(keyOf(taken), contextOf(storage));
    const elsewhere = contextOf(storage, other);
    await publishIdentity(keyOf(owner), elsewhere);
    const { keys } = await recoverIdentity(elsewhere, recoveryOf(owner));
    expect(await say(keys, other)).toMatchObject({ status: 'accepted' });
    await expect(say(taken, other)).rejects.toMatchObject({ code: 'identity_forked' });
  });
});

describe('an owner', () => {
  it('who lost everything but the recovery key has the identity back from the node', async () => {
    const lost = memoryIdentity();
    const { keys } = await recoverIdentity(contextOf(lost), recoveryOf(owner));
    expect(scidOf(keys.did)).toBe(scidOf(owner.did));
    expect(await say(keys)).toMatchObject({ status: 'accepted' });
    expect(await lost.load()).toEqual(keys);
  });

  it('who was interrupted before the node answered finds the rotation taken', async () => {
    const context = contextOf(storage);
    const cut = async (...sent: Parameters<typeof fetch>) => {
      await fetch(...sent);
      throw new TypeError('connection reset');
    };
    const sleep = async () => undefined;
    const lost = rotateKey({ ...context, fetch: cut, sleep });
    await expect(lost).rejects.toMatchObject({ code: 'network' });
    const prepared = (await storage.loadPrepared()) as IdentityKeys;
    await storage.commit();
    expect(await publishIdentity(keyOf(prepared), context)).toEqual({ status: 'known' });
    expect(await say(prepared)).toMatchObject({ status: 'accepted' });
  });
});

function recoveryOf({ did, recovery }: IdentityKeys) {
  return { did, recovery: recovery as Uint8Array };
}

/** A second version that the stolen key names and signs itself: right in all but that nobody promised it. */
function forgedSecondVersion({ log, key, next }: IdentityKeys): string {
  const version = { base: log, update: next as Uint8Array, key, next: random(32) };
  const [first = '', second = ''] = nextVersion(version, node.clock.now, crypto).log.split('\n');
  const { versionId: before } = JSON.parse(first);
  const { proof, ...entry } = JSON.parse(second);
  const multikey = ed25519ToMultibase(crypto.publicKeyOf(key));
  const parameters = { ...entry.parameters, updateKeys: [multikey] };
  const linked = { ...entry, parameters, versionId: before };
  const forged = { ...linked, versionId: `2-${entryHashOf(linked, before, crypto)}` };
  const method = {
    verificationMethod: `did:key:${multikey}#${multikey}`,
    created: proof[0].created,
  };
  const signed = createProof(forged, method, key, crypto);
  const line = decodeUtf8(canonicalize({ ...signed, proof: [signed.proof as JsonObject] }));
  return `${first}\n${line}\n`;
}
