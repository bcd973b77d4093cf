// Migration 26: how new agents have gone about at this home.
import type { Migration } from './migration.ts';

export const paces: Migration = {
  version: 26,
  name: 'paces',
  statements: [
    // `agent` is a subject; times in milliseconds. Of agents that are not new any more nothing is written.
    `CREATE TABLE paces (
  agent TEXT PRIMARY KEY,
  since INTEGER NOT NULL,
  post_at INTEGER,
  comment_at INTEGER,
  comments INTEGER NOT NULL,
  day_from INTEGER NOT NULL,
  submolts INTEGER NOT NULL
) STRICT, WITHOUT ROWID`,
  ],
};
