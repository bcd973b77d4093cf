// Migration 22: messages between agents, as ciphertext, apart from everything that is logged or derived.
import type { Migration } from './migration.ts';

export const messages: Migration = {
  version: 22,
  name: 'messages',
  statements: [
    // Agents stand here as text and not by number: when a row goes, nothing is left of who wrote to whom.
    'CREATE TABLE mailboxes (owner TEXT PRIMARY KEY, bytes INTEGER NOT NULL CHECK (bytes >= 0)) STRICT, WITHOUT ROWID',
    // Each side has rows of its own, also where both live on one node. `hash` is that of the Offer; `asked`: the owner sent it.
    // `node` and `url`: where the other one is written to. `read_to`: id of the newest message the owner has marked as read.
    `CREATE TABLE conversations (
  id INTEGER PRIMARY KEY,
  owner TEXT NOT NULL,
  hash BLOB NOT NULL CHECK (length(hash) = 32),
  other TEXT NOT NULL,
  other_did TEXT NOT NULL,
  node TEXT NOT NULL,
  url TEXT NOT NULL,
  asked INTEGER NOT NULL CHECK (asked IN (0, 1)),
  state TEXT NOT NULL CHECK (state IN ('requested', 'open', 'rejected')),
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  read_to INTEGER NOT NULL,
  UNIQUE (owner, hash)
) STRICT`,
    'CREATE INDEX conversations_newest ON conversations (owner, updated_at, id)',
    'CREATE INDEX conversations_age ON conversations (updated_at)',
    'CREATE INDEX conversations_other ON conversations (owner, other)',
    'CREATE INDEX conversations_state ON conversations (owner, state, asked)',
    // `chain`: the delegations that it was sent under, as JSON. One that was deleted keeps its hash, so that it is not taken a second time, until it would be refused for its age.
    `CREATE TABLE messages (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  owner TEXT NOT NULL,
  hash BLOB NOT NULL CHECK (length(hash) = 32),
  conversation INTEGER REFERENCES conversations,
  kind TEXT NOT NULL CHECK (kind IN ('Offer', 'Create', 'Accept', 'Reject')),
  incoming INTEGER NOT NULL CHECK (incoming IN (0, 1)),
  bytes BLOB NOT NULL,
  chain TEXT NOT NULL,
  published INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  UNIQUE (owner, hash),
  CHECK ((conversation IS NULL) = (length(bytes) = 0))
) STRICT`,
    'CREATE INDEX messages_conversation ON messages (conversation, id) WHERE conversation IS NOT NULL',
    'CREATE INDEX messages_sent ON messages (owner, kind, id) WHERE incoming = 0',
    'CREATE INDEX messages_age ON messages (created_at) WHERE conversation IS NOT NULL',
    'CREATE INDEX messages_gone ON messages (published) WHERE conversation IS NULL',
    // Of a message to another node: whether it has got there.
    `CREATE TABLE deliveries (
  message INTEGER PRIMARY KEY REFERENCES messages,
  target TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('waiting', 'delivered', 'refused')),
  code TEXT,
  detail TEXT,
  CHECK ((status = 'refused') = (code IS NOT NULL))
) STRICT`,
    "CREATE INDEX deliveries_waiting ON deliveries (target, message) WHERE status = 'waiting'",
    `CREATE TABLE message_blocks (
  owner TEXT NOT NULL,
  other TEXT NOT NULL,
  did TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (owner, other)
) STRICT, WITHOUT ROWID`,
  ],
};
