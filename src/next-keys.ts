// Another key for a node: a file beside the one in use, made while the node is stopped, that its next start puts in force.
import { join } from 'node:path';
import { keyFromSeed } from './client/keys.ts';
import type { Config } from './config.ts';
import { createKeyFile, readKeyFileIfAny } from './key-file.ts';
import type { Crypto } from './protocol/crypto.ts';
import { type Did, didKeyOf } from './protocol/did.ts';
import { moveSecretFile } from './secret-file.ts';
import { lockDataFolder } from './store/node-lock.ts';

export const NODE_KEYS = ['log-key', 'witness-key', 'node-key'] as const;
export type NodeKey = (typeof NODE_KEYS)[number];

/**
 * - `rotation_waiting`: another key was made before and the node has not been started since.
 * - `no_key_to_rotate`: the node has no such key yet.
 * - `node_key_is_did`: the node is the did:key of its node key; with another one it would be another node.
 */
type RotationErrorCode = 'rotation_waiting' | 'no_key_to_rotate' | 'node_key_is_did';

class RotationError extends Error {
  override readonly name = 'RotationError';
  readonly code: RotationErrorCode;
  constructor(code: RotationErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

type Folder = Pick<Config, 'dataDir'>;

export function keyPath({ dataDir }: Folder, key: NodeKey): string {
  return join(dataDir, `${key}.jwk`);
}

function nextPath({ dataDir }: Folder, key: NodeKey): string {
  return join(dataDir, `${key}.next.jwk`);
}

/** The seed that is to take the place of this key, or null. */
export function readNextKey(
  folder: Folder,
  key: NodeKey,
  crypto: Crypto,
): Promise<Uint8Array | null> {
  return readKeyFileIfAny(nextPath(folder, key), crypto);
}

/** The node has said what there is to say of its new keys: they take the place of the old ones, which are gone. */
export async function putInForce(folder: Folder, keys: readonly NodeKey[]): Promise<void> {
  for (const key of keys) await moveSecretFile(nextPath(folder, key), keyPath(folder, key));
}

/**
 * Makes the key that the next start puts in force, and gives it as a did:key. The node must be stopped (StoreError
 * `already_running`): one that is starting could take the file for one that it has read. Throws RotationError.
 */
export async function prepareKey(
  config: Folder & Pick<Config, 'loopback'>,
  key: NodeKey,
  crypto: Crypto,
  random: (length: number) => Uint8Array,
): Promise<{ readonly before: Did; readonly next: Did }> {
  if (key === 'node-key' && config.loopback) {
    const detail =
      'This node is the did:key of its node key, so with another key it is another node. Only nodes on https can change it.';
    throw new RotationError('node_key_is_did', detail);
  }
  const lock = lockDataFolder(config.dataDir);
  try {
    const before = await readKeyFileIfAny(keyPath(config, key), crypto);
    if (before === null) {
      throw new RotationError(
        'no_key_to_rotate',
        `${keyPath(config, key)} is not there yet: start the node once.`,
      );
    }
    const path = nextPath(config, key);
    if ((await readKeyFileIfAny(path, crypto)) !== null) {
      throw new RotationError(
        'rotation_waiting',
        `${path} waits for the next start. Start the node first.`,
      );
    }
    const made = random(32);
    await createKeyFile(path, keyFromSeed(made, crypto), crypto);
    const did = (seed: Uint8Array) => didKeyOf(crypto.publicKeyOf(seed));
    return { before: did(before), next: did(made) };
  } finally {
    lock.release();
  }
}
