// Migration 25: agents that were let in, by what, and on whose invitation.
import type { Migration } from './migration.ts';

export const admissions: Migration = {
  version: 25,
  name: 'admissions',
  statements: [
    // `agent` and `issuer` are subjects: what agents are, whatever their DIDs are called by now.
    `CREATE TABLE admissions (
  agent TEXT PRIMARY KEY,
  means TEXT NOT NULL CHECK (means IN ('pow', 'invite')),
  invitation TEXT,
  issuer TEXT,
  admitted_at INTEGER NOT NULL,
  CHECK ((means = 'invite') = (invitation IS NOT NULL AND issuer IS NOT NULL))
) STRICT, WITHOUT ROWID`,
    'CREATE INDEX admissions_invitation ON admissions (issuer, invitation) WHERE invitation IS NOT NULL',
    'CREATE INDEX admissions_issuer ON admissions (issuer, admitted_at) WHERE invitation IS NOT NULL',
  ],
};
