// Migration 11: heads of other nodes' logs that this node has seen, and pairs of them that cannot both be true.
import type { Migration } from './migration.ts';

export const evidence: Migration = {
  version: 11,
  name: 'evidence',
  statements: [
    // Not derived from any log, like what follows. Only what the replica of the log does not settle is kept: a few heads of
    // each log. `source` is the URL of the node it came from, which may serve what is under it.
    `CREATE TABLE seen_heads (
  origin TEXT NOT NULL,
  size INTEGER NOT NULL CHECK (size > 0),
  root BLOB NOT NULL CHECK (length(root) = 32),
  note TEXT NOT NULL,
  source TEXT NOT NULL,
  seen_at INTEGER NOT NULL,
  PRIMARY KEY (origin, size, root)
) STRICT, WITHOUT ROWID`,
    // `file` convicts by itself; `statement` is the hash of the act that put it into the system log, null until it is there.
    // `peer` is null for a log of this node.
    `CREATE TABLE evidence (
  id INTEGER PRIMARY KEY,
  origin TEXT NOT NULL,
  peer INTEGER REFERENCES peers,
  file BLOB NOT NULL,
  statement BLOB CHECK (length(statement) = 32),
  found_at INTEGER NOT NULL,
  decision TEXT CHECK (decision IN ('keep', 'drop')),
  decided_at INTEGER,
  CHECK ((decision IS NULL) = (decided_at IS NULL))
) STRICT`,
    'CREATE UNIQUE INDEX evidence_open ON evidence (origin) WHERE decision IS NULL',
    // When the operator has ended the exchange with the peer.
    'ALTER TABLE peers ADD COLUMN dropped_at INTEGER',
  ],
};
