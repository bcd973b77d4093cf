// The key that signs the node's logs, from its signed statements.
import { createKeyResolver } from '../client/key-resolver.ts';
import { createFormerKeys } from '../federation/former-keys.ts';
import { verifyKeyChain } from '../log/key-chain.ts';
import { parseDid } from '../protocol/did.ts';
import type { Live } from './conformance-live.ts';

export type LogKeyVerdict =
  | { readonly ok: true; readonly publicKey: Uint8Array }
  | { readonly ok: false; readonly detail: string };

/** Verifies the statements in the discovery document, under the keys of the node's own DID: the last one's key signs. */
export async function verifiedLogKey(live: Live): Promise<LogKeyVerdict> {
  const { crypto, node } = live;
  const did = parseDid(String(node.did));
  if (did === null) return { ok: false, detail: 'did is none' };
  const resolve = createKeyResolver(globalThis.fetch);
  const read = async () => {
    const { bytes } = await live.open('/log/system/key');
    return { ok: true, body: bytes } as const;
  };
  const former = createFormerKeys({ read }, { resolve, cached: resolve }, did, '');
  const context = { crypto, resolveKey: former.resolve };
  const verdict = await verifyKeyChain(node.keyStatement ?? null, context);
  if (!verdict.ok) return verdict;
  const { home, keys } = verdict.chain;
  return home === did
    ? { ok: true, publicKey: keys.at(-1) as Uint8Array }
    : { ok: false, detail: `it is by ${home}` };
}
