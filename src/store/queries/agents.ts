// Agents: what they call themselves, and what their submolts, and their followers on this node, add up to.
import { type Did, parseDid, subjectOf } from '../../protocol/did.ts';
import { domainOf, type OwnerDid } from '../../protocol/owner-did.ts';
import type { AgentView, OwnerView } from '../../protocol/views.ts';
import {
  did as didOf,
  isoTime,
  isoTimeOrNull,
  name,
  number,
  numberOrNull,
  text,
  textOrNull,
} from '../cell.ts';
import { type Database, integer, type Row, type Statement } from '../database.ts';
import { countFollows } from './follows.ts';
import { OWN_NODE, SHOWN_OWNER, shownDid, shownProfile } from './shown-did.ts';

const MAX_OWNERS = 100;

/** By any DID the agent has or had, as of `now` (ms); null when nothing of or about it has come to this node. */
export async function getAgent(db: Database, did: Did, now: number): Promise<AgentView | null> {
  const sql = 'SELECT id FROM agents WHERE did = ?';
  const [found = []] = await db.batch('read', [{ sql, args: [subjectOf(did)] }]);
  const [row] = found;
  if (row === undefined) return null;
  const [agent] = (await agentsByNumber(db, [number(row, 0)], now)).values();
  // Of somebody who was only spoken of, no DID log has come.
  return agent === undefined ? null : { ...agent, did: parseDid(agent.did) ?? did };
}

/** Agents by their numbers, in that order, as of `now` (ms). */
export async function agentsByNumber(
  db: Database,
  numbers: readonly number[],
  now: number,
): Promise<Map<number, AgentView>> {
  if (numbers.length === 0) return new Map();
  const statements = numbers.flatMap((one) => [agentStatement(one), ownersStatement(one, now)]);
  const answers = await db.batch('read', statements);
  return new Map(
    numbers.flatMap((one, i) => {
      const [row] = answers[2 * i] ?? [];
      return row === undefined ? [] : [[one, agentView(row, answers[2 * i + 1] ?? [])] as const];
    }),
  );
}

function agentView(row: Row, owners: readonly Row[]): AgentView {
  return {
    did: didOf(row, 8),
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

function agentStatement(agent: number): Statement {
  return {
    sql: `SELECT f.title, f.summary, f.joined_at,
  (SELECT coalesce(sum(karma), 0) FROM memberships WHERE agent = a.id),
  (SELECT coalesce(sum(posts), 0) FROM memberships WHERE agent = a.id),
  (SELECT coalesce(sum(comments), 0) FROM memberships WHERE agent = a.id),
  ${countFollows('followers', 'a.id')},
  ${countFollows('following', 'a.id')},
  ${shownDid('a')}
FROM agents AS a ${shownProfile('a.id')}
WHERE a.id = ?`,
    args: [integer(agent)],
  };
}

function ownersStatement(agent: number, now: number): Statement {
  return {
    sql: `SELECT ${SHOWN_OWNER}, w.role, w.since, w.until, w.form, w.credential, o.hash
FROM owners AS w JOIN objects AS o ON o.id = w.act
WHERE w.agent = ?1 AND w.node = ${OWN_NODE} AND w.ended IS NULL AND w.until > ?2
ORDER BY w.since DESC, o.id DESC LIMIT ${MAX_OWNERS}`,
    args: [integer(agent), integer(now)],
  };
}
