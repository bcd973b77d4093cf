// Statements about followers by ActivityPub: who they are, where they are told, how far they have been told. No words of anybody.
import { hashOf, type ObjectName } from '../protocol/object-name.ts';
import { integer, type Row, type Statement, type Value } from './database.ts';

const SUBMOLT = '(SELECT id FROM objects WHERE hash = ?)';
const INBOX = '(SELECT id FROM foreign_inboxes WHERE url = ?)';

export interface NewForeignFollower {
  readonly submolt: ObjectName;
  /** URL of the actor, and its host with the port if there is one. */
  readonly actor: string;
  readonly host: string;
  /** Where announcements go: shared by all followers of a host, if it has such a one. */
  readonly inbox: string;
  /** The actor's own inbox: where its Follow is answered. */
  readonly answerTo: string;
  /** Id of the Follow. */
  readonly follow: string;
}

/** Adds the follower, or has a new Follow of a known one answered. Told of is what comes from now on. */
export function insertForeignFollower(follower: NewForeignFollower, at: number): Statement[] {
  const { actor, answerTo, follow, host, inbox, submolt } = follower;
  return [
    {
      sql: `INSERT INTO foreign_inboxes (url, host, failures, retry_at) VALUES (?, ?, 0, 0)
ON CONFLICT (url) DO UPDATE SET retry_at = 0`,
      args: [inbox, host],
    },
    // An actor that has another inbox now is told there alone.
    forgetCursors(`f.actor = ? AND f.submolt = ${SUBMOLT} AND f.inbox <> ${INBOX}`, [
      actor,
      hashOf(submolt),
      inbox,
    ]),
    {
      sql: `INSERT INTO foreign_followers (submolt, actor, host, inbox, answer_to, follow, accepted, added_at)
VALUES (${SUBMOLT}, ?, ?, ${INBOX}, ?, ?, 0, ?)
ON CONFLICT (submolt, actor) DO UPDATE SET inbox = excluded.inbox, answer_to = excluded.answer_to,
  follow = excluded.follow, accepted = 0, added_at = excluded.added_at`,
      args: [hashOf(submolt), actor, host, inbox, answerTo, follow, integer(at)],
    },
    {
      sql: `INSERT INTO foreign_cursors (log, inbox, next)
SELECT l.id, ${INBOX}, l.size FROM logs AS l WHERE l.submolt = ${SUBMOLT} ON CONFLICT (log, inbox) DO NOTHING`,
      args: [inbox, hashOf(submolt)],
    },
  ];
}

/** By the actor itself, of one submolt or of all. */
export function deleteForeignFollower(actor: string, submolt: ObjectName | null): Statement[] {
  const which = `f.actor = ?${submolt === null ? '' : ` AND f.submolt = ${SUBMOLT}`}`;
  const args = submolt === null ? [actor] : [actor, hashOf(submolt)];
  const sql = `DELETE FROM foreign_followers AS f WHERE ${which}`;
  return [forgetCursors(which, args), { sql, args }];
}

/** Of followers `f` that are about to go: how far their inboxes have been told, where nobody else is told there. */
function forgetCursors(which: string, args: readonly Value[]): Statement {
  return {
    sql: `DELETE FROM foreign_cursors WHERE (log, inbox) IN (
  SELECT l.id, f.inbox FROM foreign_followers AS f CROSS JOIN logs AS l ON l.submolt = f.submolt
  WHERE ${which} AND NOT EXISTS (SELECT 1 FROM foreign_followers AS g
    WHERE g.inbox = f.inbox AND g.submolt = f.submolt AND g.actor <> f.actor))`,
    args,
  };
}

/** One whose Follow could not be answered. */
export function deleteUnanswered(follower: {
  readonly submolt: number;
  readonly actor: string;
}): Statement[] {
  return [
    {
      sql: 'DELETE FROM foreign_followers WHERE submolt = ? AND actor = ?',
      args: [integer(follower.submolt), follower.actor],
    },
    ...dropUnused(),
  ];
}

/** All followers that are told at one inbox. */
export function deleteFollowersAt(inbox: number): Statement[] {
  const sql = 'DELETE FROM foreign_followers WHERE inbox = ?';
  return [{ sql, args: [integer(inbox)] }, ...dropUnused()];
}

/** All followers of a submolt that has no name here any more. */
export function deleteFollowersOf(submolt: ObjectName): Statement[] {
  const args = [hashOf(submolt)];
  return [
    {
      sql: `DELETE FROM foreign_cursors WHERE log IN (SELECT id FROM logs WHERE submolt = ${SUBMOLT})`,
      args,
    },
    { sql: `DELETE FROM foreign_followers WHERE submolt = ${SUBMOLT}`, args },
  ];
}

/** Inboxes that nobody is told at any more. All are looked through, so this is for what an operator does, and for a start. */
export function dropUnused(): Statement[] {
  return [
    {
      sql: `DELETE FROM foreign_cursors WHERE NOT EXISTS (SELECT 1 FROM foreign_followers AS f
WHERE f.inbox = foreign_cursors.inbox AND f.submolt = (SELECT submolt FROM logs WHERE id = foreign_cursors.log))`,
      args: [],
    },
    {
      sql: `DELETE FROM foreign_inboxes WHERE NOT EXISTS
(SELECT 1 FROM foreign_followers AS f WHERE f.inbox = foreign_inboxes.id)`,
      args: [],
    },
  ];
}

/** The Follow has been answered; a newer one has not. */
export function setAccepted(follower: {
  readonly submolt: number;
  readonly actor: string;
  readonly follow: string;
}): Statement {
  return {
    sql: 'UPDATE foreign_followers SET accepted = 1 WHERE submolt = ? AND actor = ? AND follow = ?',
    args: [integer(follower.submolt), follower.actor, follower.follow],
  };
}

export function setCursor(log: number, inbox: number, next: number): Statement {
  return {
    sql: 'UPDATE foreign_cursors SET next = max(next, ?) WHERE log = ? AND inbox = ?',
    args: [integer(next), integer(log), integer(inbox)],
  };
}

/** All inboxes of a log have been told what there was before `next`. */
export function raiseCursors(log: number, next: number): Statement {
  return {
    sql: 'UPDATE foreign_cursors SET next = ?1 WHERE log = ?2 AND next < ?1',
    args: [integer(next), integer(log)],
  };
}

export function setSoftware(inbox: number, software: string): Statement {
  const sql = 'UPDATE foreign_inboxes SET software = ? WHERE id = ?';
  return { sql, args: [software, integer(inbox)] };
}

export function inboxAnswered(inbox: number): Statement {
  return {
    sql: 'UPDATE foreign_inboxes SET failures = 0, retry_at = 0, failing_since = NULL, error = NULL WHERE id = ? AND failures > 0',
    args: [integer(inbox)],
  };
}

export function inboxFailed(
  inbox: number,
  failure: { readonly error: string; readonly at: number; readonly retryAt: number },
): Statement {
  return {
    sql: `UPDATE foreign_inboxes SET failures = failures + 1, retry_at = ?, error = ?,
  failing_since = coalesce(failing_since, ?) WHERE id = ?`,
    args: [integer(failure.retryAt), failure.error, integer(failure.at), integer(inbox)],
  };
}

/** `id`: hash over who sent it and what it is called. */
export function selectSeen(id: Uint8Array): Statement {
  return { sql: 'SELECT 1 FROM foreign_seen WHERE id = ?', args: [id] };
}

export function insertSeen(id: Uint8Array, at: number, forgetBefore: number): Statement[] {
  return [
    { sql: 'DELETE FROM foreign_seen WHERE seen_at < ?', args: [integer(forgetBefore)] },
    {
      sql: 'INSERT INTO foreign_seen (id, seen_at) VALUES (?, ?) ON CONFLICT (id) DO NOTHING',
      args: [id, integer(at)],
    },
  ];
}

/** Followers of the submolt, those at the host, those of all submolts, and whether the actor is one of them already. */
export function selectFollowing(submolt: ObjectName, host: string, actor: string): Statement {
  return {
    sql: `SELECT (SELECT count(*) FROM foreign_followers WHERE submolt = s.id),
  (SELECT count(*) FROM foreign_followers WHERE submolt = s.id AND host = ?2),
  EXISTS (SELECT 1 FROM foreign_followers WHERE submolt = s.id AND actor = ?3),
  (SELECT count(*) FROM foreign_followers)
FROM objects AS s WHERE s.hash = ?1`,
    args: [hashOf(submolt), host, actor],
  };
}

export function readFollowing(row: Row | undefined) {
  const [all, here, known, total] = row ?? [0, 0, 0, 0];
  return { all: Number(all), here: Number(here), known: known === 1, total: Number(total) };
}

/** What has come from the host is dropped with the decision. Subdomains go with their domain. */
export function denyHost(host: string, at: number): Statement[] {
  return [
    {
      sql: 'INSERT INTO denied_hosts (host, denied_at) VALUES (?, ?) ON CONFLICT (host) DO NOTHING',
      args: [host, integer(at)],
    },
    {
      sql: `DELETE FROM foreign_followers WHERE host = ?1 OR substr(host, -length(?1) - 1) = '.' || ?1`,
      args: [host],
    },
    ...dropUnused(),
  ];
}

export function allowHost(host: string): Statement {
  return { sql: 'DELETE FROM denied_hosts WHERE host = ?', args: [host] };
}
