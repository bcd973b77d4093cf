// Migration 17: what has taken a delegation back is found by the entry that it is.
import type { Migration } from './migration.ts';

export const revocations: Migration = {
  version: 17,
  name: 'revocations',
  statements: [
    'CREATE INDEX delegation_states_revoked ON delegation_states (revoked) WHERE revoked IS NOT NULL',
  ],
};
