// Which keys of a did:web counted when: those of its documents as they were seen, until another took their place.
import { formatDateTime } from '../protocol/date-time.ts';
import type { Did } from '../protocol/did.ts';
import { type DocumentKey, keysFor } from '../protocol/did-document.ts';
import type { KeyResolver } from '../protocol/object.ts';

/** Milliseconds for which a node may use a document that it has fetched once (identity.md §6). */
export const DOCUMENT_LIFE = 86_400_000;

interface DatedKeys {
  readonly keys: readonly DocumentKey[];
  /** Milliseconds: when another document was seen in its place; null while it stands. */
  readonly until: number | null;
}

export class DatedDocuments {
  readonly #did: Did;
  readonly #documents: DatedKeys[] = [];

  constructor(did: Did) {
    this.#did = did;
  }

  get count(): number {
    return this.#documents.length;
  }

  /** A document without usable keys is no fault before something is signed with one of them. */
  add(document: unknown, until: number | null): void {
    const result = keysFor(document, this.#did, 'assertionMethod');
    this.#documents.push({ keys: result.ok ? result.keys : [], until });
  }

  /** The key for an object of time `t` (milliseconds), or of whatever time. */
  find(id: string, t: number | null): Awaited<ReturnType<KeyResolver>> {
    const did = this.#did;
    if (!id.startsWith(`${did}#`)) return refuse('did_mismatch', `${id} is not a key of ${did}`);
    const listed = this.#documents.flatMap(({ keys, until }) => {
      const key = keys.find((candidate) => candidate.id === id);
      return key === undefined
        ? []
        : [{ publicKey: key.publicKey, until: until ?? Number.POSITIVE_INFINITY }];
    });
    const last = listed.at(-1);
    if (last === undefined) return refuse('key_not_found', `${id} is not listed`);
    // Another key may have come under the same id: the document that stood then decides.
    const then = listed.find(({ until }) => t === null || t < until) ?? last;
    if (t === null || t <= then.until + DOCUMENT_LIFE) {
      return { ok: true, publicKey: then.publicKey };
    }
    const gone = formatDateTime(Math.floor(then.until / 1000));
    return refuse('key_not_found', `${id} is not listed any more since ${gone}`);
  }
}

function refuse(
  reason: 'key_not_found' | 'did_mismatch',
  detail: string,
): Awaited<ReturnType<KeyResolver>> {
  return { ok: false, reason, detail, retryable: false };
}
