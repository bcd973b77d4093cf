// Keys by which an owner asserts: computed for a did:key, listed under assertionMethod in any other document.
import type { Did } from './did.ts';
import {
  type DocumentResolver,
  type ListedMethod,
  methodsFor,
  type RefusedDocument,
} from './did-document.ts';
import { type OwnerDid, publicKeyOfOwnerDid } from './owner-did.ts';
import {
  type PublicKey,
  publicKeyFromJwk,
  publicKeyFromMultibase,
  publicKeyToMultibase,
} from './public-key.ts';

export type OwnerKey =
  | { readonly ok: true; readonly key: PublicKey }
  | {
      readonly ok: false;
      readonly reason: RefusedDocument['reason'] | 'key_unresolvable' | 'key_not_found';
      readonly detail: string;
    };

/** The key of `did` that `id`, a DID URL, names. Throws what `resolveDocument` throws. */
export async function findOwnerKey(
  did: OwnerDid,
  id: string,
  resolveDocument?: DocumentResolver,
): Promise<OwnerKey> {
  // A did:key is its own document: nobody is asked, and nobody can answer otherwise.
  const own = publicKeyOfOwnerDid(did);
  if (own !== null) {
    return id === `${did}#${publicKeyToMultibase(own)}` ? { ok: true, key: own } : unlisted(id);
  }
  const detail = `nobody is there to fetch the document of ${did}`;
  const found = (await resolveDocument?.(did as Did)) ?? { ok: false, detail };
  if (!found.ok) return { ok: false, reason: 'key_unresolvable', detail: found.detail };
  const listed = methodsFor(found.document, did, 'assertionMethod');
  if (!listed.ok) return listed;
  const method = listed.methods.find((each) => each.id === id);
  const key = method ? publicKeyOf(method) : null;
  return key ? { ok: true, key } : unlisted(id);
}

function unlisted(id: string): OwnerKey {
  return {
    ok: false,
    reason: 'key_not_found',
    detail: `the owner's document lists no ${id} of a known kind under assertionMethod`,
  };
}

function publicKeyOf({ method }: ListedMethod): PublicKey | null {
  const { type, publicKeyMultibase, publicKeyJwk } = method;
  switch (type) {
    case 'Multikey':
      return typeof publicKeyMultibase === 'string'
        ? publicKeyFromMultibase(publicKeyMultibase)
        : null;
    case 'JsonWebKey':
    case 'JsonWebKey2020':
      return publicKeyFromJwk(publicKeyJwk);
    default:
      return null;
  }
}
