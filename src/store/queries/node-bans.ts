// Bans from this node as its operator sees them.
import type { Block } from '../../protocol/activity.ts';
import { type Did, subjectOf } from '../../protocol/did.ts';
import type { ObjectName } from '../../protocol/object-name.ts';
import type { NodeBanView } from '../../protocol/views.ts';
import { readActivity } from '../activity-bytes.ts';
import { blob, did, isoTime, name, number, numberOrNull } from '../cell.ts';
import { type Database, integer } from '../database.ts';
import { OWN_NODE, shownDid } from './shown-did.ts';

/** Those on record, the newest first: of one agent, or of all. One that has ended by itself stays on record until it is lifted. */
export async function listNodeBans(
  db: Database,
  agent: Did | null,
  limit: number,
): Promise<NodeBanView[]> {
  const [rows = []] = await db.batch('read', [
    {
      sql: `SELECT ${shownDid('a')}, o.hash, o.bytes, e.t, b.until FROM node_bans AS b
JOIN agents AS a ON a.id = b.agent JOIN objects AS o ON o.id = b.act
JOIN entries AS e ON e.object = o.id AND e.log = (SELECT id FROM logs WHERE is_home = 1 AND submolt IS NULL)
WHERE b.node = ${OWN_NODE} AND b.act IS NOT NULL AND (?1 IS NULL OR a.did = ?1) ORDER BY b.act DESC LIMIT ?2`,
      args: [agent === null ? null : subjectOf(agent), integer(limit)],
    },
  ]);
  return rows.map((row) => {
    const act: ObjectName = name(row, 1);
    const { summary = null } = readActivity(blob(row, 2), act) as Block;
    const until = numberOrNull(row, 4);
    return {
      did: did(row, 0),
      act,
      since: isoTime(number(row, 3)),
      until: until === null ? null : isoTime(until),
      note: summary,
    };
  });
}
