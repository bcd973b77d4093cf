// Key files of actors: made once, kept, refused when they are exposed or broken.
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { crypto } from '../test/sandbox.ts';
import { readOrCreateActorKeys } from './actor-key-files.ts';

let dataDir: string;
const random = (bytes: number) => globalThis.crypto.getRandomValues(new Uint8Array(bytes));
const read = () => readOrCreateActorKeys({ dataDir }, crypto, random);

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'exuvia-actors-'));
});
afterEach(() => rmSync(dataDir, { recursive: true }));

test('are made once; a new key has a new id', async () => {
  const first = await read();
  const again = await read();
  expect(again).toMatchObject({ pem: first.pem, multibase: first.multibase });
  rmSync(join(dataDir, 'actor-rsa-key.pem'));
  const next = await read();
  expect(next.multibase).toBe(first.multibase);
  expect(next.rsaFragment).not.toBe(first.rsaFragment);
});

test('are not read when others can, or when they are none', async () => {
  await read();
  const path = join(dataDir, 'actor-rsa-key.pem');
  chmodSync(path, 0o644);
  await expect(read()).rejects.toMatchObject({ code: 'key_exposed' });
  writeFileSync(path, 'MARKER');
  chmodSync(path, 0o600);
  const broken = read();
  await expect(broken).rejects.toMatchObject({ code: 'key_malformed' });
  await expect(broken).rejects.not.toThrow(/MARKER/);
});
