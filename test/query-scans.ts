// What statements a database was given, and that none of them walks through a whole table.
import { join } from 'node:path';
import Libsql from 'libsql';
import { expect } from 'vitest';
import type { Database, Statement } from '../src/store/database.ts';
import type { Sandbox } from './sandbox.ts';

/** Passes everything on and keeps one of each text. */
export function recorded(db: Database, seen: Map<string, Statement>): Database {
  return {
    durable: db.durable,
    batch(mode, statements) {
      for (const statement of statements) seen.set(statement.sql, statement);
      return db.batch(mode, statements);
    },
    close: () => db.close(),
  };
}

/** Tables of a handful of rows, and what is no table. */
const SMALL =
  /^SCAN (?:\d+ CONSTANT ROWS|CONSTANT ROW|node|holds|search_state|v|k|page|found|near|named|pairs|wanted|tree|chain|json_each|told|followed|bans|\(subquery-\d+\))(?:\s|$)/;

/** Of the peers that wait, one partial index has nothing but these. */
const WAITING = 'SCAN pending USING COVERING INDEX pending_home';
/** And another one has the few identities that have changed. */
const CHANGED = 'SCAN i USING INDEX identities_changed';
/** And this one what has changed since the search index has seen it. */
const STALE = 'SCAN d USING INDEX search_docs_stale';
/** Once for each step of the search index: one short row for each log. */
const BEHIND = 'LEFT JOIN search_cursors';
/** What FTS5 calls a walk along the texts of a term. */
const MATCHED = /^SCAN search_index VIRTUAL TABLE INDEX \d+:M/;
/** And one the few followers that wait to be answered. */
const UNANSWERED = 'SCAN f USING INDEX foreign_followers_waiting';
/** Counted when one more comes, and no more come than a node takes. */
const FOLLOWERS = 'SCAN foreign_followers USING COVERING INDEX foreign_followers_actor';

/** Of messages those that wait for another node, likewise. */
const UNDELIVERED = /^SCAN (?:deliveries|d) USING COVERING INDEX deliveries_waiting$/;

function scansOf(db: Libsql.Database, { sql, args }: Statement): string[] {
  const rows = db
    .prepare(`EXPLAIN QUERY PLAN ${sql}`)
    .raw(true)
    .all([...args]) as string[][];
  return rows
    .map((row) => String(row[3]))
    .filter(
      (step) =>
        step.startsWith('SCAN ') &&
        !SMALL.test(step) &&
        !UNDELIVERED.test(step) &&
        ![WAITING, CHANGED, UNANSWERED, FOLLOWERS].includes(step) &&
        step !== STALE &&
        !MATCHED.test(step) &&
        !sql.includes(BEHIND),
    );
}

export function expectNoScans(node: Sandbox, seen: Map<string, Statement>): void {
  const db = new Libsql(join(node.folder, 'node.db'));
  // A plan lists the scans of children that a multi-row insert of parents would make after a violation.
  db.exec('PRAGMA foreign_keys = OFF');
  const wrong: Record<string, string[]> = {};
  for (const statement of seen.values()) {
    const scans = scansOf(db, statement);
    if (scans.length > 0) wrong[statement.sql] = scans;
  }
  db.close();
  expect(wrong).toEqual({});
}
