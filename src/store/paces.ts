// How agents have gone about at this home: the times that limits of new agents are decided by.
import { newPace, type Pace } from '../domain/pace.ts';
import { type Did, subjectOf } from '../protocol/did.ts';
import { numberOrNull, text } from './cell.ts';
import { integer, integerOrNull, type Row, type Statement } from './database.ts';

/** Of these agents, by subject; of one without a row since when it has been here otherwise. */
export function selectPaces(agents: Iterable<Did>): Statement {
  return {
    sql: `SELECT k.value, p.since, p.post_at, p.comment_at, p.comments, p.day_from, p.submolts,
  (SELECT min(f.joined_at) FROM profiles AS f WHERE f.agent = a.id),
  (SELECT min(i.created_at) FROM items AS i WHERE i.author = a.id AND i.parent IS NULL AND i.removed = 0 AND i.deleted = 0),
  (SELECT d.admitted_at FROM admissions AS d WHERE d.agent = k.value)
FROM json_each(?) AS k LEFT JOIN agents AS a ON a.did = k.value LEFT JOIN paces AS p ON p.agent = k.value`,
    args: [JSON.stringify([...new Set([...agents].map(subjectOf))])],
  };
}

/** Null for an agent of which nothing is known. */
export function readPace(row: Row): { readonly agent: Did; readonly pace: Pace | null } {
  const agent = text(row, 0) as Did;
  const since = numberOrNull(row, 1);
  if (since === null) {
    const known = [7, 8, 9].flatMap((column) => numberOrNull(row, column) ?? []);
    return { agent, pace: known.length === 0 ? null : newPace(Math.min(...known)) };
  }
  const pace = {
    since,
    postAt: numberOrNull(row, 2),
    commentAt: numberOrNull(row, 3),
    comments: numberOrNull(row, 4) ?? 0,
    dayFrom: numberOrNull(row, 5) ?? since,
    submolts: numberOrNull(row, 6) ?? 0,
  };
  return { agent, pace };
}

export function upsertPace(agent: Did, pace: Pace): Statement {
  return {
    sql: `INSERT INTO paces (agent, since, post_at, comment_at, comments, day_from, submolts) VALUES (?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (agent) DO UPDATE SET post_at = excluded.post_at, comment_at = excluded.comment_at,
  comments = excluded.comments, day_from = excluded.day_from, submolts = excluded.submolts`,
    args: [
      subjectOf(agent),
      integer(pace.since),
      integerOrNull(pace.postAt),
      integerOrNull(pace.commentAt),
      integer(pace.comments),
      integer(pace.dayFrom),
      integer(pace.submolts),
    ],
  };
}
