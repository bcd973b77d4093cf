// The best cryptography this machine has, for the processes that run on Node.
import type { Crypto } from '../protocol/crypto.ts';
import { createLibsodium } from './libsodium.ts';
import { createNodeCrypto } from './node.ts';

/** libsodium where its addon loads, else node:crypto. `name` says which; the verdicts are the same. */
export async function loadCrypto(
  preferred: () => Promise<Crypto> = createLibsodium,
): Promise<Crypto> {
  try {
    return await preferred();
  } catch {
    return createNodeCrypto();
  }
}
