// The keys of an archive's authors that its log does not state: did:key needs nothing, did:web its document from `dids.ndjson`.
import { equalBytes } from '../protocol/bytes.ts';
import { type Did, didMethod, parseDid } from '../protocol/did.ts';
import { type DocumentKey, keysFor } from '../protocol/did-document.ts';
import { canonicalize } from '../protocol/jcs.ts';
import { parseIJson } from '../protocol/json.ts';
import { didKeyResolver, type KeyResolver } from '../protocol/object.ts';
import { MAX_DID_LINE } from './archive-format.ts';
import { LogError } from './error.ts';

export class ArchivedKeys {
  readonly #keys = new Map<Did, readonly DocumentKey[]>();
  readonly #used = new Set<Did>();

  /** Takes lines `{"did":…,"document":{…}}` in JCS form. Throws `LogError` `malformed_archive`. */
  addDocuments(lines: Iterable<Uint8Array>): void {
    for (const line of lines) {
      const { did, document } = readLine(line);
      if (this.#keys.has(did)) throw malformed(`two documents of ${did}`);
      const result = keysFor(document, did, 'assertionMethod');
      // A document without usable keys is no fault before something is signed with one of them.
      this.#keys.set(did, result.ok ? result.keys : []);
    }
  }

  /** DIDs whose keys are known from nothing but the archive's own copy of their documents. */
  get takenOnTrust(): number {
    return this.#used.size;
  }

  readonly resolve: KeyResolver = async (did, verificationMethod) => {
    if (didMethod(did) === 'key') return didKeyResolver(did, verificationMethod);
    const keys = this.#keys.get(did);
    if (keys === undefined) {
      return refusal('key_unresolvable', `the archive has no document of ${did}`);
    }
    this.#used.add(did);
    if (!verificationMethod.startsWith(`${did}#`)) {
      return refusal('did_mismatch', `${verificationMethod} is not a key of ${did}`);
    }
    const key = keys.find(({ id }) => id === verificationMethod);
    if (key === undefined) return refusal('key_not_found', `${verificationMethod} is not listed`);
    return { ok: true, publicKey: key.publicKey };
  };
}

function readLine(line: Uint8Array): { did: Did; document: unknown } {
  const parsed = parseIJson(line, { maxBytes: MAX_DID_LINE });
  if (!parsed.ok) throw malformed(`a DID document: ${parsed.detail}`);
  const { value } = parsed;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw malformed('a line of dids.ndjson is not an object');
  }
  const { did, document, ...rest } = value;
  const subject = typeof did === 'string' ? parseDid(did) : null;
  // A did:key has its document in itself and a did:webvh in its log: taking one on trust would let the node choose the keys.
  if (subject === null || didMethod(subject) !== 'web' || Object.keys(rest).length > 0) {
    throw malformed('a line of dids.ndjson is not a did:web and its document');
  }
  if (!equalBytes(canonicalize(value), line)) throw malformed(`the document of ${did} is not JCS`);
  return { did: subject, document };
}

function refusal(
  reason: 'key_unresolvable' | 'key_not_found' | 'did_mismatch',
  detail: string,
): Awaited<ReturnType<KeyResolver>> {
  return { ok: false, reason, detail, retryable: false };
}

function malformed(detail: string): LogError {
  return new LogError('malformed_archive', detail);
}
