// What an agent is told of, newest first: so many rows of three indexes at a time, and which of them are shown.
import { type Did, subjectOf } from '../../protocol/did.ts';
import { number, numberOrNull, text } from '../cell.ts';
import { integer, type Row, type Statement } from '../database.ts';
import { READ_ALL, readOf } from './read-marks.ts';
import { OWN_NODE } from './shown-did.ts';

export interface Scan {
  /** Only what came before the object of this number. */
  readonly before: number;
  /** Only what is not covered by the agent's mark of everything. */
  readonly unread: boolean;
  /** Rows looked at. */
  readonly window: number;
  /** Milliseconds: bans that stand now hide what the banned have said. */
  readonly now: number;
}

export interface Told {
  /** Number of the act: the order of notifications is that in which acts came to this node. */
  readonly act: number;
  readonly topic: string;
  /** Number of the item or submolt that it is about. */
  readonly about: number | null;
  readonly value: number;
  /** Number of whoever did it, where rows say so. */
  readonly sender: number | null;
  /** Number of the post whose thread it belongs to. */
  readonly post: number | null;
  /** The item is a comment. */
  readonly isComment: boolean;
  /** It answers a comment, not a post. */
  readonly answersComment: boolean;
  readonly ownPost: boolean;
  readonly read: boolean;
  readonly shown: boolean;
}

const ME = '(SELECT id FROM agents WHERE did = ?1)';

/** SQL for whether the row `f` is not the first of its pair: an agent may follow another at several nodes. */
const SECOND_FOLLOW = `EXISTS (SELECT 1 FROM follows AS g WHERE g.follower = f.follower
        AND g.followed = f.followed AND g.act IS NOT NULL AND (g.act, g.node) < (f.act, f.node))`;

/** SQL for whether the agent is banned now from this node. */
const outcast = (agent: string) => `EXISTS (SELECT 1 FROM node_bans AS nb WHERE nb.agent = ${agent}
      AND nb.node = ${OWN_NODE} AND nb.act IS NOT NULL AND (nb.until IS NULL OR nb.until > ?5))`;
const banned = `EXISTS (SELECT 1 FROM memberships AS mb WHERE mb.agent = i.author AND mb.submolt = i.submolt
      AND mb.ban IS NOT NULL AND (mb.banned_until IS NULL OR mb.banned_until > ?5))`;
const stands = `i.removed = 0 AND i.deleted = 0
      AND NOT EXISTS (SELECT 1 FROM withdrawals AS wd WHERE wd.object = i.object)`;

/** The newest of each source are enough to make the newest of all. */
export function scanStatement(agent: Did, { before, unread, window, now }: Scan): Statement {
  const from = unread ? READ_ALL : '0';
  return {
    sql: `WITH told (act, topic, about, value, sender) AS MATERIALIZED (
  SELECT * FROM (SELECT r.object, 'reply', r.object, 0, r.author FROM items AS r
    WHERE r.answers = ${ME} AND r.answers IS NOT NULL AND r.removed = 0 AND r.deleted = 0
      AND r.object > ${from} AND r.object < ?2 ORDER BY r.object DESC LIMIT ?3)
  UNION ALL SELECT * FROM (SELECT m.act, 'mention', m.item, 0, w.author FROM mentions AS m
    CROSS JOIN items AS w ON w.object = m.item
    WHERE m.did = ?1 AND m.act > ${from} AND m.act < ?2 ORDER BY m.act DESC LIMIT ?3)
  UNION ALL SELECT * FROM (SELECT n.act, n.topic, n.about, n.value, NULL FROM notices AS n
    WHERE n.agent = ${ME} AND n.act > ${from} AND n.act < ?2 ORDER BY n.act DESC LIMIT ?3)
  UNION ALL SELECT * FROM (SELECT f.act, 'follow', NULL, 0, f.follower FROM follows AS f
    WHERE f.followed = ${ME} AND f.act IS NOT NULL AND f.act > ${from} AND f.act < ?2
      AND NOT ${SECOND_FOLLOW}
    ORDER BY f.act DESC LIMIT ?3)
  ORDER BY 1 DESC LIMIT ?3
)
SELECT told.act, told.topic, told.about, told.value, told.sender, i.root, i.depth, p.author = ${ME},
  told.act <= ${READ_ALL} OR told.act <= ${readOf('i.root')},
  CASE told.topic
    WHEN 'reply' THEN ${stands} AND NOT ${banned} AND NOT ${outcast('i.author')}
    WHEN 'mention' THEN ${stands} AND NOT ${banned} AND NOT ${outcast('i.author')}
    WHEN 'votes' THEN ${stands}
    WHEN 'follow' THEN NOT ${outcast('told.sender')}
    ELSE ?4 END
FROM told
LEFT JOIN items AS i ON i.object = told.about
LEFT JOIN items AS p ON p.object = i.root
ORDER BY told.act DESC`,
    args: [subjectOf(agent), integer(before), integer(window), 1n, integer(now)],
  };
}

export function readTold(row: Row): Told {
  const depth = numberOrNull(row, 6) ?? 0;
  return {
    act: number(row, 0),
    topic: text(row, 1),
    about: numberOrNull(row, 2),
    value: number(row, 3),
    sender: numberOrNull(row, 4),
    post: numberOrNull(row, 5),
    isComment: depth > 0,
    answersComment: depth > 1,
    ownPost: numberOrNull(row, 7) === 1,
    read: number(row, 8) === 1,
    shown: numberOrNull(row, 9) === 1,
  };
}
