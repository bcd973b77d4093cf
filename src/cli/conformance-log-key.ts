// The key that signs the node's logs, from its signed statement.
import { createKeyResolver } from '../client/key-resolver.ts';
import { verifyKeyChain } from '../log/key-chain.ts';
import type { Live } from './conformance-live.ts';

export type LogKeyVerdict =
  | { readonly ok: true; readonly publicKey: Uint8Array }
  | { readonly ok: false; readonly detail: string };

/** Verifies the statements in the discovery document, under the key of the node's own DID: the last one's key signs. */
export async function verifiedLogKey({ node, crypto }: Live): Promise<LogKeyVerdict> {
  const resolveKey = createKeyResolver(globalThis.fetch);
  const verdict = await verifyKeyChain(node.keyStatement ?? null, { crypto, resolveKey });
  if (!verdict.ok) return verdict;
  const { home, keys } = verdict.chain;
  return home === node.did
    ? { ok: true, publicKey: keys.at(-1) as Uint8Array }
    : { ok: false, detail: `it is by ${home}` };
}
