// Migration 2: what DID logs have come to, as each node's system log and each submolt's log has them.
import type { Migration } from './migration.ts';

// `did` is what the agent is called by that version; `keys` is JSON: those that sign for it then.
const columns = `statement INTEGER NOT NULL REFERENCES objects,
  did TEXT NOT NULL,
  version INTEGER NOT NULL,
  version_id TEXT NOT NULL,
  keys TEXT NOT NULL,
  deactivated INTEGER NOT NULL`;

export const identities: Migration = {
  version: 2,
  name: 'identities',
  statements: [
    `CREATE TABLE identities (
  agent INTEGER NOT NULL REFERENCES agents,
  node INTEGER NOT NULL REFERENCES agents,
  ${columns},
  PRIMARY KEY (agent, node)
) STRICT, WITHOUT ROWID`,
    `CREATE TABLE identity_places (
  agent INTEGER NOT NULL REFERENCES agents,
  submolt INTEGER NOT NULL REFERENCES objects,
  ${columns},
  PRIMARY KEY (agent, submolt)
) STRICT, WITHOUT ROWID`,
  ],
};
