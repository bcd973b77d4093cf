// Migration 12: bans of agents from a node.
import type { Migration } from './migration.ts';

export const nodeBans: Migration = {
  version: 12,
  name: 'node-bans',
  statements: [
    `CREATE TABLE node_bans (
  agent INTEGER NOT NULL REFERENCES agents,
  node INTEGER NOT NULL REFERENCES agents,
  act INTEGER REFERENCES objects,
  until INTEGER,
  PRIMARY KEY (agent, node)
) STRICT, WITHOUT ROWID`,
    'CREATE INDEX node_bans_standing ON node_bans (node, act) WHERE act IS NOT NULL',
  ],
};
