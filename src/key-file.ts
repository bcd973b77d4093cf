// Ed25519 keys as JWK files of mode 0600; the private part goes nowhere else.
import { link, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ClientError } from './client/error.ts';
import { keyFromJwk, keyFromSeed, keyToJwk } from './client/keys.ts';
import type { Crypto } from './protocol/crypto.ts';

type KeyFileErrorCode = 'key_missing' | 'key_exists' | 'key_exposed' | 'key_malformed';

class KeyFileError extends Error {
  override readonly name = 'KeyFileError';
  readonly code: KeyFileErrorCode;
  constructor(code: KeyFileErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** The 32-byte seed in a JWK file (RFC 8037 §2). Refuses a file that others on the machine can read. */
export async function readKeyFile(path: string, crypto: Crypto): Promise<Uint8Array> {
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
  const seed = seedOf(await readFile(path, 'utf8'), crypto);
  if (seed === null) {
    throw new KeyFileError(
      'key_malformed',
      `${path} is not an Ed25519 JWK with x and d that belong together.`,
    );
  }
  return seed;
}

/** Writes a new key file, mode 0600, flushed to disk: there whole or not at all, and never over another one. */
export async function createKeyFile(path: string, seed: Uint8Array, crypto: Crypto): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const jwk = keyToJwk(keyFromSeed(seed, crypto), crypto);
  const folder = await mkdtemp(`${path}.`);
  try {
    const made = join(folder, 'key');
    await writeFile(made, `${JSON.stringify(jwk)}\n`, { mode: 0o600, flush: true });
    await link(made, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    throw new KeyFileError(
      'key_exists',
      `${path} exists already; a key is never overwritten. Choose another --key.`,
    );
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Reads the key, or makes it when there is none; of several who make it at once, one does and all get that one. */
export async function readOrCreateKeyFile(
  path: string,
  crypto: Crypto,
  random: (length: number) => Uint8Array,
): Promise<Uint8Array> {
  const unless = (code: KeyFileErrorCode) => (error: unknown) => {
    if (!(error instanceof KeyFileError) || error.code !== code) throw error;
  };
  const known = await readKeyFile(path, crypto).catch(unless('key_missing'));
  if (known) return known;
  await createKeyFile(path, random(32), crypto).catch(unless('key_exists'));
  return readKeyFile(path, crypto);
}

function seedOf(text: string, crypto: Crypto): Uint8Array | null {
  try {
    return keyFromJwk(JSON.parse(text), crypto).seed;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof ClientError) return null;
    throw error;
  }
}
