// Migration 6: checkpoints that this node has cosigned for others, those that others have cosigned for it, and its heads.
import type { Migration } from './migration.ts';

export const witnesses: Migration = {
  version: 6,
  name: 'witnesses',
  statements: [
    // Not derived from any log, like the tables below, and never rolled back: what was cosigned stays cosigned. `hash` is
    // the SHA-256 of the origin; `note` has the signature of the log and the cosignature.
    `CREATE TABLE witnessed (
  hash BLOB PRIMARY KEY CHECK (length(hash) = 32),
  origin TEXT NOT NULL,
  peer INTEGER NOT NULL REFERENCES peers,
  size INTEGER NOT NULL CHECK (size >= 0),
  root BLOB NOT NULL CHECK (length(root) = 32),
  note TEXT NOT NULL,
  cosigned_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID`,
    'CREATE INDEX witnessed_peer ON witnessed (peer)',
    // The newest note of a log with the cosignatures it has got.
    `CREATE TABLE cosigned (
  log INTEGER PRIMARY KEY REFERENCES logs,
  size INTEGER NOT NULL CHECK (size >= 0),
  note TEXT NOT NULL,
  cosigned_at INTEGER NOT NULL
) STRICT`,
    // Of each submolt's log what the newest heads in the system log say.
    `CREATE TABLE heads (
  log INTEGER PRIMARY KEY REFERENCES logs,
  size INTEGER NOT NULL CHECK (size >= 0),
  root BLOB NOT NULL CHECK (length(root) = 32)
) STRICT`,
    // Null until the peer was seen to state one.
    'ALTER TABLE peers ADD COLUMN witness_key BLOB CHECK (length(witness_key) = 32)',
  ],
};
