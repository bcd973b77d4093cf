// Rows of profiles and of agents following agents, each in one node's system log.
import type { AgentFollow, Profile } from '../domain/working-set.ts';
import type { Did } from '../protocol/did.ts';
import { did, name, nameOrNull, number, text } from './cell.ts';
import { integer, type Row, type Statement } from './database.ts';
import type { Numbering } from './numbering.ts';
import { valuesList } from './values-list.ts';

export function selectProfiles(agents: Iterable<Did>, node: Did): Statement {
  return {
    sql: `SELECT a.id, a.did, n.id, n.did, p.title, p.summary, p.joined_at, p.updated_at
FROM json_each(?1) AS k
CROSS JOIN agents AS a ON a.did = k.value
CROSS JOIN agents AS n ON n.did = ?2
CROSS JOIN profiles AS p ON p.agent = a.id AND p.node = n.id`,
    args: [JSON.stringify([...agents]), node],
  };
}

export function readProfile(row: Row, numbering: Numbering): Profile {
  const profile: Profile = {
    agent: did(row, 1),
    node: did(row, 3),
    title: text(row, 4),
    summary: text(row, 5),
    joinedAt: number(row, 6),
    updatedAt: number(row, 7),
  };
  numbering.learnAgent(profile.agent, number(row, 0));
  numbering.learnAgent(profile.node, number(row, 2));
  return profile;
}

const profileRows = valuesList(
  'INSERT INTO profiles (agent, node, title, summary, joined_at, updated_at) VALUES',
  6,
  `ON CONFLICT (agent, node) DO UPDATE SET title = excluded.title, summary = excluded.summary,
  joined_at = excluded.joined_at, updated_at = excluded.updated_at`,
);

/** Profiles that are no more, in the system log of `node`. */
export function deleteProfiles(
  agents: Iterable<string>,
  node: Did,
  numbering: Numbering,
): Statement[] {
  return Array.from(agents, (agent) => ({
    sql: 'DELETE FROM profiles WHERE agent = ? AND node = ?',
    args: [integer(numbering.agent(agent as Did)), integer(numbering.agent(node))],
  }));
}

export function writeProfiles(changed: Iterable<Profile>, numbering: Numbering): Statement[] {
  return profileRows(
    Array.from(changed, (row) => [
      integer(numbering.agent(row.agent)),
      integer(numbering.agent(row.node)),
      row.title,
      row.summary,
      integer(row.joinedAt),
      integer(row.updatedAt),
    ]),
  );
}

export function selectFollows(pairs: readonly (readonly [Did, Did])[], node: Did): Statement {
  return {
    sql: `SELECT a.id, a.did, b.id, b.did, n.id, n.did, o.id, o.hash FROM json_each(?1) AS k
CROSS JOIN agents AS a ON a.did = k.value ->> 0
CROSS JOIN agents AS b ON b.did = k.value ->> 1
CROSS JOIN agents AS n ON n.did = ?2
CROSS JOIN follows AS f ON f.follower = a.id AND f.followed = b.id AND f.node = n.id
LEFT JOIN objects AS o ON o.id = f.act`,
    args: [JSON.stringify(pairs), node],
  };
}

export function readFollow(row: Row, numbering: Numbering): AgentFollow {
  const act = nameOrNull(row, 7);
  const follow: AgentFollow = {
    follower: did(row, 1),
    followed: did(row, 3),
    node: did(row, 5),
    act,
  };
  numbering.learnAgent(follow.follower, number(row, 0));
  numbering.learnAgent(follow.followed, number(row, 2));
  numbering.learnAgent(follow.node, number(row, 4));
  if (act !== null) numbering.learnObject(name(row, 7), number(row, 6));
  return follow;
}

const followRows = valuesList(
  'INSERT INTO follows (follower, followed, node, act) VALUES',
  4,
  'ON CONFLICT (follower, followed, node) DO UPDATE SET act = excluded.act',
);

export function writeFollows(changed: Iterable<AgentFollow>, numbering: Numbering): Statement[] {
  return followRows(
    Array.from(changed, (row) => [
      integer(numbering.agent(row.follower)),
      integer(numbering.agent(row.followed)),
      integer(numbering.agent(row.node)),
      row.act === null ? null : integer(numbering.object(row.act)),
    ]),
  );
}
