// Foundings and moves of submolts in the system log of their node.
import { hashOf, type ObjectName } from '../../protocol/object-name.ts';
import { blob, name, number } from '../cell.ts';
import type { Database } from '../database.ts';

const SYSTEM = '(SELECT id FROM logs WHERE is_home = 1 AND submolt IS NULL)';
const UNPLACED = `NOT EXISTS (SELECT 1 FROM entries AS e WHERE e.object = o.id AND e.log = ${SYSTEM})`;

/** The acts that stand in the logs of this node's submolts and not in its system log. A move closes its log. */
export async function listUnplaced(
  db: Database,
): Promise<{ readonly name: ObjectName; readonly bytes: Uint8Array }[]> {
  const [founded = [], moved = []] = await db.batch('read', [
    {
      sql: `SELECT o.hash, o.bytes FROM logs AS l JOIN objects AS o ON o.id = l.submolt
WHERE l.is_home = 1 AND o.bytes IS NOT NULL AND ${UNPLACED} ORDER BY l.id`,
      args: [],
    },
    {
      sql: `SELECT o.hash, o.bytes FROM logs AS l JOIN entries AS m ON m.log = l.id AND m.idx = l.size - 1 AND m.kind = 'Move'
JOIN objects AS o ON o.id = m.object
WHERE l.is_home = 1 AND o.bytes IS NOT NULL AND ${UNPLACED} ORDER BY l.id`,
      args: [],
    },
  ]);
  return [...founded, ...moved].map((row) => ({ name: name(row, 0), bytes: blob(row, 1) }));
}

/** Index of an act in this node's system log; null where it does not stand there. */
export async function findPlacement(db: Database, act: ObjectName): Promise<number | null> {
  const [rows = []] = await db.batch('read', [
    {
      sql: `SELECT e.idx FROM objects AS o JOIN entries AS e ON e.object = o.id AND e.log = ${SYSTEM} WHERE o.hash = ?`,
      args: [hashOf(act)],
    },
  ]);
  return rows[0] === undefined ? null : number(rows[0], 0);
}
