// Agents: what they call themselves, and what their submolts, and their followers on this node, add up to.
import { type Did, parseDid, subjectOf } from '../../protocol/did.ts';
import { domainOf, type OwnerDid } from '../../protocol/owner-did.ts';
import type { AgentView, OwnerView } from '../../protocol/views.ts';
import { isoTime, isoTimeOrNull, name, number, numberOrNull, text, textOrNull } from '../cell.ts';
import { type Database, integer, type Row, type Statement } from '../database.ts';
import { countFollows } from './follows.ts';
import { OWN_NODE, SHOWN_OWNER, shownDid, shownProfile } from './shown-did.ts';

const MAX_OWNERS = 100;

/** By any DID the agent has or had, as of `now` (ms); null when nothing of or about it has come to this node. */
export async function getAgent(db: Database, did: Did, now: number): Promise<AgentView | null> {
  const statements = [agentStatement(did), ownersStatement(did, now)];
  const [rows = [], owners = []] = await db.batch('read', statements);
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
    owners: owners.map(readOwner),
    verified: true,
  };
}

function readOwner(row: Row): OwnerView {
  const did = text(row, 0) as OwnerDid;
  return {
    did,
    domain: domainOf(did),
    role: textOrNull(row, 1) as OwnerView['role'],
    since: isoTime(number(row, 2)),
    until: isoTime(number(row, 3)),
    form: text(row, 4) as OwnerView['form'],
    credential: name(row, 5),
    object: name(row, 6),
  };
}

function agentStatement(did: Did): Statement {
  return {
    sql: `SELECT f.title, f.summary, f.joined_at,
  (SELECT coalesce(sum(karma), 0) FROM memberships WHERE agent = a.id),
  (SELECT coalesce(sum(posts), 0) FROM memberships WHERE agent = a.id),
  (SELECT coalesce(sum(comments), 0) FROM memberships WHERE agent = a.id),
  ${countFollows('followers', 'a.id')},
  ${countFollows('following', 'a.id')},
  ${shownDid('a')}
FROM agents AS a ${shownProfile('a.id')}
WHERE a.did = ?`,
    args: [subjectOf(did)],
  };
}

function ownersStatement(did: Did, now: number): Statement {
  return {
    sql: `SELECT ${SHOWN_OWNER}, w.role, w.since, w.until, w.form, w.credential, o.hash
FROM owners AS w JOIN objects AS o ON o.id = w.act
WHERE w.agent = (SELECT id FROM agents WHERE did = ?1) AND w.node = ${OWN_NODE} AND w.ended IS NULL AND w.until > ?2
ORDER BY w.since DESC, o.id DESC LIMIT ${MAX_OWNERS}`,
    args: [subjectOf(did), integer(now)],
  };
}
