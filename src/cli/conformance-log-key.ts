// The key that signs the node's logs, from its signed statement.
import { createKeyResolver } from '../client/key-resolver.ts';
import type { Did } from '../protocol/did.ts';
import { publicKeyOfDidKey } from '../protocol/did.ts';
import { LOG_KEYS } from '../protocol/labels.ts';
import { verifyObject } from '../protocol/object.ts';
import type { Live } from './conformance-live.ts';

export type LogKeyVerdict =
  | { readonly ok: true; readonly publicKey: Uint8Array }
  | { readonly ok: false; readonly detail: string };

/** Verifies the statement in the discovery document, under the key of the node's own DID. */
export async function verifiedLogKey({ node, crypto }: Live): Promise<LogKeyVerdict> {
  const resolveKey = createKeyResolver(globalThis.fetch);
  const verdict = await verifyObject(node.keyStatement ?? null, { crypto, resolveKey });
  if (!verdict.ok) return { ok: false, detail: `${verdict.reason}: ${verdict.detail}` };
  const { activity } = verdict.object;
  if (activity.type !== 'Add' || activity.target !== LOG_KEYS) {
    return { ok: false, detail: 'it states no log key' };
  }
  if (activity.actor !== node.did) return { ok: false, detail: `it is by ${activity.actor}` };
  const publicKey = publicKeyOfDidKey(activity.object as Did);
  return publicKey === null
    ? { ok: false, detail: 'its key is no did:key' }
    : { ok: true, publicKey };
}
