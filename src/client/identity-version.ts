// Versions of an agent's DID log: one key that signs, and the promises of the next key and of the recovery key.
import type { Crypto } from '../protocol/crypto.ts';
import type { Did } from '../protocol/did.ts';
import { type DidLog, readDidLog } from '../protocol/did-log.ts';
import { appendToDidLog, createDidLog, HOSTED_PATH } from '../protocol/did-log-maker.ts';
import { promiseOf } from '../protocol/did-log-publish.ts';
import { isLoopbackHost } from '../protocol/signature-agent.ts';

export interface Version {
  readonly did: Did;
  /** The text of did.jsonl, this version included. */
  readonly log: string;
}

/** Seeds. */
interface FirstKeys {
  readonly key: Uint8Array;
  readonly next: Uint8Array;
  readonly recovery: Uint8Array;
}

interface Succession {
  /** The text of the log that is continued. */
  readonly base: string;
  /** Seed that the last version promises: it writes this one. */
  readonly update: Uint8Array;
  /** Signs objects and requests from now on. */
  readonly key: Uint8Array;
  readonly next: Uint8Array;
  /** Undefined: all other promises stay, the one of the recovery key among them. */
  readonly recovery?: Uint8Array;
  /** Of the node that hosts the DID from now on; undefined: as before. */
  readonly origin?: string | undefined;
}

/** The host part of a DID for a node: `localhost` whatever loopback address it has, because no DID has an IP address. */
export function hostOf(origin: string): string {
  const { hostname, port } = new URL(origin);
  const host = isLoopbackHost(hostname) ? 'localhost' : hostname;
  return port === '' ? host : `${host}%3A${port}`;
}

/** A new identity at the node of that origin. `now`: milliseconds. */
export function firstVersion(
  origin: string,
  { key, next, recovery }: FirstKeys,
  now: number,
  crypto: Crypto,
): Version {
  const made = createDidLog(
    {
      host: hostOf(origin),
      path: HOSTED_PATH,
      updateSeed: key,
      signingKeys: [crypto.publicKeyOf(key)],
      nextKeyHashes: [promiseOf(next, crypto), promiseOf(recovery, crypto)],
      now,
    },
    crypto,
  );
  return { did: made.log.did, log: made.text };
}

/** The version after the last one of `base`. `now`: milliseconds. */
export function nextVersion(
  { base, update, key, next, recovery, origin }: Succession,
  now: number,
  crypto: Crypto,
): Version {
  const promised = promiseOf(update, crypto);
  const standing = readDidLog(base).versions.at(-1)?.nextKeyHashes ?? [];
  const others =
    recovery === undefined
      ? standing.filter((hash) => hash !== promised)
      : [promiseOf(recovery, crypto)];
  const made = appendToDidLog(
    base,
    {
      updateSeed: update,
      signingKeys: [crypto.publicKeyOf(key)],
      nextKeyHashes: [promiseOf(next, crypto), ...others],
      ...(origin !== undefined && { host: hostOf(origin), path: HOSTED_PATH }),
      now,
    },
    crypto,
  );
  return { did: made.log.did, log: made.text };
}

/** The version that ends the log `base`: its one key is the one that writes it, and signs nothing but the news of it. */
export function endingVersion(
  { base, update }: Pick<Succession, 'base' | 'update'>,
  now: number,
  crypto: Crypto,
): Version {
  const signingKeys = [crypto.publicKeyOf(update)];
  const made = appendToDidLog(
    base,
    { updateSeed: update, signingKeys, deactivate: true, now },
    crypto,
  );
  return { did: made.log.did, log: made.text };
}

/** True if the last version of a log lets the seed's key write the next one. */
export function promises(log: DidLog, seed: Uint8Array, crypto: Crypto): boolean {
  const standing = log.versions.at(-1)?.nextKeyHashes ?? [];
  return standing.includes(promiseOf(seed, crypto));
}
