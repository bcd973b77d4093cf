// Migration 24: what can be searched for: numbers that stand for words, by text, and an index of them.
import type { Migration } from './migration.ts';

const AGENT_DOC = `INSERT INTO search_docs (id, kind, submolt, body, titles, codes, stale, written)
  SELECT -NEW.agent, 'agent', 0, 0, 0, x'', 1, 0 WHERE true
  ON CONFLICT (id) DO UPDATE SET stale = stale + 1`;
const SUBMOLT_DOC = `INSERT INTO search_docs (id, kind, submolt, body, titles, codes, stale, written)
  SELECT NEW.object, 'submolt', NEW.object, 0, 0, x'', 1, 0 WHERE true
  ON CONFLICT (id) DO UPDATE SET stale = stale + 1`;

export const search: Migration = {
  version: 24,
  name: 'search',
  statements: [
    // A text that can be found, by the number of its post, comment or submolt, or minus that of its agent. Four bytes of
    // `codes` for each word, the first `titles` of them in its title. `stale`: changes that the index has not seen yet.
    `CREATE TABLE search_docs (
  id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL CHECK (kind IN ('post', 'comment', 'submolt', 'agent')),
  submolt INTEGER NOT NULL,
  body INTEGER NOT NULL,
  titles INTEGER NOT NULL,
  codes BLOB NOT NULL,
  stale INTEGER NOT NULL,
  written INTEGER NOT NULL
) STRICT`,
    'CREATE INDEX search_docs_stale ON search_docs (id) WHERE stale > 0',
    // How much of a submolt's log has been looked through.
    `CREATE TABLE search_cursors (
  log INTEGER PRIMARY KEY REFERENCES logs,
  idx INTEGER NOT NULL CHECK (idx >= 0)
) STRICT`,
    `CREATE TABLE search_state (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  version INTEGER NOT NULL,
  words TEXT NOT NULL
) STRICT`,
    "INSERT INTO search_state (id, version, words) VALUES (1, 1, '')",
    "CREATE VIRTUAL TABLE search_index USING fts5 (codes, content = '', columnsize = 0, detail = none, tokenize = 'ascii')",
    // What is taken out leaves the index at once, instead of being marked as gone.
    "INSERT INTO search_index (search_index, rank) VALUES ('secure-delete', 1)",
    // Whatever takes words away, and by whatever way: the index hears of it in the same batch.
    `CREATE TRIGGER search_erased AFTER UPDATE OF bytes ON objects WHEN NEW.bytes IS NULL AND OLD.bytes IS NOT NULL BEGIN
  UPDATE search_docs SET stale = stale + 1 WHERE id = OLD.id;
END`,
    `CREATE TRIGGER search_profile_new AFTER INSERT ON profiles BEGIN
  ${AGENT_DOC};
END`,
    `CREATE TRIGGER search_profile_changed AFTER UPDATE OF title, summary ON profiles BEGIN
  ${AGENT_DOC};
END`,
    `CREATE TRIGGER search_profile_gone AFTER DELETE ON profiles BEGIN
  UPDATE search_docs SET stale = stale + 1 WHERE id = -OLD.agent;
END`,
    `CREATE TRIGGER search_submolt_new AFTER INSERT ON submolts BEGIN
  ${SUBMOLT_DOC};
END`,
    `CREATE TRIGGER search_submolt_changed AFTER UPDATE OF slug, title, summary ON submolts
WHEN NEW.slug <> OLD.slug OR NEW.title <> OLD.title OR NEW.summary <> OLD.summary BEGIN
  ${SUBMOLT_DOC};
END`,
    `INSERT INTO search_docs (id, kind, submolt, body, titles, codes, stale, written)
SELECT DISTINCT -agent, 'agent', 0, 0, 0, x'', 1, 0 FROM profiles`,
    `INSERT INTO search_docs (id, kind, submolt, body, titles, codes, stale, written)
SELECT object, 'submolt', object, 0, 0, x'', 1, 0 FROM submolts`,
  ],
};
