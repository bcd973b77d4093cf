// Migration 19: what the operator thinks of other nodes, and how much was taken from those nobody has chosen.
import type { Migration } from './migration.ts';

export const standings: Migration = {
  version: 19,
  name: 'standings',
  statements: [
    // `node` is a DID, or `did:web:*.example` for all hosts below one.
    `CREATE TABLE standings (
  node TEXT PRIMARY KEY,
  standing TEXT NOT NULL CHECK (standing IN ('allowed', 'denied')),
  objects INTEGER CHECK (objects >= 0),
  decided_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID`,
    // By day since 1970; the row without a node is the sum of all.
    `CREATE TABLE intake (
  day INTEGER NOT NULL,
  node TEXT NOT NULL,
  objects INTEGER NOT NULL,
  votes INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  PRIMARY KEY (day, node)
) STRICT, WITHOUT ROWID`,
  ],
};
