// Migration 14: logs of this node that nothing is appended to, because more of them was signed than is here.
import type { Migration } from './migration.ts';

export const holds: Migration = {
  version: 14,
  name: 'holds',
  statements: [
    // `origin` is one of a log, or '*' for all logs of this node. Without a note nobody is known who can tell how long the log was.
    `CREATE TABLE holds (
  origin TEXT PRIMARY KEY,
  size INTEGER NOT NULL CHECK (size >= 0),
  note TEXT,
  source TEXT NOT NULL,
  held_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID`,
    // A witness shows homes what it has cosigned of their logs.
    'CREATE INDEX witnessed_origin ON witnessed (origin, size)',
  ],
};
