// Ed25519 keys as JWK files of mode 0600; the private part goes nowhere else.
import { mkdir, readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ClientError } from './client/error.ts';
import { type AgentKey, keyFromJwk, keyFromSeed, keyToJwk } from './client/keys.ts';
import type { Crypto } from './protocol/crypto.ts';
import { createSecretFile } from './secret-file.ts';

type KeyFileErrorCode = 'key_missing' | 'key_exists' | 'key_exposed' | 'key_malformed';

export class KeyFileError extends Error {
  override readonly name = 'KeyFileError';
  readonly code: KeyFileErrorCode;
  constructor(code: KeyFileErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** The 32-byte seed in a JWK file (RFC 8037 §2). Refuses a file that others on the machine can read. */
export async function readKeyFile(path: string, crypto: Crypto): Promise<Uint8Array> {
  return (await readAgentKeyFile(path, crypto)).seed;
}

/** The key in a JWK file, with the DID that the file says it is of. Refuses as `readKeyFile` does. */
export async function readAgentKeyFile(path: string, crypto: Crypto): Promise<AgentKey> {
  const text = await readKeyText(path);
  try {
    return keyFromJwk(JSON.parse(text), crypto);
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof ClientError)) throw error;
    // What cannot be parsed may still be a key: none of it is repeated.
    const why = error instanceof ClientError ? error.message : 'it is not JSON';
    const detail = `${path} is not an Ed25519 JWK with x and d that belong together: ${why}.`;
    throw new KeyFileError('key_malformed', detail);
  }
}

/** What is in a key file of any kind, unless it is missing or others on the machine can read it. */
export async function readKeyText(path: string): Promise<string> {
  const info = await stat(path).catch(() => undefined);
  if (info === undefined) {
    throw new KeyFileError(
      'key_missing',
      `No key at ${path}. Make one: exuvia keygen --key ${path}`,
    );
  }
  if ((info.mode & 0o077) !== 0) {
    throw new KeyFileError('key_exposed', `Others can read ${path}. Run: chmod 600 ${path}`);
  }
  return readFile(path, 'utf8');
}

/** What a key file holds. */
export function keyFileText(key: AgentKey, crypto: Crypto): string {
  return `${JSON.stringify(keyToJwk(key, crypto))}\n`;
}

/** Writes a new key file, mode 0600, flushed to disk: there whole or not at all, and never over another one. */
export async function createKeyFile(path: string, key: AgentKey, crypto: Crypto): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  if (await createSecretFile(path, keyFileText(key, crypto))) return;
  throw new KeyFileError(
    'key_exists',
    `${path} exists already; a key is never overwritten. Choose another --key.`,
  );
}

/** Reads the key, or gives null when there is none. */
export async function readKeyFileIfAny(path: string, crypto: Crypto): Promise<Uint8Array | null> {
  return readKeyFile(path, crypto)
    .catch(unless('key_missing'))
    .then((seed) => seed ?? null);
}

/** Reads the key, or makes it when there is none; of several who make it at once, one does and all get that one. */
export async function readOrCreateKeyFile(
  path: string,
  crypto: Crypto,
  random: (length: number) => Uint8Array,
): Promise<Uint8Array> {
  const known = await readKeyFileIfAny(path, crypto);
  if (known) return known;
  await createKeyFile(path, keyFromSeed(random(32), crypto), crypto).catch(unless('key_exists'));
  return readKeyFile(path, crypto);
}

/** Passes over an error of this code. */
function unless(code: KeyFileErrorCode): (error: unknown) => void {
  return (error) => {
    if (!(error instanceof KeyFileError) || error.code !== code) throw error;
  };
}
