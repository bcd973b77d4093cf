// The node's choice of cryptography.
import { expect, test } from 'vitest';
import { loadCrypto } from './platform.ts';

test('libsodium is chosen where its addon loads', async () => {
  expect((await loadCrypto()).name).toBe('libsodium');
});

test('node:crypto stands in where there is no addon for the machine', async () => {
  const crypto = await loadCrypto(() => Promise.reject(new Error('no addon')));
  expect(crypto.name).toBe('node');
});
