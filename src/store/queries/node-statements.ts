// What a node says of its witnesses and its witness key in its own system log, in order.
import type { Add, Remove } from '../../protocol/activity.ts';
import type { Did } from '../../protocol/did.ts';
import type { ObjectName } from '../../protocol/object-name.ts';
import { readActivity } from '../activity-bytes.ts';
import { blob, name, number } from '../cell.ts';
import { type Database, integer } from '../database.ts';

export interface NodeStatement {
  readonly activity: Add | Remove;
  readonly bytes: Uint8Array;
}

/** The node's own statements from entry `from` of its system log; `next` is the size of that log. */
export async function listNodeStatements(
  db: Database,
  node: Did,
  from: number,
): Promise<{ readonly next: number; readonly statements: readonly NodeStatement[] }> {
  const [heads = [], rows = []] = await db.batch('read', [
    { sql: 'SELECT size FROM logs WHERE is_home = 1 AND submolt IS NULL', args: [] },
    {
      // Most of what is added to a system log are DID logs of others; none of them is read to its end.
      sql: `SELECT o.hash, o.bytes FROM entries AS e JOIN objects AS o ON o.id = e.object
WHERE e.log = (SELECT id FROM logs WHERE is_home = 1 AND submolt IS NULL) AND e.idx >= ?
  AND e.kind IN ('Add', 'Remove') AND e.salt IS NOT NULL AND instr(o.bytes, CAST('label#witness' AS BLOB)) > 0
ORDER BY e.idx`,
      args: [integer(from)],
    },
  ]);
  const statements = rows.flatMap((row) => {
    const bytes = blob(row, 1);
    const activity = readActivity(bytes, name(row, 0));
    const own = activity.type === 'Add' || activity.type === 'Remove';
    return own && activity.actor === node ? [{ activity, bytes }] : [];
  });
  return { next: heads[0] === undefined ? 0 : number(heads[0], 0), statements };
}

/** Index of the newest entry of the node's system log that states heads; null if there is none. */
export async function findHeadsEntry(
  db: Database,
  node: Did,
  authority: string,
): Promise<number | null> {
  const [rows = []] = await db.batch('read', [
    {
      // In JCS form nothing that somebody else wrote can look like these two members.
      sql: `SELECT e.idx FROM entries AS e JOIN objects AS o ON o.id = e.object
WHERE e.log = (SELECT id FROM logs WHERE is_home = 1 AND submolt IS NULL) AND e.kind = 'Update' AND e.salt IS NOT NULL
  AND instr(o.bytes, CAST(? AS BLOB)) > 0 AND instr(o.bytes, CAST(? AS BLOB)) > 0
ORDER BY e.idx DESC LIMIT 1`,
      args: [`"actor":${JSON.stringify(node)}`, `"object":{"content":"${authority}/heads\\n`],
    },
  ]);
  return rows[0] === undefined ? null : number(rows[0], 0);
}

/** Acts that have founded submolts by this node's own system log, whose logs are not here. */
export async function listLostFoundings(db: Database): Promise<ObjectName[]> {
  const [rows = []] = await db.batch('read', [
    {
      // Nothing else is created in a system log.
      sql: `SELECT o.hash FROM entries AS e JOIN objects AS o ON o.id = e.object
WHERE e.log = (SELECT id FROM logs WHERE is_home = 1 AND submolt IS NULL) AND e.kind = 'Create'
  AND NOT EXISTS (SELECT 1 FROM logs WHERE submolt = o.id) ORDER BY e.idx`,
      args: [],
    },
  ]);
  return rows.map((row) => name(row, 0));
}
