// The DID document in an entry of a DID log: whose it is, and what is served of it as did.json.
import type { Crypto } from './crypto.ts';
import { type Did, didMethod, parseDid, scidOf } from './did.ts';
import { withJwkSet } from './did-document.ts';
import type { DidLog } from './did-log.ts';
import { type RefusedDidLog, refuse } from './did-log-refusal.ts';
import type { DidLogStanding } from './did-log-standing.ts';
import type { JsonObject } from './json.ts';

/** The DID that a document names, if it may have that name after a version that was called `previous`. */
export function checkDocument(
  { id, alsoKnownAs }: JsonObject,
  { scid, portable }: DidLogStanding,
  previous: Did | null,
): { readonly ok: true; readonly did: Did } | RefusedDidLog {
  const did = typeof id === 'string' ? parseDid(id) : null;
  if (did === null || didMethod(did) !== 'webvh') {
    return refuse('document_malformed', 'the id of the document is no did:webvh');
  }
  // § DID Portability: only host and path may change, never the SCID.
  if (scidOf(did) !== scid) return refuse('scid_mismatch', `${did} has not the SCID of this log`);
  if (previous === null || did === previous) return { ok: true, did };
  if (!portable) return refuse('not_portable', `${previous} may not become ${did}`);
  if (!Array.isArray(alsoKnownAs) || !alsoKnownAs.includes(previous)) {
    return refuse('prior_did_missing', `alsoKnownAs has not ${previous}`);
  }
  return { ok: true, did };
}

/**
 * What is served as did.json: the document of the last version, made a JWK Set of its authentication keys as well. Null
 * for a DID that is deactivated: nobody may take its document for one that stands.
 */
export function documentOfDidLog(log: DidLog, crypto: Pick<Crypto, 'sha256'>): JsonObject | null {
  const last = log.versions.at(-1);
  return log.deactivated || last === undefined ? null : withJwkSet(last.document, last.did, crypto);
}
