// What there is to tell followers by ActivityPub, and what their operator sees of them.
import { hashOf, type ObjectName } from '../../protocol/object-name.ts';
import { name, number, numberOrNull, text, textOrNull } from '../cell.ts';
import { type Database, integer, type Row } from '../database.ts';

/** An inbox, and how it has answered lately. */
export interface ForeignInbox {
  readonly id: number;
  readonly url: string;
  readonly host: string;
  /** What NodeInfo calls the software there; empty if it does not say, null if nobody has asked. */
  readonly software: string | null;
  readonly failures: number;
  /** Milliseconds; 0 for now. */
  readonly retryAt: number;
  readonly failingSince: number | null;
  readonly error: string | null;
}

const INBOX = 'x.id, x.url, x.host, x.software, x.failures, x.retry_at, x.failing_since, x.error';

function readInbox(row: Row, from: number): ForeignInbox {
  return {
    id: number(row, from),
    url: text(row, from + 1),
    host: text(row, from + 2),
    software: textOrNull(row, from + 3),
    failures: number(row, from + 4),
    retryAt: number(row, from + 5),
    failingSince: numberOrNull(row, from + 6),
    error: textOrNull(row, from + 7),
  };
}

/** A log that somebody follows by ActivityPub. */
export interface FollowedLog {
  readonly id: number;
  readonly origin: string;
  readonly size: number;
  /** The first entry that some inbox has not been told of. */
  readonly next: number;
}

export async function listFollowedLogs(db: Database): Promise<FollowedLog[]> {
  const sql = `SELECT l.id, l.origin, l.size, min(c.next) FROM foreign_cursors AS c
JOIN logs AS l ON l.id = c.log AND l.is_home = 1 GROUP BY c.log`;
  const [rows = []] = await db.batch('read', [{ sql, args: [] }]);
  return rows.map((row) => ({
    id: number(row, 0),
    origin: text(row, 1),
    size: number(row, 2),
    next: number(row, 3),
  }));
}

export interface LaggingInbox {
  readonly inbox: ForeignInbox;
  readonly next: number;
}

/** Inboxes that have not been told of everything before `end`, once somebody there has been accepted. */
export async function listLaggingInboxes(
  db: Database,
  log: number,
  end: number,
): Promise<LaggingInbox[]> {
  const sql = `SELECT ${INBOX}, c.next FROM foreign_cursors AS c JOIN foreign_inboxes AS x ON x.id = c.inbox
WHERE c.log = ?1 AND c.next < ?2 AND EXISTS (SELECT 1 FROM foreign_followers AS f
  WHERE f.inbox = c.inbox AND f.submolt = (SELECT submolt FROM logs WHERE id = ?1) AND f.accepted = 1)`;
  const args = [integer(log), integer(end)];
  const [rows = []] = await db.batch('read', [{ sql, args }]);
  return rows.map((row) => ({ inbox: readInbox(row, 0), next: number(row, 8) }));
}

/** A Follow that has not been answered. */
export interface WaitingFollower {
  readonly inbox: ForeignInbox;
  readonly submolt: number;
  readonly slug: string;
  /** Origin of its log. */
  readonly log: string;
  readonly actor: string;
  readonly answerTo: string;
  readonly follow: string;
  /** Milliseconds: when the Follow came. */
  readonly followedAt: number;
}

export async function listWaitingFollowers(
  db: Database,
  limit: number,
): Promise<WaitingFollower[]> {
  const sql = `SELECT ${INBOX}, f.submolt, m.slug, f.actor, f.answer_to, f.follow, f.added_at, l.origin
FROM foreign_followers AS f JOIN foreign_inboxes AS x ON x.id = f.inbox
JOIN submolts AS m ON m.object = f.submolt JOIN logs AS l ON l.submolt = f.submolt
WHERE f.accepted = 0 ORDER BY x.retry_at, f.added_at LIMIT ?`;
  const [rows = []] = await db.batch('read', [{ sql, args: [integer(limit)] }]);
  return rows.map((row) => ({
    inbox: readInbox(row, 0),
    submolt: number(row, 8),
    slug: text(row, 9),
    actor: text(row, 10),
    answerTo: text(row, 11),
    follow: text(row, 12),
    followedAt: number(row, 13),
    log: text(row, 14),
  }));
}

export async function isForeignFollower(db: Database, actor: string): Promise<boolean> {
  const sql = 'SELECT 1 FROM foreign_followers WHERE actor = ? LIMIT 1';
  const [rows = []] = await db.batch('read', [{ sql, args: [actor] }]);
  return rows.length > 0;
}

/** The submolt that an actor's Follow of that id was for. */
export async function findFollowed(
  db: Database,
  actor: string,
  follow: string,
): Promise<ObjectName | null> {
  const sql = `SELECT o.hash FROM foreign_followers AS f JOIN objects AS o ON o.id = f.submolt
WHERE f.actor = ? AND f.follow = ?`;
  const [rows = []] = await db.batch('read', [{ sql, args: [actor, follow] }]);
  return rows[0] === undefined ? null : name(rows[0], 0);
}

/** Those whose Follow has been answered. */
export async function countForeignFollowers(db: Database, submolt: ObjectName): Promise<number> {
  const sql = `SELECT count(*) FROM foreign_followers
WHERE submolt = (SELECT id FROM objects WHERE hash = ?) AND accepted = 1`;
  const [rows = []] = await db.batch('read', [{ sql, args: [hashOf(submolt)] }]);
  return number(rows[0] as Row, 0);
}

/**
 * Whether the operator has denied the host or a domain above it, or has dropped a node there. `domains`: the host, then what is
 * left of it from each dot on.
 */
export async function isDenied(db: Database, domains: readonly string[]): Promise<boolean> {
  const [denied = [], dropped = []] = await db.batch('read', [
    {
      sql: 'SELECT 1 FROM json_each(?) AS k CROSS JOIN denied_hosts AS d ON d.host = k.value LIMIT 1',
      args: [JSON.stringify(domains)],
    },
    {
      sql: `SELECT 1 FROM json_each(?) AS k CROSS JOIN peers AS p ON p.url IN ('https://' || k.value, 'http://' || k.value)
WHERE p.dropped_at IS NOT NULL LIMIT 1`,
      args: [JSON.stringify(domains.slice(0, 1))],
    },
  ]);
  return denied.length + dropped.length > 0;
}

export interface ForeignState {
  readonly denied: readonly { readonly host: string; readonly at: number }[];
  readonly inboxes: readonly (ForeignInbox & { readonly followers: number })[];
  /** Followers of each submolt, by slug. */
  readonly followers: readonly { readonly slug: string; readonly count: number }[];
}

/** What an operator sees; `limit` of each list. */
export async function readForeignState(db: Database, limit: number): Promise<ForeignState> {
  const [denied = [], inboxes = [], followers = []] = await db.batch('read', [
    {
      sql: 'SELECT host, denied_at FROM denied_hosts ORDER BY host LIMIT ?',
      args: [integer(limit)],
    },
    {
      sql: `SELECT ${INBOX}, (SELECT count(*) FROM foreign_followers AS f WHERE f.inbox = x.id)
FROM foreign_inboxes AS x ORDER BY x.failures DESC, x.host LIMIT ?`,
      args: [integer(limit)],
    },
    {
      sql: `SELECT m.slug, count(*) FROM foreign_followers AS f JOIN submolts AS m ON m.object = f.submolt
GROUP BY f.submolt ORDER BY 2 DESC LIMIT ?`,
      args: [integer(limit)],
    },
  ]);
  return {
    denied: denied.map((row) => ({ host: text(row, 0), at: number(row, 1) })),
    inboxes: inboxes.map((row) => ({ ...readInbox(row, 0), followers: number(row, 8) })),
    followers: followers.map((row) => ({ slug: text(row, 0), count: number(row, 1) })),
  };
}

export interface ForeignTotals {
  readonly followers: number;
  readonly inboxes: number;
  readonly failing: number;
}

export async function countForeign(db: Database): Promise<ForeignTotals> {
  const sql = `SELECT (SELECT count(*) FROM foreign_followers), (SELECT count(*) FROM foreign_inboxes),
  (SELECT count(*) FROM foreign_inboxes WHERE failures > 0)`;
  const [rows = []] = await db.batch('read', [{ sql, args: [] }]);
  const [row = [0, 0, 0]] = rows;
  return { followers: number(row, 0), inboxes: number(row, 1), failing: number(row, 2) };
}
