// Rows of what an agent is in a submolt: role, subscription, ban, tallies.

import type { Membership } from '../domain/working-set.ts';
import type { Did } from '../protocol/did.ts';
import type { ObjectName } from '../protocol/object-name.ts';
import { did, hexList, hexOf, name, nameOrNull, number, numberOrNull, textOrNull } from './cell.ts';
import { integer, integerOrNull, type Row, type Statement } from './database.ts';
import type { Numbering } from './numbering.ts';
import { NAMED_OBJECTS } from './objects.ts';
import { valuesList } from './values-list.ts';

/** The memberships of these pairs, and of the authors of these items in the items' submolts. */
export function selectMemberships(
  pairs: readonly (readonly [Did, ObjectName])[],
  items: Iterable<ObjectName>,
): Statement {
  return {
    sql: `WITH named (id) AS (${NAMED_OBJECTS}),
pairs (agent, submolt) AS (
  SELECT a.id, o.id FROM json_each(?2) AS k
  CROSS JOIN agents AS a ON a.did = k.value ->> 0
  CROSS JOIN objects AS o ON o.hash = unhex(k.value ->> 1)
  UNION SELECT i.author, i.submolt FROM named CROSS JOIN items AS i ON i.object = named.id
)
SELECT a.id, a.did, s.id, s.hash, m.role, f.id, f.hash, b.id, b.hash, m.banned_until, m.karma, m.posts, m.comments
FROM pairs
CROSS JOIN memberships AS m ON m.agent = pairs.agent AND m.submolt = pairs.submolt
JOIN agents AS a ON a.id = m.agent
JOIN objects AS s ON s.id = m.submolt
LEFT JOIN objects AS f ON f.id = m.subscription
LEFT JOIN objects AS b ON b.id = m.ban`,
    args: [
      hexList(items),
      JSON.stringify(pairs.map(([agent, submolt]) => [agent, hexOf(submolt)])),
    ],
  };
}

export function readMembership(row: Row, numbering: Numbering): Membership {
  const membership: Membership = {
    agent: did(row, 1),
    submolt: name(row, 3),
    role: textOrNull(row, 4) as Membership['role'],
    subscription: nameOrNull(row, 6),
    ban: nameOrNull(row, 8),
    bannedUntil: numberOrNull(row, 9),
    karma: number(row, 10),
    posts: number(row, 11),
    comments: number(row, 12),
  };
  numbering.learnAgent(membership.agent, number(row, 0));
  numbering.learnObject(membership.submolt, number(row, 2));
  if (membership.subscription !== null) {
    numbering.learnObject(membership.subscription, number(row, 5));
  }
  if (membership.ban !== null) numbering.learnObject(membership.ban, number(row, 7));
  return membership;
}

const rows = valuesList(
  `INSERT INTO memberships (agent, submolt, role, subscription, ban, banned_until, karma, posts, comments)
VALUES`,
  9,
  `ON CONFLICT (agent, submolt) DO UPDATE SET role = excluded.role, subscription = excluded.subscription,
  ban = excluded.ban, banned_until = excluded.banned_until, karma = excluded.karma, posts = excluded.posts,
  comments = excluded.comments`,
);

export function writeMemberships(changed: Iterable<Membership>, numbering: Numbering): Statement[] {
  const object = (name: ObjectName | null) =>
    name === null ? null : integer(numbering.object(name));
  return rows(
    Array.from(changed, (row) => [
      integer(numbering.agent(row.agent)),
      integer(numbering.object(row.submolt)),
      row.role,
      object(row.subscription),
      object(row.ban),
      integerOrNull(row.bannedUntil),
      integer(row.karma),
      integer(row.posts),
      integer(row.comments),
    ]),
  );
}
