// What an agent's document says about its request keys: the one document that is both DID document and JWK Set.

import { equalBytes } from './bytes.ts';
import type { Crypto } from './crypto.ts';
import { type Did, didWebToUrl, urlToDidWeb } from './did.ts';
import { keysFor, keysOfOthers } from './did-document.ts';
import { isObject } from './json.ts';
import { readJwkSet } from './jwk-set.ts';
import type { KeyFault, RequestKey } from './request-signature.ts';
import { DIRECTORY_PATH } from './signature-agent.ts';
import { jwkThumbprint } from './thumbprint.ts';

/** The keys of one document, by thumbprint: what a cache keeps per URL. */
export interface AgentDirectory {
  readonly ok: true;
  readonly did: Did;
  readonly keys: ReadonlyMap<string, RequestKey>;
  /** Keys that are offered and do not count, by thumbprint. */
  readonly faults: ReadonlyMap<string, KeyFault>;
}

type DocumentFault =
  | 'discovery_refused'
  | 'directory_malformed'
  | 'directory_too_many_keys'
  | 'did_mismatch';

/**
 * - `discovery_refused`: the URL is no did:web document's and no host's key directory;
 * - `directory_malformed`, `directory_too_many_keys`: the document is not what belongs at such a URL;
 * - `did_mismatch`: the document is another subject's;
 * - `did_document_needed`: a plain JWK Set; fetch `didDocumentUrl` too and hand both in.
 */
export type AgentDirectoryRefusal =
  | {
      readonly ok: false;
      readonly reason: DocumentFault;
      readonly detail: string;
    }
  | {
      readonly ok: false;
      readonly reason: 'did_document_needed';
      readonly detail: string;
      readonly didDocumentUrl: string;
    };

function refuse(reason: DocumentFault, detail: string): AgentDirectoryRefusal {
  return { ok: false, reason, detail };
}

/**
 * Reads the parsed JSON fetched from `url`. A key counts if it is in `keys` and, byte for byte, a verification
 * method under `authentication` of the DID that the URL stands for. `didDocument` is given for a host's plain
 * JWK Set. Whether the keys are acceptable Ed25519 keys is for the verifier.
 */
export function readAgentDirectory(
  { url, document, didDocument }: { url: string; document: unknown; didDocument?: unknown },
  crypto: Pick<Crypto, 'sha256'>,
): AgentDirectory | AgentDirectoryRefusal {
  const did = urlToDidWeb(url);
  const didDocumentUrl = did && didWebToUrl(did);
  if (did === null || didDocumentUrl === null) {
    return refuse('discovery_refused', 'the agent URL is no did:web document and no key directory');
  }
  // Web Bot Auth: at the well-known path a `kid`, if any, must be the thumbprint; elsewhere it is free.
  const strictKid = url.endsWith(DIRECTORY_PATH);
  const set = readJwkSet(document, { strictKid }, crypto);
  if (!set.ok) return refuse(set.reason, set.detail);
  const offered = set.keys;
  const faults = new Map<string, KeyFault>();
  for (const thumbprint of set.misnamed) faults.set(thumbprint, 'directory_kid_mismatch');
  const keys = new Map<string, RequestKey>();
  if (offered.size === 0) return { ok: true, did, keys, faults };
  const subject = didDocument ?? document;
  if (!isObject(subject) || subject.id === undefined) {
    if (url === didDocumentUrl || didDocument !== undefined) {
      return refuse('did_mismatch', 'the document is not a DID document: it has no "id"');
    }
    const detail = 'the directory is a plain JWK Set';
    return { ok: false, reason: 'did_document_needed', detail, didDocumentUrl };
  }
  if (subject.id !== did) return refuse('did_mismatch', `the document's id is not ${did}`);
  const listed = keysFor(subject, did, 'authentication');
  if (!listed.ok) return refuse('directory_malformed', listed.detail);
  for (const thumbprint of offered.keys()) faults.set(thumbprint, 'key_not_for_authentication');
  const others = keysOfOthers(subject, did, 'authentication');
  for (const { publicKey } of others.ok ? others.keys : []) {
    const thumbprint = jwkThumbprint(publicKey, crypto);
    if (offered.has(thumbprint)) faults.set(thumbprint, 'key_controller_mismatch');
  }
  for (const { id, publicKey } of listed.keys) {
    const thumbprint = jwkThumbprint(publicKey, crypto);
    const same = offered.get(thumbprint);
    // A key may be listed under several ids; the first is the one that is named.
    if (same !== undefined && equalBytes(same, publicKey) && !keys.has(thumbprint)) {
      keys.set(thumbprint, { did, publicKey, verificationMethod: id });
    }
  }
  for (const thumbprint of keys.keys()) faults.delete(thumbprint);
  return { ok: true, did, keys, faults };
}
