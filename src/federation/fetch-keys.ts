// Fetches the keys of the authors of a batch before it is applied, so that applying it opens no connection.
import { namedAuthor } from '../commands/replicated-entry.ts';
import type { ObjectKeys } from '../net/object-keys.ts';
import { type Did, didMethod } from '../protocol/did.ts';
import type { EntryBody } from './entry-record.ts';

/** Documents under way for one batch: as many as one host may be asked for at a time. */
const AT_ONCE = 4;

interface NamedKey {
  readonly did: Did;
  readonly id: string;
}

export type MissingKey = { readonly ok: true } | { readonly ok: false; readonly detail: string };

/**
 * Resolves every key that the proofs name. A key that cannot be had is no evidence against anybody: the author's
 * host may be down, or the key rotated since; the batch waits, unless this node has seen the key before.
 */
export async function fetchKeys(
  keys: ObjectKeys,
  bodies: Iterable<EntryBody>,
): Promise<MissingKey> {
  const wanted = namedKeys(bodies);
  const missing: string[] = [];
  const take = async () => {
    for (let key = wanted.pop(); key !== undefined && missing.length === 0; key = wanted.pop()) {
      const found = await keys.resolve(key.did, key.id);
      if (found.ok || (await keys.cached(key.did, key.id)).ok) continue;
      missing.push(found.detail);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, take));
  return missing[0] === undefined ? { ok: true } : { ok: false, detail: missing[0] };
}

/** True if every key that the proofs name is known already. */
export async function hasKeys(keys: ObjectKeys, bodies: Iterable<EntryBody>): Promise<boolean> {
  for (const { did, id } of namedKeys(bodies)) {
    if (!(await keys.cached(did, id)).ok) return false;
  }
  return true;
}

/** Keys in documents, each once: a did:key is its own key, and the keys of a did:webvh are in the log. Malformed objects name none: they are refused when verified. */
function namedKeys(bodies: Iterable<EntryBody>): NamedKey[] {
  const found = new Map<string, NamedKey>();
  for (const body of bodies) {
    const { did, keyId: id } = namedAuthor(body) ?? { did: null, keyId: null };
    if (did === null || id === null || didMethod(did) !== 'web') continue;
    if (id.startsWith(`${did}#`)) found.set(id, { did, id });
  }
  return [...found.values()];
}
