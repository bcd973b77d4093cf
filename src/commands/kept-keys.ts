// Keys of authors without a DID log as this node has them: in the DID itself, or in the documents kept when objects were accepted.
import { DatedDocuments } from '../log/dated-documents.ts';
import type { Did } from '../protocol/did.ts';
import { didKeyResolver } from '../protocol/object.ts';
import type { Database } from '../store/database.ts';
import { listDocuments } from '../store/did-documents.ts';
import type { KeysAt } from './check-entries.ts';

/** Opens no connection. `key_unresolvable`: no document of that DID was ever kept. */
export function keptKeys(db: Database): KeysAt {
  const known = new Map<Did, DatedDocuments>();
  const read = async (did: Did) => {
    const documents = new DatedDocuments(did);
    for (const { document, until } of await listDocuments(db, [did])) {
      documents.add(document, until);
    }
    known.set(did, documents);
    return documents;
  };
  return (t) => async (did, id) => {
    if (did.startsWith('did:key:')) return didKeyResolver(did, id);
    const documents = known.get(did) ?? (await read(did));
    if (documents.count > 0) return documents.find(id, t);
    const detail = `no document of ${did} is kept`;
    return { ok: false, reason: 'key_unresolvable', detail, retryable: true };
  };
}
