// How many logs there are and how much is in them, by what they are to this node.
import { number, text } from '../cell.ts';
import type { Database } from '../database.ts';

/** `system`: the node's own; `home`: submolts that it decides for; `replica`: logs of other nodes. */
type LogKind = 'system' | 'home' | 'replica';

export interface LogTotals {
  readonly kind: LogKind;
  readonly logs: number;
  readonly entries: number;
}

const KINDS: readonly LogKind[] = ['system', 'home', 'replica'];

/** One line for each kind, also for those of which there is none. */
export async function readLogTotals(db: Database): Promise<LogTotals[]> {
  const sql = `SELECT CASE WHEN is_home = 0 THEN 'replica' WHEN submolt IS NULL THEN 'system' ELSE 'home' END AS kind,
  count(*), sum(size) FROM logs GROUP BY kind`;
  const [rows = []] = await db.batch('read', [{ sql, args: [] }]);
  return KINDS.map((kind) => {
    const row = rows.find((found) => text(found, 0) === kind);
    return { kind, logs: row ? number(row, 1) : 0, entries: row ? number(row, 2) : 0 };
  });
}
