// Keys that a did:web node has had before: what it has stated under them still is its own, and it shows the documents itself.
import type { ObjectKeys } from '../net/object-keys.ts';
import { type Did, didMethod } from '../protocol/did.ts';
import { keysFor } from '../protocol/did-document.ts';
import { isObject, type JsonObject, type JsonValue, parseIJson } from '../protocol/json.ts';
import type { KeyResolver } from '../protocol/object.ts';
import type { PeerClient } from './peer-client.ts';

/** A document of before, and until when it stood (milliseconds). */
export interface FormerDocument {
  readonly document: JsonObject;
  readonly until: number;
}

export interface FormerKeys {
  readonly resolve: KeyResolver;
  /** Those of the node's own documents that were needed. */
  readonly used: () => readonly FormerDocument[];
}

const MAX_BYTES = 1_048_576;

/**
 * Resolves keys as for submissions; where the document of `node` does not list one any more, by documents that were kept here, and then
 * by those that the node at `origin` shows. Its host speaks for those as it does for the present one: that is what a did:web is.
 */
export function createFormerKeys(
  client: Pick<PeerClient, 'read'>,
  keys: Pick<ObjectKeys, 'resolve' | 'cached'>,
  node: Did,
  origin: string,
): FormerKeys {
  let documents: Promise<readonly FormerDocument[]> | null = null;
  const used = new Set<FormerDocument>();
  return {
    async resolve(did, id, activity) {
      const found = await keys.resolve(did, id, activity);
      const isGone = !found.ok && found.reason === 'key_not_found';
      if (!isGone || did !== node || didMethod(did) !== 'web') return found;
      const kept = await keys.cached(did, id, activity);
      if (kept.ok) return kept;
      documents ??= fetchFormer(client, node, `${origin}/log/system`);
      for (const former of await documents) {
        const listed = keysFor(former.document, did, 'assertionMethod');
        const key = listed.ok ? listed.keys.find((one) => one.id === id) : undefined;
        if (key === undefined) continue;
        used.add(former);
        return { ok: true, publicKey: key.publicKey };
      }
      return found;
    },
    used: () => [...used],
  };
}

/** Those that are shown beside the system log of `node` at `log`, a URL. */
export async function fetchFormer(
  client: Pick<PeerClient, 'read'>,
  node: Did,
  log: string,
): Promise<readonly FormerDocument[]> {
  const reply = await client.read(`${log}/key`, { maxBytes: MAX_BYTES });
  const parsed = reply.ok ? parseIJson(reply.body, { maxBytes: MAX_BYTES }) : null;
  const value: JsonValue = parsed?.ok ? parsed.value : null;
  const listed = isObject(value) && Array.isArray(value.documents) ? value.documents : [];
  return listed.flatMap((one) => {
    if (!isObject(one) || one.did !== node || typeof one.until !== 'number') return [];
    return isObject(one.document ?? null)
      ? [{ document: one.document as JsonObject, until: one.until }]
      : [];
  });
}
