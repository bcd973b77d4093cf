// Who a node is: its DID, made from its origin or its key, and the key files in its data folder.
import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { NodeIdentity } from './commands/context.ts';
import type { Config } from './config.ts';
import { readKeyFile, readOrCreateKeyFile } from './key-file.ts';
import type { Crypto } from './protocol/crypto.ts';
import { type Did, didKeyOf, parseDid } from './protocol/did.ts';
import { ed25519ToMultibase } from './protocol/multikey.ts';
import { jwkThumbprint } from './protocol/thumbprint.ts';

type Random = (length: number) => Uint8Array;

/**
 * Reads the node's two keys, making them on the first start. The request and object key and the log key are
 * apart, so that each can be replaced without the other (C2SP signed-note: one key, one purpose).
 */
export async function readOrCreateNodeIdentity(
  config: Config,
  crypto: Crypto,
  random: Random,
): Promise<NodeIdentity> {
  await mkdir(config.dataDir, { recursive: true, mode: 0o700 });
  await chmod(config.dataDir, 0o700);
  const [nodeKey, logKey] = keyFiles(config);
  const seed = await readOrCreateKeyFile(nodeKey, crypto, random);
  const logSeed = await readOrCreateKeyFile(logKey, crypto, random);
  return nodeIdentity(config, seed, logSeed, crypto);
}

/** Reads the keys of a node that has been started before. Throws KeyFileError. */
export async function readNodeIdentity(config: Config, crypto: Crypto): Promise<NodeIdentity> {
  const [nodeKey, logKey] = keyFiles(config);
  const seed = await readKeyFile(nodeKey, crypto);
  return nodeIdentity(config, seed, await readKeyFile(logKey, crypto), crypto);
}

function keyFiles({ dataDir }: Config): readonly [string, string] {
  return [join(dataDir, 'node-key.jwk'), join(dataDir, 'log-key.jwk')];
}

/** A node is the did:web of its https origin; on plain-http loopback it is the did:key of its key. */
function nodeIdentity(
  config: Pick<Config, 'origin' | 'authority' | 'loopback'>,
  seed: Uint8Array,
  logSeed: Uint8Array,
  crypto: Crypto,
): NodeIdentity {
  const { origin, authority, loopback } = config;
  const publicKey = crypto.publicKeyOf(seed);
  const did = loopback ? didKeyOf(publicKey) : didWebOf(authority);
  const fragment = loopback ? ed25519ToMultibase(publicKey) : jwkThumbprint(publicKey, crypto);
  return { did, origin, authority, seed, logSeed, keyId: `${did}#${fragment}` };
}

function didWebOf(authority: string): Did {
  // did:web: a port is percent-encoded, since a colon separates path segments.
  const did = parseDid(`did:web:${authority.replace(':', '%3A')}`);
  if (did === null) throw new Error(`${authority} has no did:web`);
  return did;
}
