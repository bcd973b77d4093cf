// Keys on disk: mode 0600, never overwritten, never half-read.
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { keyFromSeed } from './client/keys.ts';
import { createNodeCrypto } from './crypto/node.ts';
import { createKeyFile, readAgentKeyFile, readKeyFile, readOrCreateKeyFile } from './key-file.ts';
import { type Did, parseDid } from './protocol/did.ts';

const crypto = createNodeCrypto();
const seed = new Uint8Array(32).fill(7);
const key = keyFromSeed(seed, crypto);
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'exuvia-keys-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

describe('key files', () => {
  test('come back as they were written, readable by their owner alone', async () => {
    const path = join(folder, 'deep', 'key.jwk');
    await createKeyFile(path, key, crypto);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readKeyFile(path, crypto)).toEqual(seed);
  });

  test('say whose key they hold', async () => {
    const path = join(folder, 'key.jwk');
    const web = keyFromSeed(seed, crypto, { did: parseDid('did:web:agents.example') as Did });
    await createKeyFile(path, web, crypto);
    expect(await readAgentKeyFile(path, crypto)).toEqual(web);
    const other = join(folder, 'other.jwk');
    await createKeyFile(other, key, crypto);
    expect(await readAgentKeyFile(other, crypto)).toEqual(key);
  });

  test('are never overwritten', async () => {
    const path = join(folder, 'key.jwk');
    await createKeyFile(path, key, crypto);
    const before = await readFile(path);
    const again = createKeyFile(path, keyFromSeed(new Uint8Array(32), crypto), crypto);
    await expect(again).rejects.toMatchObject({ code: 'key_exists' });
    expect(await readFile(path)).toEqual(before);
  });

  test('are refused when others can read them', async () => {
    const path = join(folder, 'key.jwk');
    await createKeyFile(path, key, crypto);
    await chmod(path, 0o640);
    await expect(readKeyFile(path, crypto)).rejects.toMatchObject({ code: 'key_exposed' });
  });

  test('are refused when missing, with the command that makes one', async () => {
    await expect(readKeyFile(join(folder, 'none.jwk'), crypto)).rejects.toMatchObject({
      code: 'key_missing',
      message: expect.stringContaining('exuvia keygen'),
    });
  });

  test.each([
    ['not JSON', '{'],
    ['null', 'null'],
    ['another curve', '{"kty":"OKP","crv":"X25519","x":"AA","d":"AA"}'],
    ['a public key only', '{"kty":"OKP","crv":"Ed25519","x":"AA"}'],
    [
      'x of another key',
      `{"kty":"OKP","crv":"Ed25519","x":"${'A'.repeat(43)}","d":"${'A'.repeat(43)}"}`,
    ],
  ])('are refused when they hold %s', async (_, text) => {
    const path = join(folder, 'key.jwk');
    await writeFile(path, text, { mode: 0o600 });
    await expect(readKeyFile(path, crypto)).rejects.toMatchObject({ code: 'key_malformed' });
  });

  test('are made once where there is none', async () => {
    const path = join(folder, 'key.jwk');
    const first = await readOrCreateKeyFile(path, crypto, (n) => new Uint8Array(n).fill(9));
    const second = await readOrCreateKeyFile(path, crypto, () => {
      throw new Error('asked for randomness twice');
    });
    expect(second).toEqual(first);
  });

  test('are one key for all who make them at the same time, and leave nothing else behind', async () => {
    const path = join(folder, 'key.jwk');
    let drawn = 0;
    const random = (n: number) => new Uint8Array(n).fill(++drawn);
    const makers = Array.from({ length: 20 }, () => readOrCreateKeyFile(path, crypto, random));
    const seeds = await Promise.all(makers);
    for (const made of seeds) expect(made).toEqual(await readKeyFile(path, crypto));
    expect(await readdir(folder)).toEqual(['key.jwk']);
  });
});
