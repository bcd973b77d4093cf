// Who follows an agent, and whom it follows, at this node: the newest first.
import { type Did, subjectOf } from '../../protocol/did.ts';
import type { FollowView, Page } from '../../protocol/views.ts';
import { did, isoTime, name, number, textOrNull } from '../cell.ts';
import { type Database, integer, type Row, type Statement } from '../database.ts';
import { cutPage, type Position, readCursor, TOP } from './page-cursor.ts';
import { OWN_NODE, shownDid, shownProfile } from './shown-did.ts';

export type FollowSide = 'followers' | 'following';

export interface FollowPage extends Page {
  readonly follows: readonly FollowView[];
}

/** SQL for the number of agents on one side of the agent with the number `agent`. */
export function countFollows(side: FollowSide, agent: string): string {
  const [, own] = columnsOf(side);
  return `(SELECT count(*) FROM follows WHERE ${own} = ${agent} AND act IS NOT NULL AND node = ${OWN_NODE})`;
}

function columnsOf(side: FollowSide): readonly [other: string, own: string] {
  return side === 'followers' ? ['follower', 'followed'] : ['followed', 'follower'];
}

export async function listFollows(
  db: Database,
  side: FollowSide,
  agent: Did,
  { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
): Promise<FollowPage> {
  const from = cursor === undefined ? TOP : readCursor(side, cursor);
  const [rows = []] = await db.batch('read', [pageStatement(side, agent, from, limit + 1)]);
  const { page, next_cursor } = cutPage(rows, limit, side, (row) => {
    const act = number(row, 0);
    return { key: act, object: act };
  });
  return { follows: page.map(viewOf), next_cursor };
}

function pageStatement(side: FollowSide, agent: Did, from: Position, limit: number): Statement {
  const [other, own] = columnsOf(side);
  return {
    sql: `WITH page (act, agent, node) AS MATERIALIZED (
  SELECT f.act, f.${other}, f.node FROM follows AS f
  WHERE f.${own} = (SELECT id FROM agents WHERE did = ?1) AND f.act IS NOT NULL AND f.act < ?2
    AND f.node = ${OWN_NODE}
  ORDER BY f.act DESC LIMIT ?3
)
SELECT page.act, o.hash, ${shownDid('a')}, f.title, e.t FROM page
CROSS JOIN objects AS o ON o.id = page.act
JOIN agents AS a ON a.id = page.agent
JOIN entries AS e ON e.object = o.id
JOIN logs AS l ON l.id = e.log AND l.submolt IS NULL AND l.home = page.node
${shownProfile('a.id')}
ORDER BY page.act DESC`,
    args: [subjectOf(agent), integer(from.object), integer(limit)],
  };
}

function viewOf(row: Row): FollowView {
  return {
    did: did(row, 2),
    name: textOrNull(row, 3),
    object: name(row, 1),
    verified: true,
    followed_at: isoTime(number(row, 4)),
  };
}
