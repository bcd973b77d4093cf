// Ed25519 keys as JWK files of mode 0600; the private part goes nowhere else.
import { mkdir, open, readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { equalBytes, fromBase64url, toBase64url } from './protocol/bytes.ts';
import type { Crypto } from './protocol/crypto.ts';

export type KeyFileErrorCode = 'key_missing' | 'key_exists' | 'key_exposed' | 'key_malformed';

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

/** Writes a new key file, mode 0600, flushed to disk; never overwrites one. */
export async function createKeyFile(path: string, seed: Uint8Array, crypto: Crypto): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const x = toBase64url(crypto.publicKeyOf(seed));
  const jwk = { kty: 'OKP', crv: 'Ed25519', x, d: toBase64url(seed) };
  const file = await open(path, 'wx', 0o600).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
    throw new KeyFileError(
      'key_exists',
      `${path} exists already; a key is never overwritten. Choose another --key.`,
    );
  });
  try {
    await file.writeFile(`${JSON.stringify(jwk)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Reads the key, or makes it when there is none. */
export async function readOrCreateKeyFile(
  path: string,
  crypto: Crypto,
  random: (length: number) => Uint8Array,
): Promise<Uint8Array> {
  try {
    return await readKeyFile(path, crypto);
  } catch (error) {
    if (!(error instanceof KeyFileError) || error.code !== 'key_missing') throw error;
  }
  const seed = random(32);
  await createKeyFile(path, seed, crypto);
  return seed;
}

function seedOf(text: string, crypto: Crypto): Uint8Array | null {
  let jwk: unknown;
  try {
    jwk = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof jwk !== 'object' || jwk === null) return null;
  const { kty, crv, x, d } = jwk as Record<string, unknown>;
  if (kty !== 'OKP' || crv !== 'Ed25519' || typeof x !== 'string' || typeof d !== 'string') {
    return null;
  }
  const seed = fromBase64url(d);
  const publicKey = fromBase64url(x);
  if (seed?.length !== 32 || publicKey === null) return null;
  return equalBytes(crypto.publicKeyOf(seed), publicKey) ? seed : null;
}
