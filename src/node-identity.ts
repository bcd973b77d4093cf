// Who a node is: its DID, made from its origin or its key, and the key files in its data folder.
import { chmod, mkdir } from 'node:fs/promises';
import type { NodeIdentity } from './commands/context.ts';
import type { Config } from './config.ts';
import { readKeyFile, readOrCreateKeyFile } from './key-file.ts';
import { keyPath, NODE_KEYS, type NodeKey, readNextKey } from './next-keys.ts';
import type { Crypto } from './protocol/crypto.ts';
import { type Did, didKeyOf, parseDid } from './protocol/did.ts';
import { ed25519ToMultibase } from './protocol/multikey.ts';
import { jwkThumbprint } from './protocol/thumbprint.ts';

type Random = (length: number) => Uint8Array;

/** Who the node is, and which of its keys are new: they take the place of the old ones once it has said so. */
export interface ReadIdentity {
  readonly identity: NodeIdentity;
  readonly next: readonly NodeKey[];
}

/**
 * Reads the node's three keys, making those that are missing: all on the first start, the witness key in the folder of an
 * older node. They are apart, so that each can be replaced without the others (C2SP signed-note: one key, one purpose).
 */
export async function readOrCreateNodeIdentity(
  config: Config,
  crypto: Crypto,
  random: Random,
): Promise<ReadIdentity> {
  await mkdir(config.dataDir, { recursive: true, mode: 0o700 });
  await chmod(config.dataDir, 0o700);
  const current: Record<string, Uint8Array> = {};
  const made: Record<string, Uint8Array> = {};
  for (const key of NODE_KEYS) {
    current[key] = await readOrCreateKeyFile(keyPath(config, key), crypto, random);
    const next = await readNextKey(config, key, crypto);
    if (next !== null) made[key] = next;
  }
  const newest = (key: NodeKey) => (made[key] ?? current[key]) as Uint8Array;
  const nextLogSeed = made['log-key'];
  const identity: NodeIdentity = {
    ...signingIdentity(config, newest('node-key'), crypto),
    // Logs are signed with the old key until the new one is stated under it.
    logSeed: current['log-key'] as Uint8Array,
    ...(nextLogSeed === undefined ? {} : { nextLogSeed }),
    witnessSeed: newest('witness-key'),
  };
  const next = NODE_KEYS.filter((key) => key in made);
  return { identity, next };
}

/** The node as it is once its new keys are in force. */
export function inForce({ nextLogSeed, ...node }: NodeIdentity): NodeIdentity {
  return { ...node, logSeed: nextLogSeed ?? node.logSeed };
}

/** Who signs the node's requests and objects. */
type SigningIdentity = Omit<NodeIdentity, 'logSeed' | 'nextLogSeed' | 'witnessSeed'>;

/** Reads the node key of a node that has been started before: what its operator speaks with. Throws KeyFileError. */
export async function readNodeIdentity(config: Config, crypto: Crypto): Promise<SigningIdentity> {
  const seed = await readKeyFile(keyPath(config, 'node-key'), crypto);
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
