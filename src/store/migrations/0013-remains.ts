// Migration 13: what is left of acts whose words were erased, whose words a submolt shows, and refusals without the refused.
import type { Migration } from './migration.ts';

export const remains: Migration = {
  version: 13,
  name: 'remains',
  statements: [
    // JCS of the act without its words; null for posts and comments.
    'ALTER TABLE skeletons ADD COLUMN remains TEXT',
    // The founding or Update that title and summary are from. Derived: the rows are replayed from the logs at this start.
    'ALTER TABLE submolts ADD COLUMN described_by INTEGER REFERENCES objects',
    // A refusal is kept for its author to read, and the author has the object.
    "UPDATE pending SET bytes = x'' WHERE status = 'refused'",
    'UPDATE node SET rebuilding = 1',
  ],
};
