// The keys of an archive's authors that its log does not state: did:key needs nothing, did:web its document from `dids.ndjson`.
import { equalBytes } from '../protocol/bytes.ts';
import { type Did, didMethod, parseDid } from '../protocol/did.ts';
import { canonicalize } from '../protocol/jcs.ts';
import { isObject, type JsonObject, type JsonValue, parseIJson } from '../protocol/json.ts';
import { didKeyResolver, type KeyResolver } from '../protocol/object.ts';
import { MAX_DID_LINE } from './archive-format.ts';
import { DatedDocuments } from './dated-documents.ts';
import { LogError } from './error.ts';

/** The end of the year 9999, as of entries. */
const MAX_TIME = 253_402_300_799_999;

export class ArchivedKeys {
  readonly #documents = new Map<Did, DatedDocuments>();
  #last: { readonly did: Did; readonly until: number | null } | null = null;
  readonly #used = new Set<Did>();
  readonly #kept: JsonObject[] = [];

  /**
   * Takes lines `{"did":…,"document":{…},"until":…}` in JCS form, of each DID the newest last and without `until`. Those of
   * `keep` are kept as they are. Throws `LogError` `malformed_archive`.
   */
  addDocuments(lines: Iterable<Uint8Array>, keep: Did | null = null): void {
    for (const line of lines) {
      const { did, document, until } = readLine(line);
      if (did === keep && isObject(document)) this.#kept.push(document);
      this.#checkOrder(did, until);
      const documents = this.#documents.get(did) ?? new DatedDocuments(did);
      documents.add(document, until);
      this.#documents.set(did, documents);
      this.#last = { did, until };
    }
    if (this.#last !== null) this.#checkEnd(this.#last);
  }

  /** Documents of the DID that was to be kept, the newest last. */
  get kept(): readonly JsonObject[] {
    return this.#kept;
  }

  /** DIDs whose keys are known from nothing but the archive's own copy of their documents. */
  get takenOnTrust(): number {
    return this.#used.size;
  }

  /** Keys for what was logged at `t` (milliseconds); null for whatever may be of any time. */
  resolveAt(t: number | null): KeyResolver {
    return async (did, verificationMethod) => {
      if (didMethod(did) === 'key') return didKeyResolver(did, verificationMethod);
      const documents = this.#documents.get(did);
      if (documents === undefined) {
        const detail = `the archive has no document of ${did}`;
        return { ok: false, reason: 'key_unresolvable', detail, retryable: false };
      }
      this.#used.add(did);
      return documents.find(verificationMethod, t);
    };
  }

  #checkOrder(did: Did, until: number | null): void {
    const last = this.#last;
    if (last === null || last.did !== did) {
      if (last !== null) this.#checkEnd(last);
      if (last !== null && last.did > did) throw malformed(`the documents of ${did} out of order`);
      return;
    }
    if (last.until === null || (until !== null && until < last.until)) {
      throw malformed(`the documents of ${did} out of order`);
    }
  }

  #checkEnd({ did, until }: { readonly did: Did; readonly until: number | null }): void {
    if (until !== null) throw malformed(`the newest document of ${did} is missing`);
  }
}

function readLine(line: Uint8Array): { did: Did; document: JsonValue; until: number | null } {
  const parsed = parseIJson(line, { maxBytes: MAX_DID_LINE });
  if (!parsed.ok) throw malformed(`a DID document: ${parsed.detail}`);
  const { value } = parsed;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw malformed('a line of dids.ndjson is not an object');
  }
  const { did, document = null, until = null, ...rest } = value;
  const subject = typeof did === 'string' ? parseDid(did) : null;
  // A did:key has its document in itself and a did:webvh in its log: taking one on trust would let the node choose the keys.
  const time = typeof until === 'number' && until >= 0 && until <= MAX_TIME ? until : null;
  if (
    subject === null ||
    didMethod(subject) !== 'web' ||
    (time === null && 'until' in value) ||
    Object.keys(rest).length > 0
  ) {
    throw malformed('a line of dids.ndjson is not a did:web and its document');
  }
  if (!equalBytes(canonicalize(value), line)) throw malformed(`the document of ${did} is not JCS`);
  return { did: subject, document, until: time };
}

function malformed(detail: string): LogError {
  return new LogError('malformed_archive', detail);
}
