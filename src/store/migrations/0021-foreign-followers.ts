// Migration 21: who follows submolts of this node by ActivityPub, and how far they have been told.
import type { Migration } from './migration.ts';

export const foreignFollowers: Migration = {
  version: 21,
  name: 'foreign-followers',
  statements: [
    `CREATE TABLE foreign_inboxes (
  id INTEGER PRIMARY KEY,
  url TEXT NOT NULL UNIQUE,
  host TEXT NOT NULL,
  software TEXT,
  failures INTEGER NOT NULL,
  retry_at INTEGER NOT NULL,
  failing_since INTEGER,
  error TEXT
) STRICT`,
    'CREATE INDEX foreign_inboxes_host ON foreign_inboxes (host)',
    `CREATE TABLE foreign_followers (
  submolt INTEGER NOT NULL REFERENCES objects,
  actor TEXT NOT NULL,
  host TEXT NOT NULL,
  inbox INTEGER NOT NULL REFERENCES foreign_inboxes,
  answer_to TEXT NOT NULL,
  follow TEXT NOT NULL,
  accepted INTEGER NOT NULL CHECK (accepted IN (0, 1)),
  added_at INTEGER NOT NULL,
  PRIMARY KEY (submolt, actor)
) STRICT, WITHOUT ROWID`,
    'CREATE INDEX foreign_followers_actor ON foreign_followers (actor)',
    'CREATE INDEX foreign_followers_host ON foreign_followers (submolt, host)',
    'CREATE INDEX foreign_followers_inbox ON foreign_followers (inbox, submolt)',
    'CREATE INDEX foreign_followers_waiting ON foreign_followers (added_at) WHERE accepted = 0',
    `CREATE TABLE foreign_cursors (
  log INTEGER NOT NULL REFERENCES logs,
  inbox INTEGER NOT NULL REFERENCES foreign_inboxes,
  next INTEGER NOT NULL CHECK (next >= 0),
  PRIMARY KEY (log, inbox)
) STRICT, WITHOUT ROWID`,
    'CREATE INDEX foreign_cursors_inbox ON foreign_cursors (inbox)',
    `CREATE TABLE foreign_seen (
  id BLOB PRIMARY KEY CHECK (length(id) = 32),
  seen_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID`,
    'CREATE INDEX foreign_seen_at ON foreign_seen (seen_at)',
    `CREATE TABLE denied_hosts (
  host TEXT PRIMARY KEY,
  denied_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID`,
  ],
};
