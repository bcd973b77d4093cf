// Migration 20: what agents are told of, whose words a comment answers, and how far each has read.
import type { Migration } from './migration.ts';

export const notices: Migration = {
  version: 20,
  name: 'notices',
  statements: [
    // Author of the parent, unless that is the author: a comment costs one place in one index to be told of.
    'ALTER TABLE items ADD COLUMN answers INTEGER REFERENCES agents',
    `CREATE INDEX items_answers ON items (answers, object)
WHERE answers IS NOT NULL AND removed = 0 AND deleted = 0`,
    // By DID: words may name agents that nobody knows, and once they are erased nothing of that may stay.
    `CREATE TABLE mentions (
  item INTEGER NOT NULL REFERENCES objects,
  did TEXT NOT NULL,
  act INTEGER NOT NULL REFERENCES objects,
  PRIMARY KEY (item, did)
) STRICT, WITHOUT ROWID`,
    'CREATE INDEX mentions_did ON mentions (did, act)',
    `CREATE TABLE notices (
  about INTEGER NOT NULL REFERENCES objects,
  topic TEXT NOT NULL,
  agent INTEGER NOT NULL REFERENCES agents,
  act INTEGER NOT NULL REFERENCES objects,
  value INTEGER NOT NULL,
  PRIMARY KEY (about, topic, agent)
) STRICT, WITHOUT ROWID`,
    'CREATE INDEX notices_agent ON notices (agent, act)',
    'DROP INDEX follows_followed',
    'CREATE INDEX follows_followed ON follows (followed, act) WHERE act IS NOT NULL',
    'CREATE INDEX follows_follower ON follows (follower, act) WHERE act IS NOT NULL',
    // Not derived. Objects are numbered in the order in which they came: what is told of one up to that number is read,
    // of the thread of that post, or of everything where that is 0.
    `CREATE TABLE read_marks (
  agent INTEGER NOT NULL REFERENCES agents,
  post INTEGER NOT NULL,
  upto INTEGER NOT NULL,
  PRIMARY KEY (agent, post)
) STRICT, WITHOUT ROWID`,
    // The rows are made from the logs at this start.
    'UPDATE node SET rebuilding = 1',
  ],
};
