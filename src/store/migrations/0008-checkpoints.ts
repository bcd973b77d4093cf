// Migration 8: checkpoints of earlier days, so that archives can show how a log has grown.
import type { Migration } from './migration.ts';

export const checkpoints: Migration = {
  version: 8,
  name: 'checkpoints',
  statements: [
    // Not derived from any log. The last one of each day (of UTC, by the clock of the log's home) on which the log grew.
    `CREATE TABLE checkpoints (
  log INTEGER NOT NULL REFERENCES logs,
  day INTEGER NOT NULL,
  size INTEGER NOT NULL CHECK (size > 0),
  note TEXT NOT NULL,
  PRIMARY KEY (log, day)
) STRICT, WITHOUT ROWID`,
  ],
};
