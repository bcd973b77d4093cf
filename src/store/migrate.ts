// Brings a database to the schema of this program: forward only, each migration in one batch with its record.
import { createHash } from 'node:crypto';
import type { Database, Row } from './database.ts';
import { integer } from './database.ts';
import { StoreError } from './error.ts';
import { init } from './migrations/0001-init.ts';
import { identities } from './migrations/0002-identities.ts';
import { enrolments } from './migrations/0003-enrolments.ts';
import { owners } from './migrations/0004-owners.ts';
import { didDocuments } from './migrations/0005-did-documents.ts';
import { witnesses } from './migrations/0006-witnesses.ts';
import { delegations } from './migrations/0007-delegations.ts';
import { checkpoints } from './migrations/0008-checkpoints.ts';
import { withdrawals } from './migrations/0009-withdrawals.ts';
import { announcements } from './migrations/0010-announcements.ts';
import { evidence } from './migrations/0011-evidence.ts';
import { nodeBans } from './migrations/0012-node-bans.ts';
import { remains } from './migrations/0013-remains.ts';
import { holds } from './migrations/0014-holds.ts';
import { furtherHeads } from './migrations/0015-further-heads.ts';
import { profileTitles } from './migrations/0016-profile-titles.ts';
import { revocations } from './migrations/0017-revocations.ts';
import { arrivals } from './migrations/0018-arrivals.ts';
import { standings } from './migrations/0019-standings.ts';
import { notices } from './migrations/0020-notices.ts';
import { foreignFollowers } from './migrations/0021-foreign-followers.ts';
import { messages } from './migrations/0022-messages.ts';
import { noticesByAct } from './migrations/0023-notices-by-act.ts';
import { search } from './migrations/0024-search.ts';
import { admissions } from './migrations/0025-admissions.ts';
import { paces } from './migrations/0026-paces.ts';
import { contestedReplies } from './migrations/0027-contested-replies.ts';
import type { Migration } from './migrations/migration.ts';

export const migrations: readonly Migration[] = [
  init,
  identities,
  enrolments,
  owners,
  didDocuments,
  witnesses,
  delegations,
  checkpoints,
  withdrawals,
  announcements,
  evidence,
  nodeBans,
  remains,
  holds,
  furtherHeads,
  profileTitles,
  revocations,
  arrivals,
  standings,
  notices,
  foreignFollowers,
  messages,
  noticesByAct,
  search,
  admissions,
  paces,
  contestedReplies,
];

const RECORDS = `CREATE TABLE IF NOT EXISTS schema_migrations (
  version INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  checksum TEXT NOT NULL,
  applied_at INTEGER NOT NULL
) STRICT`;

/**
 * Applies what is missing. `now` in milliseconds. Throws StoreError `migration_newer` when the database knows
 * migrations this program does not, `migration_changed` when an applied one had other statements.
 */
export async function migrate(
  db: Database,
  now: () => number,
  known: readonly Migration[] = migrations,
): Promise<void> {
  await db.batch('write', [{ sql: RECORDS, args: [] }]);
  for (let applied = await appliedTo(db, known); applied < known.length; ) {
    try {
      await apply(db, known[applied] as Migration, now());
    } catch (error) {
      // Another process on the same server may have applied it first: then the record is there.
      const after = await appliedTo(db, known);
      if (after === applied) throw error;
    }
    applied = await appliedTo(db, known);
  }
}

async function apply(db: Database, migration: Migration, now: number): Promise<void> {
  const { version, name, statements } = migration;
  await db.batch('write', [
    {
      sql: 'INSERT INTO schema_migrations (version, name, checksum, applied_at) VALUES (?, ?, ?, ?)',
      args: [integer(version), name, checksumOf(migration), integer(now)],
    },
    ...statements.map((sql) => ({ sql, args: [] })),
  ]);
}

/** How many of the known migrations are applied; refuses a database that is not a prefix of them. */
async function appliedTo(db: Database, known: readonly Migration[]): Promise<number> {
  const [rows = []] = await db.batch('read', [
    { sql: 'SELECT version, name, checksum FROM schema_migrations ORDER BY version', args: [] },
  ]);
  rows.forEach((row, i) => {
    const [version, name, checksum] = row as Row;
    const migration = known[i];
    if (migration === undefined) {
      throw new StoreError(
        'migration_newer',
        `the database has migration ${version} (${name}); this program knows ${known.length}. Run a newer version`,
      );
    }
    if (version !== migration.version || checksum !== checksumOf(migration)) {
      throw new StoreError(
        'migration_changed',
        `migration ${version} (${name}) was applied with other statements than this program has`,
      );
    }
  });
  return rows.length;
}

/** What is wrong with the records of applied migrations, or null. */
export async function findMigrationFault(db: Database): Promise<string | null> {
  try {
    const applied = await appliedTo(db, migrations);
    return applied === migrations.length
      ? null
      : `${applied} of ${migrations.length} are applied: the database is of an older version, whose doctor can examine it. Starting the node applies the rest`;
  } catch (error) {
    if (error instanceof StoreError) return error.message;
    throw error;
  }
}

function checksumOf(migration: Migration): string {
  return createHash('sha256').update(migration.statements.join(';\n')).digest('hex');
}
