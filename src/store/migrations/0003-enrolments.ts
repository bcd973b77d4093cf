// Migration 3: keys that agents have enrolled, so that requests signed with them are known by their DID.
import type { Migration } from './migration.ts';

export const enrolments: Migration = {
  version: 3,
  name: 'enrolments',
  statements: [
    // Not derived from any log. `url` is empty for a did:key that signs without Signature-Agent; `subject` is whom the
    // DID names, whatever it is called now; `agreed_at` is null once the documents were seen not to agree any more.
    `CREATE TABLE enrolments (
  url TEXT NOT NULL,
  keyid TEXT NOT NULL CHECK (length(keyid) = 43),
  did TEXT NOT NULL,
  subject TEXT NOT NULL,
  public_key BLOB NOT NULL CHECK (length(public_key) = 32),
  method TEXT NOT NULL,
  enrolled_at INTEGER NOT NULL,
  agreed_at INTEGER,
  PRIMARY KEY (url, keyid)
) STRICT, WITHOUT ROWID`,
    'CREATE INDEX enrolments_subject ON enrolments (subject)',
  ],
};
