// The first agents of this node in several orders, worked out in steps: no column has what an agent's submolts add up to.
import { setImmediate } from 'node:timers/promises';
import type { AgentView, Page } from '../../protocol/views.ts';
import { number, numberOrNull } from '../cell.ts';
import { type Database, integer, type Row } from '../database.ts';
import { agentsByNumber } from './agents.ts';
import { cutPage, type Position, readCursor, TOP } from './page-cursor.ts';
import { OWN_NODE } from './shown-did.ts';

/** Numbers of agents looked at in one step. */
const STEP = 1000;
/** Agents kept of each order. */
const KEPT = 1000;

/** By karma; by when they joined this node, or another whose system log is here; by their newest post. */
export type AgentSort = 'karma' | 'new' | 'active';
export const AGENT_SORTS: readonly [AgentSort, ...AgentSort[]] = ['karma', 'new', 'active'];

/** The highest first. */
export type Directory = Readonly<Record<AgentSort, readonly Position[]>>;

/** Ranks the agents that have a profile here, but for those the node has banned as of `now` (ms). */
export async function rankAgents(db: Database, now: number): Promise<Directory> {
  const orders: Record<AgentSort, Position[]> = { karma: [], new: [], active: [] };
  const last = await read(db, 'SELECT coalesce(max(id), 0) FROM agents');
  const end = number(last[0] as Row, 0);
  for (let from = 0; from < end; from += STEP) {
    const span = [integer(from), integer(from + STEP), integer(now)];
    for (const row of await read(db, RANKED, span)) {
      const object = number(row, 0);
      orders.karma.push({ key: number(row, 1), object });
      orders.new.push({ key: number(row, 2), object });
      const active = numberOrNull(row, 3);
      if (active !== null) orders.active.push({ key: active, object });
    }
    for (const sort of AGENT_SORTS) orders[sort] = first(orders[sort]);
    await setImmediate();
  }
  return orders;
}

async function read(db: Database, sql: string, args: readonly bigint[] = []): Promise<Row[]> {
  return (await db.batch('read', [{ sql, args }]))[0] ?? [];
}

function first(positions: readonly Position[]): Position[] {
  return positions.toSorted((a, b) => b.key - a.key || b.object - a.object).slice(0, KEPT);
}

const RANKED = `SELECT f.agent, (SELECT coalesce(sum(karma), 0) FROM memberships WHERE agent = f.agent), max(f.joined_at),
  (SELECT max(i.created_at) FROM items AS i WHERE i.author = f.agent AND i.parent IS NULL AND i.removed = 0 AND i.deleted = 0)
FROM profiles AS f WHERE f.agent > ?1 AND f.agent <= ?2
  AND NOT EXISTS (SELECT 1 FROM node_bans AS b WHERE b.agent = f.agent AND b.node = ${OWN_NODE}
    AND b.act IS NOT NULL AND coalesce(b.until > ?3, true))
GROUP BY f.agent`;

export interface DirectoryQuery {
  readonly sort: AgentSort;
  readonly limit: number;
  readonly cursor?: string | undefined;
  /** Milliseconds. */
  readonly now: number;
}

/** One page of agents as they are now. Throws StoreError `cursor_invalid`. */
export async function listAgents(
  db: Database,
  directory: Directory,
  { cursor, limit, now, sort }: DirectoryQuery,
): Promise<{ readonly agents: readonly AgentView[] } & Page> {
  const order = `a-${sort}`;
  const from = cursor === undefined ? TOP : readCursor(order, cursor);
  const rest = directory[sort].filter(
    ({ key, object }) => key < from.key || (key === from.key && object < from.object),
  );
  const { next_cursor, page } = cutPage(rest, limit, order, (position) => position);
  const shown = await agentsByNumber(
    db,
    page.map(({ object }) => object),
    now,
  );
  // Who has erased its profile since is nobody to list.
  return { agents: [...shown.values()].filter(({ name }) => name !== null), next_cursor };
}
