// Migration 9: bodies that this node alone has dropped, profile texts that can be found again, erasures not yet on the list.
import type { Migration } from './migration.ts';

export const withdrawals: Migration = {
  version: 9,
  name: 'withdrawals',
  statements: [
    // Not derived: `act` is the Delete in this node's own system log that says why the body is not here. Its entries have
    // their own index as `erased_by`, where no Delete of their log can stand.
    `CREATE TABLE withdrawals (
  object INTEGER PRIMARY KEY REFERENCES objects,
  act INTEGER NOT NULL REFERENCES objects
) STRICT, WITHOUT ROWID`,
    // Lines for the list of erasures beside the database, written with the erasure itself and kept until they are there.
    `CREATE TABLE unlisted_erasures (
  id INTEGER PRIMARY KEY,
  line TEXT NOT NULL
) STRICT`,
    "CREATE INDEX acts_profile ON acts (on_agent) WHERE kind = 'Update'",
    // Updates of profiles become rows of `acts`: they are replayed from the logs at this start.
    'UPDATE node SET rebuilding = 1',
  ],
};
