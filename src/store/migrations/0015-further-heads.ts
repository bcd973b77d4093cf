// Migration 15: how many heads of the other history were shown after the operator had kept the one that is here.
import type { Migration } from './migration.ts';

export const furtherHeads: Migration = {
  version: 15,
  name: 'further-heads',
  statements: [
    'ALTER TABLE evidence ADD COLUMN further INTEGER NOT NULL DEFAULT 0 CHECK (further >= 0)',
    // As `file`, with the newest of them; null as long as there is none.
    'ALTER TABLE evidence ADD COLUMN newest BLOB',
    'ALTER TABLE evidence ADD COLUMN newest_at INTEGER',
  ],
};
