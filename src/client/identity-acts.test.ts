// An identity is made, rotated, moved and recovered; whatever is interrupted is completed, and no key is lost.
import { describe, expect, it } from 'vitest';
import { crypto, NOW } from '../../test/test-node.ts';
import { scidOf } from '../protocol/did.ts';
import { keysFor } from '../protocol/did-document.ts';
import { type DidLog, verifyDidLog } from '../protocol/did-log.ts';
import { promiseOf } from '../protocol/did-log-publish.ts';
import { type IdentityKeys, memoryIdentity } from './identity.ts';
import {
  createIdentity,
  endIdentity,
  moveIdentity,
  recoverIdentity,
  rotateKey,
} from './identity-acts.ts';

const ORIGIN = 'http://127.0.0.1:8787';

/** Seeds that differ, the same in every run. */
function seeds(first = 0) {
  let drawn = first;
  return (length: number) => new Uint8Array(length).fill(++drawn);
}

function place(first = 0) {
  const storage = memoryIdentity();
  const context = { storage, crypto, now: () => NOW, random: seeds(first), origin: ORIGIN };
  return { storage, context, offline: { ...context, offline: true } };
}

async function verified({ log, did }: IdentityKeys): Promise<DidLog> {
  const verdict = await verifyDidLog(log, { crypto });
  if (!verdict.ok) throw new Error(verdict.detail);
  expect(verdict.log.did).toBe(did);
  return verdict.log;
}

function listed(log: DidLog): Uint8Array[] {
  const found = keysFor(log.versions.at(-1)?.document, log.did, 'assertionMethod');
  return found.ok ? found.keys.map(({ publicKey }) => publicKey) : [];
}

describe('an identity', () => {
  it('is a portable did:webvh at its node, with its two other keys promised', async () => {
    const { storage, context } = place();
    const keys = await createIdentity(ORIGIN, context);
    const log = await verified(keys);
    expect(log.did).toBe(`did:webvh:${log.scid}:localhost%3A8787:dids:${log.scid}`);
    expect(log).toMatchObject({ portable: true, deactivated: false });
    expect(log.versions[0]?.nextKeyHashes).toEqual([
      promiseOf(keys.next!, crypto),
      promiseOf(keys.recovery!, crypto),
    ]);
    expect(listed(log)).toContainEqual(crypto.publicKeyOf(keys.key));
    expect(await storage.load()).toEqual(keys);
    await expect(createIdentity(ORIGIN, context)).rejects.toMatchObject({
      code: 'identity_exists',
    });
    expect(await storage.loadPrepared()).toBeNull();
  });

  it('of a node on https has its host', async () => {
    const keys = await createIdentity('https://node.example', place().context);
    expect(keys.did).toBe(`did:webvh:${scidOf(keys.did)}:node.example:dids:${scidOf(keys.did)}`);
  });

  it('rotates to the promised key and keeps the promise of the recovery key', async () => {
    const { storage, context, offline } = place();
    const first = await createIdentity(ORIGIN, context);
    await rotateKey(offline);
    const { keys, published } = await rotateKey(offline);
    expect(published).toBeNull();
    const log = await verified(keys);
    expect(log.versions).toHaveLength(3);
    expect(listed(log)).toContainEqual(crypto.publicKeyOf(keys.key));
    expect(listed(log)).not.toContainEqual(crypto.publicKeyOf(first.key));
    expect(log.versions.at(-1)?.nextKeyHashes).toEqual([
      promiseOf(keys.next!, crypto),
      promiseOf(first.recovery!, crypto),
    ]);
    expect(await storage.load()).toEqual({ ...keys, recovery: first.recovery });
  });

  it('recovers by the recovery key alone, from nothing but that and the log', async () => {
    const { context, offline } = place();
    const first = await createIdentity(ORIGIN, context);
    await rotateKey(offline);
    const { keys } = await recoverIdentity(offline, { did: first.did, recovery: first.recovery! });
    const log = await verified(keys);
    expect(log.versions).toHaveLength(3);
    expect(listed(log)).toContainEqual(crypto.publicKeyOf(keys.key));
    const spent = recoverIdentity(offline, { did: first.did, recovery: first.recovery! });
    await expect(spent).rejects.toMatchObject({ code: 'not_promised' });
    await recoverIdentity(offline, { did: first.did, recovery: keys.recovery! });
  });

  it('moves under a new DID, its subject unchanged', async () => {
    const { context, offline } = place();
    const first = await createIdentity(ORIGIN, context);
    await expect(moveIdentity(offline)).rejects.toMatchObject({ code: 'invalid_argument' });
    const { keys } = await moveIdentity({ ...offline, origin: 'https://node.example' });
    const log = await verified(keys);
    expect(keys.did).toContain(':node.example:dids:');
    expect(scidOf(keys.did)).toBe(scidOf(first.did));
    expect(log.versions.at(-1)?.document.alsoKnownAs).toEqual([first.did]);
    expect(listed(log)).toContainEqual(crypto.publicKeyOf(keys.key));
  });

  it.each(['next', 'recovery'] as const)('ends by the %s key, and nothing follows', async (by) => {
    const { storage, context, offline } = place();
    const { did, ...first } = await createIdentity(ORIGIN, context);
    const end = () =>
      endIdentity(offline, by === 'next' ? {} : { did, recovery: first.recovery as Uint8Array });
    const { keys } = await end();
    const log = await verified(keys);
    expect(log).toMatchObject({ did, deactivated: true });
    expect(log.versions).toHaveLength(2);
    expect(listed(log)).toContainEqual(crypto.publicKeyOf(first[by] as Uint8Array));
    expect(listed(log)).not.toContainEqual(crypto.publicKeyOf(first.key));
    expect(await storage.load()).toMatchObject({ log: keys.log, next: null });
    for (const next of [first.next, first.recovery] as Uint8Array[]) {
      await expect(rotateKey(offline, { next })).rejects.toMatchObject({ code: 'not_promised' });
    }
    await expect(end()).rejects.toMatchObject({ code: 'not_promised' });
  });

  it('does not end by a key that is not promised', async () => {
    const { context, offline } = place();
    const { key: next } = await createIdentity(ORIGIN, context);
    await expect(endIdentity(offline, { next })).rejects.toMatchObject({ code: 'not_promised' });
  });

  it('rotates by a key that is kept elsewhere, and by no other', async () => {
    const { context, offline } = place();
    const first = await createIdentity(ORIGIN, context);
    const storage = memoryIdentity({ ...first, next: null });
    const bare = { ...offline, storage };
    await expect(rotateKey(bare)).rejects.toMatchObject({ code: 'not_promised' });
    await expect(rotateKey(bare, { next: first.key })).rejects.toMatchObject({
      code: 'not_promised',
    });
    const { keys } = await rotateKey(bare, { next: first.next! });
    expect(keys.key).toEqual(first.next);
  });
});
