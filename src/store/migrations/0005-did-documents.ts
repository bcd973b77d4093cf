// Migration 5: did:web documents that objects were accepted under.
import type { Migration } from './migration.ts';

export const didDocuments: Migration = {
  version: 5,
  name: 'did-documents',
  statements: [
    // Not derived from any log. One for each set of keys that the document has had: `keys` is the SHA-256 of their ids and
    // values. Nothing is ever deleted: what was signed under a key that is gone has to stay verifiable.
    `CREATE TABLE did_documents (
  did TEXT NOT NULL,
  keys BLOB NOT NULL CHECK (length(keys) = 32),
  document BLOB NOT NULL,
  first_seen INTEGER NOT NULL,
  last_seen INTEGER NOT NULL CHECK (last_seen >= first_seen),
  PRIMARY KEY (did, keys)
) STRICT, WITHOUT ROWID`,
  ],
};
