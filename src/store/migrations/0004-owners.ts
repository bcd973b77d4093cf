// Migration 4: owners whom agents have accepted.
import type { Migration } from './migration.ts';

export const owners: Migration = {
  version: 4,
  name: 'owners',
  statements: [
    // `owner` is the DID that the credential names, which need not be one that can act here; `ended` is the act that
    // ended it before its time.
    `CREATE TABLE owners (
  credential BLOB NOT NULL CHECK (length(credential) = 32),
  node INTEGER NOT NULL REFERENCES agents,
  agent INTEGER NOT NULL REFERENCES agents,
  owner TEXT NOT NULL,
  role TEXT,
  form TEXT NOT NULL,
  since INTEGER NOT NULL,
  until INTEGER NOT NULL,
  act INTEGER NOT NULL REFERENCES objects,
  ended INTEGER REFERENCES objects,
  PRIMARY KEY (credential, node)
) STRICT, WITHOUT ROWID`,
    'CREATE INDEX owners_agent ON owners (agent, node)',
  ],
};
