// How much there is: counted in steps, so that nobody waits for all of it.
import { setImmediate } from 'node:timers/promises';
import type { StatsView } from '../../protocol/views.ts';
import { isoTime, number, text, textOrNull } from '../cell.ts';
import { type Database, integer, type Value } from '../database.ts';
import { readLogTotals } from './log-totals.ts';
import { OWN_NODE } from './shown-did.ts';

/** Numbers of objects, or agents, looked at in one step. */
const STEP = 5000;

interface Sums {
  submolts: number;
  posts: number;
  comments: number;
  votes: number;
}

const nothing = (): Sums => ({ submolts: 0, posts: 0, comments: 0, votes: 0 });

/** Counts what stands, as of about `now` (ms): what is written meanwhile may be in it or not. */
export async function countStats(db: Database, now: number): Promise<Omit<StatsView, 'method'>> {
  const read = async (sql: string, args: readonly Value[] = []) => {
    const [rows = []] = await db.batch('read', [{ sql, args }]);
    await setImmediate();
    return rows;
  };
  const logs = await read('SELECT submolt, is_home FROM logs');
  const isHome = new Map(logs.map(([submolt, home]) => [submolt, home === 1]));
  const [carried, home] = [nothing(), nothing()];
  const add = (submolt: unknown, sums: Partial<Sums>) => {
    for (const [key, more] of Object.entries(sums) as [keyof Sums, number][]) {
      carried[key] += more;
      if (isHome.get(submolt as number)) home[key] += more;
    }
  };
  for (const [submolt] of await read('SELECT object FROM submolts')) add(submolt, { submolts: 1 });
  const [[top] = [0]] = await read('SELECT coalesce(max(id), 0) FROM objects');
  const agents = new Set<number>();
  for (let from = 0; from < (top as number); from += STEP) {
    const span = [integer(from), integer(from + STEP)];
    for (const row of await read(ITEMS, span)) {
      add(row[0], { posts: number(row, 1), comments: number(row, 2) });
    }
    for (const row of await read(VOTES, span)) add(row[0], { votes: number(row, 1) });
    for (const row of await read(ACTORS, span)) agents.add(number(row, 0));
  }
  const [[last] = [0]] = await read('SELECT coalesce(max(id), 0) FROM agents');
  for (let from = 0; from < (last as number); from += STEP) {
    const span = [integer(from), integer(from + STEP)];
    for (const row of await read(TOLD, span)) agents.add(number(row, 0));
  }
  let keys = 0;
  const numbers = [...agents];
  for (let at = 0; at < numbers.length; at += STEP) {
    for (const row of await read(KEYS, [JSON.stringify(numbers.slice(at, at + STEP))])) {
      keys += keysOf(text(row, 0), textOrNull(row, 1));
    }
  }
  const [[owners] = [0]] = await read(OWNERS, [integer(now)]);
  const totals = await readLogTotals(db);
  const sum = (of: 'logs' | 'entries') => totals.reduce((all, one) => all + one[of], 0);
  return {
    counted_at: isoTime(now),
    ...carried,
    agents: agents.size,
    keys,
    owners: owners as number,
    logs: sum('logs'),
    entries: sum('entries'),
    home,
  };
}

const ITEMS = `SELECT i.submolt, sum(i.parent IS NULL), sum(i.parent IS NOT NULL) FROM items AS i
WHERE i.object > ? AND i.object <= ? AND i.removed = 0 AND i.deleted = 0
  AND NOT EXISTS (SELECT 1 FROM withdrawals WHERE object = i.object) GROUP BY i.submolt`;
const VOTES = `SELECT i.submolt, count(*) FROM votes AS v CROSS JOIN items AS i ON i.object = v.item
WHERE v.item > ? AND v.item <= ? AND v.value <> 0 GROUP BY i.submolt`;
const ACTORS = `SELECT author FROM items WHERE object > ?1 AND object <= ?2
UNION SELECT agent FROM votes WHERE item > ?1 AND item <= ?2
UNION SELECT actor FROM acts WHERE object > ?1 AND object <= ?2
UNION SELECT reporter FROM reports WHERE act > ?1 AND act <= ?2
UNION SELECT owner FROM submolts WHERE object > ?1 AND object <= ?2`;
const TOLD = 'SELECT DISTINCT agent FROM profiles WHERE agent > ? AND agent <= ?';
const KEYS = `SELECT a.did, i.keys FROM json_each(?) AS k CROSS JOIN agents AS a ON a.id = k.value
LEFT JOIN identities AS i ON i.agent = a.id AND i.node = ${OWN_NODE}`;
const OWNERS = `SELECT count(DISTINCT owner) FROM owners WHERE node = ${OWN_NODE} AND ended IS NULL AND until > ?`;

/** Of a DID log those of its last version; a did:key is one, and of a did:web one is known to have signed. */
function keysOf(did: string, stated: string | null): number {
  if (did.startsWith('did:key:') || stated === null) return 1;
  return Math.max(1, (JSON.parse(stated) as unknown[]).length);
}
