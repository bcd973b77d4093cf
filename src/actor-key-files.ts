// The key files of a node's ActivityPub actors: made on the first start that needs them, apart from the keys of the node.
import { createPrivateKey, generateKeyPair, type KeyObject } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type ActorKeys, createActorKeys } from './activitypub/actor-keys.ts';
import { KeyFileError, readKeyText, readOrCreateKeyFile } from './key-file.ts';
import type { Crypto } from './protocol/crypto.ts';
import { createSecretFile } from './secret-file.ts';

/** In the data folder. Without them, new ones are made: that is how they are replaced. */
const PROOF_KEY = 'actor-key.jwk';
const RSA_KEY = 'actor-rsa-key.pem';

/** What everybody who asks for an RSA key takes. */
const RSA_BITS = 2048;

const generate = promisify(generateKeyPair);

/** Reads both, or makes what is missing. Throws KeyFileError when others on the machine can read them. */
export async function readOrCreateActorKeys(
  { dataDir }: { readonly dataDir: string },
  crypto: Crypto,
  random: (bytes: number) => Uint8Array,
): Promise<ActorKeys> {
  const seed = await readOrCreateKeyFile(join(dataDir, PROOF_KEY), crypto, random);
  const rsa = await readOrCreateRsaKey(join(dataDir, RSA_KEY));
  return createActorKeys({ seed, rsa }, crypto);
}

async function readOrCreateRsaKey(path: string): Promise<KeyObject> {
  const known = await readRsaKey(path);
  if (known !== null) return known;
  const { privateKey } = await generate('rsa', { modulusLength: RSA_BITS });
  await createSecretFile(path, String(privateKey.export({ type: 'pkcs8', format: 'pem' })));
  return (await readRsaKey(path)) as KeyObject;
}

async function readRsaKey(path: string): Promise<KeyObject | null> {
  const text = await readKeyText(path).catch((error: { code?: string }) => {
    if (error.code !== 'key_missing') throw error;
    return null;
  });
  if (text === null) return null;
  try {
    return createPrivateKey(text);
  } catch {
    // What cannot be parsed may still be a key: none of it is repeated.
    const detail = `${path} is no private key as PEM. Take it away, and a new one is made.`;
    throw new KeyFileError('key_malformed', detail);
  }
}
