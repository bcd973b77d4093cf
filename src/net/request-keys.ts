// Finds the keys that signed requests name, for `verifyRequest`: in the document at the Signature-Agent URL.
import { type AgentDirectory, readAgentDirectory } from '../protocol/agent-directory.ts';
import type { Crypto } from '../protocol/crypto.ts';
import { urlToDidWeb } from '../protocol/did.ts';
import type { JsonObject } from '../protocol/json.ts';
import type {
  FoundRequestKey,
  RequestKeyLookup,
  RequestKeyRefusal,
} from '../protocol/request-signature.ts';
import { scidOfAgentUrl } from '../protocol/signature-agent.ts';
import { createDidLogRequestKeys } from './did-log-request-keys.ts';
import type { DidLogs } from './did-logs.ts';
import type { DocumentCache } from './document-cache.ts';
import { unfetchedReason } from './unfetched-reason.ts';
import type { NotLoaded } from './url-cache.ts';

/** A document's keys, or why it has none: a function of the document (and of the DID document beside it). */
type Directory = AgentDirectory | { readonly ok: false; readonly refusal: FoundRequestKey };

/**
 * Makes the lookup. Documents are cached by URL and their keys with them, so a key is found by (URL, keyid)
 * and never by keyid alone. A URL that spells out a did:key never comes here: `verifyRequest` reads the key
 * from it. One that spells out an SCID stands for the DID log. What is no URL of a document, and a request without one, is
 * for `enrolled`.
 */
export function createRequestKeys(
  { documents, didLogs }: { readonly documents: DocumentCache; readonly didLogs: DidLogs },
  crypto: Pick<Crypto, 'sha256'>,
  enrolled: RequestKeyLookup,
): RequestKeyLookup {
  const searchDidLog = createDidLogRequestKeys(didLogs, crypto);
  // One parse per fetched document, which goes when the document goes from its cache.
  const parsed = new WeakMap<JsonObject, AgentDirectory>();

  async function directoryAt(url: string, refresh: boolean): Promise<Directory> {
    const fetched = await documents.get(url, { refresh });
    if (!fetched.ok) return { ok: false, refusal: unfetched(fetched) };
    const known = parsed.get(fetched.document);
    if (known !== undefined) return known;
    const { document } = fetched;
    let directory = readAgentDirectory({ url, document }, crypto);
    if (!directory.ok && directory.reason === 'did_document_needed') {
      const other = await documents.get(directory.didDocumentUrl, { refresh });
      if (!other.ok) return { ok: false, refusal: unfetched(other) };
      // Not remembered by the directory alone: the DID document has its own time to live.
      directory = readAgentDirectory({ url, document, didDocument: other.document }, crypto);
    } else if (directory.ok) {
      parsed.set(document, directory);
    }
    if (directory.ok) return directory;
    const reason = directory.reason === 'did_document_needed' ? 'did_mismatch' : directory.reason;
    return { ok: false, refusal: refused(reason, directory.detail) };
  }

  async function search(url: string, keyid: string, refresh: boolean): Promise<FoundRequestKey> {
    const directory = await directoryAt(url, refresh);
    if (!directory.ok) return directory.refusal;
    const key = directory.keys.get(keyid);
    if (key !== undefined) return { ok: true, ...key };
    const reason = directory.faults.get(keyid) ?? 'key_not_in_directory';
    return refused(reason, `${directory.did} lists no key ${keyid} for requests`);
  }

  return async (agentUrl, keyid) => {
    const scid = agentUrl === null ? null : scidOfAgentUrl(agentUrl);
    if (agentUrl !== null && scid !== null) return searchDidLog(agentUrl, scid, keyid);
    if (agentUrl === null || urlToDidWeb(agentUrl) === null) return enrolled(agentUrl, keyid);
    const found = await search(agentUrl, keyid, false);
    if (found.ok || !MAY_BE_PUBLISHED.has(found.reason)) return found;
    // A new key may have been published since; the cache allows this once a minute per URL.
    return search(agentUrl, keyid, true);
  };
}

/** What the document says of the key now; it may say otherwise when it is fetched again. */
const MAY_BE_PUBLISHED: ReadonlySet<RequestKeyRefusal> = new Set<RequestKeyRefusal>([
  'key_not_in_directory',
  'directory_kid_mismatch',
  'key_not_for_authentication',
  'key_controller_mismatch',
]);

function unfetched({ fault, detail, retryable }: NotLoaded): FoundRequestKey {
  return refused(unfetchedReason(fault), detail, retryable);
}

function refused(reason: RequestKeyRefusal, detail: string, retryable = false): FoundRequestKey {
  return { ok: false, reason, detail, retryable };
}
