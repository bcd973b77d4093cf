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
 * Reads the node's three keys, making those that are missing: all on the first start, the witness key in the folder of an
 * older node. They are apart, so that each can be replaced without the others (C2SP signed-note: one key, one purpose).
 */
export async function readOrCreateNodeIdentity(
  config: Config,
  crypto: Crypto,
  random: Random,
): Promise<NodeIdentity> {
  await mkdir(config.dataDir, { recursive: true, mode: 0o700 });
  await chmod(config.dataDir, 0o700);
  const key = (file: string) => readOrCreateKeyFile(join(config.dataDir, file), crypto, random);
  const seed = await key(NODE_KEY);
  const logSeed = await key('log-key.jwk');
  const witnessSeed = await key('witness-key.jwk');
  return { ...signingIdentity(config, seed, crypto), logSeed, witnessSeed };
}

/** Who signs the node's requests and objects. */
type SigningIdentity = Omit<NodeIdentity, 'logSeed' | 'witnessSeed'>;

const NODE_KEY = 'node-key.jwk';

/** Reads the node key of a node that has been started before: what its operator speaks with. Throws KeyFileError. */
export async function readNodeIdentity(config: Config, crypto: Crypto): Promise<SigningIdentity> {
  const seed = await readKeyFile(join(config.dataDir, NODE_KEY), crypto);
  return signingIdentity(config, seed, crypto);
}

/** A node is the did:web of its https origin; on plain-http loopback it is the did:key of its key. */
function signingIdentity(
  config: Pick<Config, 'origin' | 'authority' | 'loopback'>,
  seed: Uint8Array,
  crypto: Crypto,
): SigningIdentity {
  const { origin, authority, loopback } = config;
  const publicKey = crypto.publicKeyOf(seed);
  const did = loopback ? didKeyOf(publicKey) : didWebOf(authority);
  const fragment = loopback ? ed25519ToMultibase(publicKey) : jwkThumbprint(publicKey, crypto);
  return { did, origin, authority, seed, keyId: `${did}#${fragment}` };
}

function didWebOf(authority: string): Did {
  // did:web: a port is percent-encoded, since a colon separates path segments.
  const did = parseDid(`did:web:${authority.replace(':', '%3A')}`);
  if (did === null) throw new Error(`${authority} has no did:web`);
  return did;
}
