// Migration 18: in what order entries came to this node, over all of its logs.
import type { Migration } from './migration.ts';

export const arrivals: Migration = {
  version: 18,
  name: 'arrivals',
  statements: [
    // `version` is that of the node with the batch. A batch appends to a log in one piece.
    `CREATE TABLE arrivals (
  version INTEGER NOT NULL,
  log INTEGER NOT NULL REFERENCES logs,
  start INTEGER NOT NULL CHECK (start >= 0),
  count INTEGER NOT NULL CHECK (count > 0),
  PRIMARY KEY (version, log)
) STRICT, WITHOUT ROWID`,
    // Of what came before nobody knows the order. A place to begin at there has to be.
    `INSERT INTO arrivals (version, log, start, count)
SELECT n.version, l.id, l.size - 1, 1 FROM node AS n, logs AS l WHERE l.is_home = 1 AND l.submolt IS NULL AND l.size > 0`,
  ],
};
