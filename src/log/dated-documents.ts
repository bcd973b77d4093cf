// Which keys of a did:web counted when: those of its documents as they were seen, until another took their place.
import { formatDateTime } from '../protocol/date-time.ts';
import type { Did } from '../protocol/did.ts';
import { type DocumentKey, keysFor } from '../protocol/did-document.ts';
import type { KeyResolver } from '../protocol/object.ts';

/** Milliseconds for which a node may use a document that it has fetched once (identity.md §6). */
export const DOCUMENT_LIFE = 86_400_000;

interface DatedKey {
  readonly publicKey: DocumentKey['publicKey'];
  /** Milliseconds: when a document without it, or with another, was seen in the place of this one; infinite while it stands. */
  readonly until: number;
}

/** The documents of one id: each ends later than all before it, so that those of a time are found without looking at all. */
interface Listed {
  readonly deciding: DatedKey[];
  last: DatedKey;
}

export class DatedDocuments {
  readonly #did: Did;
  /** Null as long as there is no key: most documents that somebody makes up to fill a memory have none. */
  #listed: Map<string, Listed> | null = null;
  #count = 0;

  constructor(did: Did) {
    this.#did = did;
  }

  get count(): number {
    return this.#count;
  }

  /** A document without usable keys is no fault before something is signed with one of them. */
  add(document: unknown, until: number | null): void {
    this.#count += 1;
    const result = keysFor(document, this.#did, 'assertionMethod');
    if (!result.ok) return;
    for (const { id, publicKey } of result.keys) {
      this.#list(id, { publicKey, until: until ?? Number.POSITIVE_INFINITY });
    }
  }

  #list(id: string, key: DatedKey): void {
    this.#listed ??= new Map();
    const listed = this.#listed.get(id);
    if (listed === undefined) {
      this.#listed.set(id, { deciding: [key], last: key });
      return;
    }
    listed.last = key;
    const before = listed.deciding.at(-1) as DatedKey;
    if (key.until > before.until) listed.deciding.push(key);
  }

  /** The key for an object of time `t` (milliseconds), or of whatever time. */
  find(id: string, t: number | null): Awaited<ReturnType<KeyResolver>> {
    const did = this.#did;
    if (!id.startsWith(`${did}#`)) return refuse('did_mismatch', `${id} is not a key of ${did}`);
    const listed = this.#listed?.get(id);
    if (listed === undefined) return refuse('key_not_found', `${id} is not listed`);
    // Another key may have come under the same id: the document that stood then decides.
    const then = firstAfter(listed.deciding, t) ?? listed.last;
    if (t === null || t <= then.until + DOCUMENT_LIFE) {
      return { ok: true, publicKey: then.publicKey };
    }
    const gone = formatDateTime(Math.floor(then.until / 1000));
    return refuse('key_not_found', `${id} is not listed any more since ${gone}`);
  }
}

/** The first of them that ends after `t`; the first of all for whatever time. */
function firstAfter(keys: readonly DatedKey[], t: number | null): DatedKey | undefined {
  if (t === null) return keys[0];
  let [low, high] = [0, keys.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((keys[middle] as DatedKey).until > t) high = middle;
    else low = middle + 1;
  }
  return keys[low];
}

function refuse(
  reason: 'key_not_found' | 'did_mismatch',
  detail: string,
): Awaited<ReturnType<KeyResolver>> {
  return { ok: false, reason, detail, retryable: false };
}
