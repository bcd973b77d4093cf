// The best cryptography this machine has, for the processes that run on Node.
import type { Crypto } from '../protocol/crypto.ts';
import { createLibsodium } from './libsodium.ts';

/** libsodium where its addon loads, else node:crypto. `name` says which; the verdicts are the same. */
export async function loadCrypto(
  preferred: () => Promise<Crypto> = createLibsodium,
): Promise<Crypto> {
  try {
    return await preferred();
  } catch {
    // Not loaded where it is not needed: the strict rule comes with a library of curves.
    return (await import('./node.ts')).createNodeCrypto();
  }
}
