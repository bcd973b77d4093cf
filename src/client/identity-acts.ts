// An agent's acts upon its own did:webvh: making it, rotating its key, recovering it, moving it to another node, ending it.
import type { Crypto } from '../protocol/crypto.ts';
import { type Did, scidOf } from '../protocol/did.ts';
import { type DidLog, readDidLog } from '../protocol/did-log.ts';
import { type ConnectionOptions, connect } from './connection.ts';
import { ClientError } from './error.ts';
import { agentKeyOf, type IdentityKeys, type IdentityStorage } from './identity.ts';
import { endingVersion, firstVersion, nextVersion, promises } from './identity-version.ts';
import type { AgentKey } from './keys.ts';
import { compareDidLogs, fetchDidLog } from './known-did-log.ts';
import type { Published } from './publish-did-log.ts';

/** Where an identity is kept, and the node that is told of its changes. */
export interface IdentityContext extends Omit<ConnectionOptions, 'key'> {
  readonly storage: IdentityStorage;
  readonly random: (length: number) => Uint8Array;
  /** Nobody is told: the change is kept here, to be published later. */
  readonly offline?: boolean;
}

export interface IdentityChange {
  readonly keys: IdentityKeys;
  /** Null where nobody was told. */
  readonly published: Published | null;
}

type Making = Pick<IdentityContext, 'crypto' | 'now' | 'random'>;

const instant = ({ now = Date.now }: Making) => now();

/**
 * Makes a did:webvh whose DID log the node at `origin` serves, with the two keys promised for later. Nobody is told: a
 * client publishes it when a node first asks. Throws `identity_exists`.
 */
export async function createIdentity(
  origin: string,
  context: Making & Pick<IdentityContext, 'storage'>,
): Promise<IdentityKeys> {
  const { storage, random } = context;
  const seeds = { key: random(32), next: random(32), recovery: random(32) };
  const keys = { ...seeds, ...firstVersion(origin, seeds, instant(context), context.crypto) };
  await storage.prepare(keys);
  // Asked while keys are prepared, which two cannot have at once: of two who make an identity, one does.
  if ((await storage.load()) !== null) {
    await storage.discard();
    throw new ClientError('identity_exists', 'there is an identity already; it is not replaced');
  }
  await storage.commit();
  return keys;
}

/** Completes what an earlier run prepared and did not get to commit; null if there is nothing. */
export async function finishChange(storage: IdentityStorage): Promise<IdentityKeys | null> {
  if ((await storage.loadPrepared()) === null) return null;
  // A node may have taken it: to go back could mean to go on with a key that is retired.
  await storage.commit();
  return storage.load();
}

/** Puts the promised key in place of the one that signs, and promises a new one. `next`: if it is kept elsewhere. */
export async function rotateKey(
  context: IdentityContext,
  { next }: { readonly next?: Uint8Array } = {},
): Promise<IdentityChange> {
  return change(await succeed(context, next), context);
}

/**
 * Has the node at `origin` of the context host the DID log from now on: the DID gets that node's host, the subject stays.
 * The key is rotated with it, because whoever writes a version needs the promised key.
 */
export async function moveIdentity(
  context: IdentityContext,
  { next }: { readonly next?: Uint8Array } = {},
): Promise<IdentityChange> {
  return change(await succeed(context, next, context.origin), context);
}

/** The next version by the promised key, which becomes the one that signs. */
async function succeed(
  context: IdentityContext,
  elsewhere: Uint8Array | undefined,
  origin?: string,
): Promise<IdentityKeys> {
  const { random, crypto } = context;
  const { current, key } = await promisedHere(context, elsewhere);
  const next = random(32);
  const succession = { base: current.log, update: key, key, next, origin };
  const version = nextVersion(succession, instant(context), crypto);
  if (origin !== undefined && version.did === current.did) {
    throw new ClientError('invalid_argument', `${origin} hosts ${current.did} already`);
  }
  return { ...version, key, next, recovery: null };
}

/** The identity that is kept here, with the key that its log promises. */
async function promisedHere(
  { storage, crypto }: Pick<IdentityContext, 'storage' | 'crypto'>,
  elsewhere: Uint8Array | undefined,
): Promise<{ readonly current: IdentityKeys; readonly key: Uint8Array }> {
  const current = await storage.load();
  if (current === null) throw new ClientError('identity_missing', 'there is no identity here');
  const key = elsewhere ?? current.next;
  if (key === null) {
    throw new ClientError('not_promised', 'the promised key is not here', {
      remedy: 'Name it: it was taken elsewhere.',
    });
  }
  requirePromise(readDidLog(current.log), key, crypto);
  return { current, key };
}

/**
 * Ends the DID for good: no key counts any more where that is known, and no version can follow. By the promised key, or, from
 * what the node knows of `did`, by the recovery key.
 */
export async function endIdentity(
  context: IdentityContext,
  by: { readonly next?: Uint8Array } | { readonly did: Did; readonly recovery: Uint8Array } = {},
): Promise<IdentityChange> {
  const ending = await endingBy(context, by);
  const version = endingVersion(ending, instant(context), context.crypto);
  return change({ ...version, key: ending.update, next: null, recovery: null }, context);
}

async function endingBy(
  context: IdentityContext,
  by: { readonly next?: Uint8Array } | { readonly did: Did; readonly recovery: Uint8Array },
): Promise<{ readonly base: string; readonly update: Uint8Array }> {
  if ('recovery' in by) {
    return { base: await baseOf(context, by.did, by.recovery), update: by.recovery };
  }
  const { current, key } = await promisedHere(context, by.next);
  return { base: current.log, update: key };
}

/**
 * Replaces the key that signs and both promised keys, by the recovery key alone. It goes on from the DID log that the
 * node knows, or from the one kept here if the node knows less. Throws `not_promised` where neither promises the key.
 */
export async function recoverIdentity(
  context: IdentityContext,
  { did, recovery: update }: { readonly did: Did; readonly recovery: Uint8Array },
): Promise<IdentityChange> {
  const { random, crypto } = context;
  const base = await baseOf(context, did, update);
  const seeds = { key: random(32), next: random(32), recovery: random(32) };
  const version = { base, update, ...seeds };
  return change({ ...seeds, ...nextVersion(version, instant(context), crypto) }, context);
}

async function baseOf(context: IdentityContext, did: Did, update: Uint8Array): Promise<string> {
  const { storage, crypto, offline = false } = context;
  const scid = scidOf(did);
  if (scid === null) throw new ClientError('invalid_argument', `${did} is no did:webvh`);
  const kept = (await storage.load())?.log;
  const mine = kept === undefined ? null : { text: kept, log: readDidLog(kept) };
  const anybody = { did, seed: update, verificationMethod: '' };
  const theirs = offline
    ? null
    : await fetchDidLog(scid, connect({ ...context, key: anybody }).send, crypto);
  const ahead =
    mine !== null && theirs !== null && compareDidLogs(mine.log, theirs.log) === 'older';
  const base = ahead ? mine : (theirs ?? mine);
  if (base === null) {
    throw new ClientError(
      'identity_unknown',
      `neither the node nor this place has a log of ${did}`,
    );
  }
  requirePromise(base.log, update, crypto);
  return base.text;
}

function requirePromise(log: DidLog, seed: Uint8Array, crypto: Crypto): void {
  if (promises(log, seed, crypto)) return;
  const version = log.versions.length;
  throw new ClientError(
    'not_promised',
    `version ${version} of ${log.did} does not promise this key`,
    {
      remedy:
        'Whoever wrote that version left the key out. Nodes that know it take nothing else; make a new identity and tell those who know you.',
    },
  );
}

/** Prepared, told, committed; what a node refuses is discarded, what it may have taken stays prepared. */
async function change(keys: IdentityKeys, context: IdentityContext): Promise<IdentityChange> {
  const { storage, offline = false } = context;
  await storage.prepare(keys);
  const published = offline ? null : await tell(keys, context);
  await storage.commit();
  return { keys, published };
}

async function tell(keys: IdentityKeys, context: IdentityContext): Promise<Published> {
  try {
    return await publishIdentity(agentKeyOf(keys, context.crypto), context);
  } catch (error) {
    if (!isRefusal(error)) throw unsettled(error);
    await context.storage.discard();
    throw error;
  }
}

function unsettled(error: unknown): unknown {
  if (!(error instanceof ClientError)) return error;
  return new ClientError(error.code, error.message, {
    cause: error,
    remedy:
      'The node may have taken the new version. The new keys are kept; the next command puts them in force.',
    ...(error.problem !== null && { problem: error.problem }),
  });
}

function isRefusal(error: unknown): boolean {
  const status = error instanceof ClientError ? error.problem?.status : undefined;
  if (error instanceof ClientError && error.code === 'identity_stale') return true;
  // A limit says nothing of the log: an earlier try, whose answer was lost, may have brought it.
  return status !== undefined && status < 500 && status !== 429;
}

/** Sends the agent's DID log to a node as it is now. */
export function publishIdentity(
  key: AgentKey,
  options: Omit<ConnectionOptions, 'key'>,
): Promise<Published> {
  return connect({ ...options, key }).publish();
}
