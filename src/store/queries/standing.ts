// What of an agent's acts stands towards something: its vote, its follow, its role, its ban.
import { type Did, subjectOf } from '../../protocol/did.ts';
import { hashOf, type ObjectName } from '../../protocol/object-name.ts';
import type { StandingView } from '../../protocol/views.ts';
import { isoTimeOrNull, name, nameOrNull, number, numberOrNull, textOrNull } from '../cell.ts';
import type { Database } from '../database.ts';
import { OWN_NODE } from './shown-did.ts';

const NOTHING: StandingView = { vote: null, follow: null, role: null, ban: null };

/** Towards the agent that has or had a DID. */
export async function getStandingTowardsAgent(
  db: Database,
  actor: Did,
  agent: Did,
): Promise<StandingView> {
  const [rows = []] = await db.batch('read', [
    {
      sql: `SELECT o.hash FROM follows AS f JOIN objects AS o ON o.id = f.act
WHERE f.follower = (SELECT id FROM agents WHERE did = ?1) AND f.followed = (SELECT id FROM agents WHERE did = ?2)
  AND f.node = ${OWN_NODE}`,
      args: [subjectOf(actor), subjectOf(agent)],
    },
  ]);
  const [row] = rows;
  return row === undefined ? NOTHING : { ...NOTHING, follow: name(row, 0) };
}

/** Towards a post, a comment or a submolt, as of `now` (ms); null if there is none of that name here. */
export async function getStandingTowards(
  db: Database,
  actor: Did,
  object: ObjectName,
  now: number,
): Promise<StandingView | null> {
  const [rows = []] = await db.batch('read', [
    {
      sql: `SELECT c.hash, v.value, s.hash, y.role, b.hash, y.banned_until
FROM objects AS t
LEFT JOIN items AS i ON i.object = t.id
JOIN submolts AS m ON m.object = coalesce(i.submolt, t.id)
LEFT JOIN agents AS a ON a.did = ?1
LEFT JOIN votes AS v ON v.item = i.object AND v.agent = a.id AND v.value <> 0
LEFT JOIN objects AS c ON c.id = v.act
LEFT JOIN memberships AS y ON y.agent = a.id AND y.submolt = m.object
LEFT JOIN objects AS s ON s.id = y.subscription
LEFT JOIN objects AS b ON b.id = y.ban
WHERE t.hash = ?2`,
      args: [subjectOf(actor), hashOf(object)],
    },
  ]);
  const [row] = rows;
  if (row === undefined) return null;
  const vote = nameOrNull(row, 0);
  const ban = nameOrNull(row, 4);
  const until = numberOrNull(row, 5);
  return {
    vote: vote && { act: vote, value: number(row, 1) > 0 ? 'up' : 'down' },
    follow: nameOrNull(row, 2),
    role: textOrNull(row, 3) as StandingView['role'],
    // A ban that has ended by itself stays on record until somebody lifts it.
    ban: ban && (until === null || until > now) ? { act: ban, until: isoTimeOrNull(until) } : null,
  };
}
