// Agents: what they call themselves on this node, and what their submolts and followers add up to.
import { type Did, parseDid, subjectOf } from '../../protocol/did.ts';
import type { AgentView } from '../../protocol/views.ts';
import { isoTimeOrNull, number, numberOrNull, text, textOrNull } from '../cell.ts';
import type { Database, Statement } from '../database.ts';
import { OWN_NODE, shownDid } from './shown-did.ts';

/** By any DID the agent has or had; null when nothing of or about it has come to this node. */
export async function getAgent(db: Database, did: Did): Promise<AgentView | null> {
  const [rows = []] = await db.batch('read', [agentStatement(did)]);
  const [row] = rows;
  if (row === undefined) return null;
  const shown = parseDid(text(row, 8));
  return {
    // Of somebody who was only spoken of, no DID log has come.
    did: shown ?? did,
    name: textOrNull(row, 0),
    description: textOrNull(row, 1) ?? '',
    karma: number(row, 3),
    posts_count: number(row, 4),
    comments_count: number(row, 5),
    follower_count: number(row, 6),
    following_count: number(row, 7),
    created_at: isoTimeOrNull(numberOrNull(row, 2)),
    verified: true,
  };
}

function agentStatement(did: Did): Statement {
  return {
    sql: `SELECT p.title, p.summary, p.joined_at,
  (SELECT coalesce(sum(karma), 0) FROM memberships WHERE agent = a.id),
  (SELECT coalesce(sum(posts), 0) FROM memberships WHERE agent = a.id),
  (SELECT coalesce(sum(comments), 0) FROM memberships WHERE agent = a.id),
  (SELECT count(*) FROM follows WHERE followed = a.id AND act IS NOT NULL),
  (SELECT count(*) FROM follows WHERE follower = a.id AND act IS NOT NULL),
  ${shownDid('a')}
FROM agents AS a LEFT JOIN profiles AS p ON p.agent = a.id AND p.node = ${OWN_NODE}
WHERE a.did = ?`,
    args: [subjectOf(did)],
  };
}
