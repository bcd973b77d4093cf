// Migration 10: how far each peer has been told which agents have changed their keys.
import type { Migration } from './migration.ts';

export const announcements: Migration = {
  version: 10,
  name: 'announcements',
  statements: [
    // Entries of the node's own system log. A peer needs no history: it is told what comes after its introduction.
    'ALTER TABLE peers ADD COLUMN told INTEGER NOT NULL DEFAULT 0 CHECK (told >= 0)',
    'UPDATE peers SET told = coalesce((SELECT size FROM logs WHERE is_home = 1 AND submolt IS NULL), 0)',
    'CREATE INDEX peers_told ON peers (told)',
    // Which entries of a log are worth telling is asked often, and few identities ever change.
    'CREATE INDEX identities_changed ON identities (statement) WHERE version > 1',
  ],
};
