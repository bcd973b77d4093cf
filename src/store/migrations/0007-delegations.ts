// Migration 7: what agents let others do in their name, where that stands, and which words were signed so.
import type { Migration } from './migration.ts';

export const delegations: Migration = {
  version: 7,
  name: 'delegations',
  statements: [
    // Agents are subjects. `capability` is the JSON that was signed; `key_id` is null for a delegator without a DID log.
    `CREATE TABLE delegations (
  object INTEGER PRIMARY KEY REFERENCES objects,
  parent INTEGER REFERENCES objects,
  delegator INTEGER NOT NULL REFERENCES agents,
  delegate INTEGER NOT NULL REFERENCES agents,
  principal INTEGER NOT NULL REFERENCES agents,
  depth INTEGER NOT NULL,
  capability TEXT NOT NULL,
  key_id TEXT
) STRICT`,
    'CREATE INDEX delegations_delegator ON delegations (delegator, object)',
    'CREATE INDEX delegations_delegate ON delegations (delegate, object)',
    `CREATE TABLE delegation_states (
  object INTEGER NOT NULL REFERENCES objects,
  node INTEGER NOT NULL REFERENCES agents,
  revoked INTEGER REFERENCES objects,
  PRIMARY KEY (object, node)
) STRICT, WITHOUT ROWID`,
    `CREATE TABLE delegation_places (
  object INTEGER NOT NULL REFERENCES objects,
  submolt INTEGER NOT NULL REFERENCES objects,
  PRIMARY KEY (object, submolt)
) STRICT, WITHOUT ROWID`,
    'ALTER TABLE items ADD COLUMN delegation INTEGER REFERENCES objects',
  ],
};
